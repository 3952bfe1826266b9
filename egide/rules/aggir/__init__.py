"""AGGIR: from what a person does alone to the groupe iso-ressources (CASF R. 232-3)."""

from egide.rules.aggir.adverbes import ENTREES, from_adverbes, modalite
from egide.rules.aggir.algorithme import (
    ILLUSTRATIVES,
    MODALITES,
    VARIABLES,
    ModaliteRefusee,
    ResultatAggir,
    evaluate,
    read_illustratives,
)

__all__ = [
    "ENTREES",
    "ILLUSTRATIVES",
    "MODALITES",
    "VARIABLES",
    "ModaliteRefusee",
    "ResultatAggir",
    "evaluate",
    "from_adverbes",
    "modalite",
    "read_illustratives",
]
