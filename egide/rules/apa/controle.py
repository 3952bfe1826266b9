"""What makes a file worth a control: how long, and how far below its plan (CASF R. 232-17)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from egide.rules.parameters import Bareme, load_parametres

PARAMETRES = load_parametres(Path(__file__).with_name("controle.yaml"))


@dataclass(frozen=True, slots=True)
class SousConsommation:
    """Months in a row whose delivered hours are all below a part of the planned ones."""

    mois: int
    part: Decimal


def sous_consommation(on: date) -> SousConsommation:
    """Give the measure in force on a day."""
    bareme = Bareme(on, PARAMETRES)
    return SousConsommation(int(bareme["mois_sous_consommes"]), bareme["part_sous_consommee"])
