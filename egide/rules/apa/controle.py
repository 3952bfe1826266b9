"""What an agent looks at: habits that no text fixes, dated as if one did (CASF R. 232-17)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from egide.rules.parameters import Bareme, load_parametres

PARAMETRES = load_parametres(Path(__file__).with_name("controle.yaml"))


@dataclass(frozen=True, slots=True)
class SousConsommation:
    """Months in a row whose delivered hours are all below a part of the planned ones."""

    mois: int
    part: Decimal


def facteur_releves_excessifs(on: date) -> Decimal:
    """Give how many times the planned hours, or amount, a report may reach unremarked."""
    return Bareme(on, PARAMETRES)["facteur_releves_excessifs"]


def sous_consommation(on: date) -> SousConsommation:
    """Give the measure in force on a day."""
    bareme = Bareme(on, PARAMETRES)
    return SousConsommation(int(bareme["mois_sous_consommes"]), bareme["part_sous_consommee"])


@dataclass(frozen=True, slots=True)
class Vigilance:
    """What makes a payment unusual: months called back or without hours, a rise, hours."""

    mois_de_rappel: int
    mois_sans_heures: int
    hausse: Fraction
    releves: Decimal


@cache
def vigilance(mois: date) -> Vigilance:
    """Give the thresholds in force for the run of a month; each is usual up to its figure."""
    bareme = Bareme(mois, PARAMETRES)
    return Vigilance(
        int(bareme["mois_de_rappel_usuels"]),
        int(bareme["mois_sans_heures"]),
        Fraction(bareme["hausse_a_regarder"]),
        bareme["facteur_releves_excessifs"],
    )


def jours_pour_accuser(on: date) -> int:
    """Give how many days after its receipt a request is acknowledged, as usual."""
    return int(Bareme(on, PARAMETRES)["jours_pour_accuser"])


def jours_avant_revision(on: date) -> int:
    """Give how many days ahead a revision is begun, that day included."""
    return int(Bareme(on, PARAMETRES)["jours_avant_revision"])


def jours_pour_noter_un_depot(on: date) -> int:
    """Give how many days before it is said a posting still counts from its own day."""
    return int(Bareme(on, PARAMETRES)["jours_pour_noter_un_depot"])


def jours_pour_executer(on: date) -> int:
    """Give how many days after it is issued a transfer is executed at the latest."""
    return int(Bareme(on, PARAMETRES)["jours_pour_executer"])
