"""What the letters of an undue payment say: claim, remission, withdrawal (CASF L. 232-25)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

from egide.kernel.notation import taux
from egide.systems.apa_ash.letters.elements import Motif, written


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodeIndu:
    """The days of one right in a month, its monthly allowance and what they give to all payees."""

    jours: str
    dus: str
    apa: Decimal
    du: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DroitIndu:
    """What the rights of a month give, whatever was delivered; no period where none covers it."""

    periodes: tuple[PeriodeIndu, ...]
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MoisIndu:
    """What was paid for one month, what was due and on which figures (CRPA L. 211-5)."""

    mois: str
    verse: Decimal
    prevu: str
    realise: str
    # None when no plan provides for the payee.
    utilise: Decimal | None
    taux: Decimal | None = field(metadata=written(taux))
    du: Decimal
    ecart: Decimal
    # What is told instead of hours when the month was paid beyond its right.
    droit: DroitIndu | None = None
    precisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Indu:
    """Amounts paid without right are to be recovered (CASF L. 232-25, D. 232-31)."""

    gabarit: ClassVar[str] = "indu"
    titre: ClassVar[str] = "Décision : somme versée à tort à rembourser"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    debiteur: str = "personne"  # or "service", or "succession"
    deces_on: date | None = None
    notaire: bool = False  # who answers for the succession is its notary
    apres_deces: bool = False  # nothing is claimed but what follows the death
    hors_droit: str = ""  # "tout" or "partie" of what is claimed was paid beyond the right
    decision_du_droit: bool = False  # a decision ended, lowered or stopped that right
    motifs: tuple[Motif, ...]
    mois: tuple[MoisIndu, ...]
    montant: Decimal
    retenue_mensuelle: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRemise:
    """The remission of a debt is granted, whole or in part, or refused (CASF L. 232-25)."""

    gabarit: ClassVar[str] = "decision_remise"
    titre: ClassVar[str] = "Décision : remise d’une somme versée à tort"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    decision: str  # "totale", "partielle" or "refus"
    demandee_on: date | None  # none when the département proposed it
    debiteur: str
    mois: str
    motifs: tuple[Motif, ...]
    dette: Decimal
    rendu: Decimal
    remis_avant: Decimal
    remise: Decimal
    reste: Decimal
    retenue_mensuelle: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetraitIndu:
    """A debt turns out not to be owed, whole or in part, or is upheld (CASF L. 134-2)."""

    gabarit: ClassVar[str] = "retrait_indu"
    titre: ClassVar[str] = "Décision : somme réclamée, calculée à nouveau"

    decidee_on: date
    decision: str  # "total", "partiel" or "refus"
    recours_on: date | None  # none when the département found its mistake
    debiteur: str
    mois: str
    motifs: tuple[Motif, ...]
    dette: Decimal
    retrait: Decimal
    du: Decimal
    rendu: Decimal
    remis: Decimal
    a_rendre: Decimal | None  # none when nothing is
    reste: Decimal | None
    retenue_mensuelle: Decimal | None = None

    @property
    def recours(self) -> str:
        """Give the next remedy: the judge alone, once the appeal was answered (CASF L. 134-2)."""
        return "apres_recours" if self.recours_on else "decision"
