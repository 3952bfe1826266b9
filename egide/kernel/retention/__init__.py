"""How long each model is kept: declarations, the day of each file, and destruction."""
