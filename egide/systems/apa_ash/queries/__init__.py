"""Reads that a screen or an act needs: a constant number of statements, through policies only."""
