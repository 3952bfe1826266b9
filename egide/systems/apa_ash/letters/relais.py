"""What the letters about the relay of a carer in hospital say (CASF L. 232-3-3, D. 232-9-2)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

from egide.kernel.notation import taux
from egide.systems.apa_ash.letters.elements import Motif, written


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRelais:
    """The plan is increased while the carer is in hospital (CASF L. 232-3-3, D. 232-9-2)."""

    gabarit: ClassVar[str] = "decision_relais"
    titre: ClassVar[str] = "Décision : votre plan d’aide est augmenté"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    entree_on: date
    sortie_on: date | None
    objet: str
    intervenant: str
    cout: Decimal
    plafond: Decimal
    retenu: Decimal
    taux: Decimal = field(metadata=written(taux))
    participation: Decimal
    a_charge: Decimal
    verse: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusRelais:
    """The plan is not increased while the carer is in hospital."""

    gabarit: ClassVar[str] = "refus_relais"
    titre: ClassVar[str] = "Décision : votre plan d’aide n’est pas augmenté"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    entree_on: date
    motifs: tuple[Motif, ...]
