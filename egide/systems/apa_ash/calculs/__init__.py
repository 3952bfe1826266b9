"""What a system computes from what it was given: no database, no clock, no Django."""
