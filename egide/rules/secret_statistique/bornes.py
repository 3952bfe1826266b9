"""The bounds of what the engine takes, and the notation of its arithmetic."""

DIMENSIONS_MAX = 4
# Largest value of a cell, in units: sums and products of proofs stay exact below it.
VALEUR_MAX = 10**12
# Largest denominator with which a vertex of the attacker's polyhedron is made whole.
DENOMINATEUR_MAX = 10**6
# Work that tells how far it is, and how often.
GRAND_TABLEAU = 10_000
PAS = 100
