"""What one payee was paid for a month and does not keep: what the lists of claims tell alike."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from egide.systems.apa_ash.calculs.effectivite import PartMois
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import Dossier


@dataclass(frozen=True, slots=True)
class Trop(ABC):
    """One payee and one month of a file, compared as the page of the file compares them."""

    dossier: Dossier
    prestataire_id: Beneficiaire
    payee: str
    mois: date
    part: PartMois

    @property
    @abstractmethod
    def reste(self) -> Decimal:
        """Give what is left to claim."""

    @property
    def verse(self) -> Decimal:
        """Give what was paid for the month."""
        return self.part.verse

    @property
    def verse_on(self) -> date:
        """Give the day of the last payment, from which time runs (CASF L. 232-25)."""
        return self.part.verse_on

    @property
    def constate(self) -> Decimal:
        """Give what is already recorded as an excess of the month."""
        return self.part.constate

    @property
    def du(self) -> Decimal:
        """Give what the right leaves to the payee, whatever was delivered."""
        return self.verse - self.constate - self.reste
