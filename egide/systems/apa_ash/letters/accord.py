"""What the letter of an agreement says: a first grant, or a revision of a right that went on."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

from egide.kernel.notation import taux
from egide.systems.apa_ash.letters.elements import Plan, Versement, written


@dataclass(frozen=True, slots=True, kw_only=True)
class EtatDroit:
    """What a right gives in a month, on one side of a revision."""

    gir: int
    ressources: Decimal
    plan: Decimal
    plafond: Decimal
    retenu: Decimal
    taux: Decimal = field(metadata=written(taux))
    participation: Decimal
    apa: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A right before and after, with what changed between them (CASF R. 232-28)."""

    avant: EtatDroit
    apres: EtatDroit
    changements: tuple[str, ...]
    en_baisse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionAccord:
    """The allowance is granted or revised: what the person keeps (CASF R. 232-27, R. 232-28)."""

    gabarit: ClassVar[str] = "decision_accord"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    gir: int
    effet_on: date
    premier_paiement_on: date
    revision_on: date
    verse_a: str
    versements: tuple[Versement, ...]
    plan: Plan
    refus_prestataire_on: date | None = None  # what direct employment rests on (CASF R. 232-13)
    motif_effet: str = ""  # why the right opens later than its notification, or before it
    rappel_mensuel: Decimal | None = (
        None  # what an event of life adds to each month since (R. 232-6)
    )
    revision: Revision | None = None  # a right went on before
    fin_on: date | None = None  # the last day of a right whose end is signed
    suspendu_on: date | None = None  # nothing is paid from this day, before the payment resumes
    deja_verse: bool = False  # a lower right: more was paid already than it leaves due

    @property
    def titre(self) -> str:
        """Grant nothing anew to whoever keeps a right."""
        if self.revision is None:
            return "Décision : l’APA vous est accordée"
        return "Décision : votre APA est révisée"
