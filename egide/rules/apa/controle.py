"""What makes a file worth a control: how far below its plan, or above it (CASF R. 232-17)."""

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


def facteur_heures_excessives(on: date) -> Decimal:
    """Give how many times the planned hours a report may reach before it is looked at."""
    return Bareme(on, PARAMETRES)["facteur_heures_excessives"]


def sous_consommation(on: date) -> SousConsommation:
    """Give the measure in force on a day."""
    bareme = Bareme(on, PARAMETRES)
    return SousConsommation(int(bareme["mois_sous_consommes"]), bareme["part_sous_consommee"])
