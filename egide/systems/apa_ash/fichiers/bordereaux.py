"""The slip of a service: for whom, for which months and for how much a run paid it."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from egide.systems.apa_ash.fichiers.virements import FORMULE

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


@dataclass(frozen=True, slots=True)
class LigneBordereau:
    """One amount that a service is paid, for one person and one month or invoice."""

    dossier: str
    personne: str
    mois: date
    facture: str
    heures: Decimal | None
    montant_brut: Decimal
    retenue: Decimal

    @property
    def montant(self) -> Decimal:
        """Give what is really transferred."""
        return self.montant_brut - self.retenue


def write_bordereau(lignes: Iterable[LigneBordereau]) -> bytes:
    """Write one row per amount and their total: UTF-8 with its mark, semicolons, a dot."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    rows.writerow(COLONNES)
    total = Decimal(0)
    for ligne in lignes:
        total += ligne.montant
        rows.writerow(
            [
                ligne.dossier,
                _plain(ligne.personne),
                f"{ligne.mois:%Y-%m}",
                _plain(f"facture {ligne.facture}") if ligne.facture else "mensuel",
                "" if ligne.heures is None else f"{ligne.heures:.2f}",
                f"{ligne.montant_brut:.2f}",
                f"{ligne.retenue:.2f}",
                f"{ligne.montant:.2f}",
            ]
        )
    rows.writerow(["total", "", "", "", "", "", "", f"{total:.2f}"])
    return text.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{text}" if text.startswith(FORMULE) else text
