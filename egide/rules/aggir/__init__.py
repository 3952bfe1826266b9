"""AGGIR: from what a person does alone to the groupe iso-ressources (CASF R. 232-3)."""

from egide.rules.aggir.adverbes import ENTREES, from_adverbes, modalite
from egide.rules.aggir.algorithme import (
    MODALITES,
    VARIABLES,
    ModaliteRefusee,
    ResultatAggir,
    evaluate,
)

__all__ = [
    "ENTREES",
    "MODALITES",
    "VARIABLES",
    "ModaliteRefusee",
    "ResultatAggir",
    "evaluate",
    "from_adverbes",
    "modalite",
]
