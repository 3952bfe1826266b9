"""Aide sociale à l'hébergement of older persons (CASF L. 113-1, L. 132-1 and following)."""
