"""The lump sum at home, tacit or urgent, with its lines (CASF L. 232-12, L. 232-14, R. 232-29)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from egide.rules.apa.feuille import Ligne
from egide.rules.apa.montants import (
    DOMICILE,
    forfait_domicile,
    is_provisional,
    montant_s,
    plafond_mensuel,
)
from egide.rules.money import format_euros, format_exact, format_taux
from egide.rules.parameters import Bareme

GIR_DE_REFERENCE = 1
KIND = "forfait"


@dataclass(frozen=True, slots=True)
class FeuilleForfait:
    """The computation of one lump sum, to show, to print and to keep."""

    on: date
    s: Decimal
    coefficient: Decimal
    plafond: Decimal
    part: Decimal
    montant: Decimal
    provisoire: bool

    def lines(self) -> tuple[Ligne, ...]:
        """Give the rows of the feuille in French."""
        return (
            Ligne(
                "Plafond du GIR\u00a01",
                f"{format_exact(self.coefficient)} × S ({format_euros(self.s)})",
                format_euros(self.plafond),
                "CASF R. 232-10",
            ),
            Ligne(
                "Montant forfaitaire mensuel",
                f"{format_taux(self.part, places=0)} du plafond du GIR\u00a01 "
                f"({format_euros(self.plafond)})",
                format_euros(self.montant),
                "CASF R. 232-29",
            ),
        )

    def as_json(self) -> dict[str, Any]:
        """Give the feuille as plain values, exact, to store with the act."""
        return {
            "nature": KIND,
            "on": self.on.isoformat(),
            "s": str(self.s),
            "coefficient": str(self.coefficient),
            "plafond": str(self.plafond),
            "part": str(self.part),
            "montant": str(self.montant),
            "provisoire": self.provisoire,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "FeuilleForfait":
        """Read a feuille as it was stored, without computing anything again."""
        names = ("s", "coefficient", "plafond", "part", "montant")
        amounts = {name: Decimal(stored[name]) for name in names}
        return cls(
            on=date.fromisoformat(stored["on"]), provisoire=bool(stored["provisoire"]), **amounts
        )


def compute_forfait(on: date) -> FeuilleForfait:
    """Compute the monthly lump sum of a day."""
    return FeuilleForfait(
        on=on,
        s=montant_s(on).valeur,
        coefficient=Bareme(on, DOMICILE)[f"plafond_gir_{GIR_DE_REFERENCE}"],
        plafond=plafond_mensuel(on, gir=GIR_DE_REFERENCE),
        part=Bareme(on, DOMICILE)["part_forfait"],
        montant=forfait_domicile(on),
        provisoire=is_provisional(on),
    )
