"""The bounds of what the engine takes, and the notation of its arithmetic."""

DIMENSIONS_MAX = 4
# Largest value of a cell, in units: sums and products of proofs stay exact below it.
VALEUR_MAX = 10**12
# Denominators under which a vertex of the attacker's polyhedron is looked for.
DENOMINATEURS = (1, 2, 12, 27_720)
# Work that tells how far it is, and how often.
GRAND_TABLEAU = 10_000
PAS = 100
