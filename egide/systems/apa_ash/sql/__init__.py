"""Invariants of the APA that PostgreSQL itself keeps, compiled with the declarations."""
