"""The slip of a service: for whom, for which months and for how much a run paid it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from egide.systems.apa_ash.fichiers.tableur import Cell, write_table

COLONNES = (
    "dossier",
    "personne",
    "mois",
    "nature",
    "heures_declarees",
    "montant_brut",
    "retenue",
    "montant",
)
RAPPEL = "rappel, à rendre à la personne si elle l’a réglé"


@dataclass(frozen=True, slots=True)
class LigneBordereau:
    """One amount that a service is paid, for one person and one month or invoice."""

    dossier: str
    personne: str
    mois: date
    facture: str
    rappel: bool  # the month was paid already: the person may have been asked what comes now
    heures: Decimal | None
    montant_brut: Decimal
    retenue: Decimal

    @property
    def montant(self) -> Decimal:
        """Give what is really transferred."""
        return self.montant_brut - self.retenue

    @property
    def nature(self) -> str:
        """Say what is paid, and to whom the service owes it when the person advanced it."""
        if self.facture:
            return f"facture {self.facture}"
        return RAPPEL if self.rappel else "mensuel"


def write_bordereau(lignes: Iterable[LigneBordereau]) -> bytes:
    """Write one row per amount and their total, for a spreadsheet."""
    rows: list[list[Cell]] = []
    total = Decimal(0)
    for ligne in lignes:
        total += ligne.montant
        rows.append(
            [
                ligne.dossier,
                ligne.personne,
                f"{ligne.mois:%Y-%m}",
                ligne.nature,
                ligne.heures,
                ligne.montant_brut,
                ligne.retenue,
                ligne.montant,
            ]
        )
    rows.append(["total", *[None] * 6, total])
    return write_table(COLONNES, rows)
