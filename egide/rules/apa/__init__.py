"""Allocation personnalisée d'autonomie (CASF L. 232-1 and following): the law as arithmetic."""
