"""The five systems: siblings of the same shape, strangers to one another."""
