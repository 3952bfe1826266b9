"""Take back what was paid in excess, within the limits of the law (CASF L. 232-25, D. 232-31)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from egide.rules.apa.montants import seuil_versement
from egide.rules.money import CENTIME, CENTIMES_PAR_EURO
from egide.rules.parameters import Bareme, load_parametres

RECOUVREMENT = load_parametres(Path(__file__).with_name("recouvrement.yaml"))


def retenue_maximale(montant: Decimal, *, on: date) -> Decimal:
    """Give what may be withheld from one payment: 20 %, parts of a cent left to the person."""
    exact = Fraction(Bareme(on, RECOUVREMENT)["taux_retenue"]) * Fraction(montant)
    return int(exact * CENTIMES_PAR_EURO) * CENTIME


def share_retenue(reste: Decimal, *, montants: Sequence[Decimal], on: date) -> list[Decimal]:
    """Withhold a debt from the payments of one run, in their order, none beyond its own limit."""
    retenues = []
    for montant in montants:
        retenue = min(reste, retenue_maximale(montant, on=on))
        retenues.append(retenue)
        reste -= retenue
    return retenues


def prescription_on(*, verse_on: date, constate_on: date, fraude: bool) -> date:
    """Give the day on which recovery is barred.

    Two years from the payment; with fraud, five from its discovery (CASF L. 232-25).
    """
    bareme = Bareme(constate_on, RECOUVREMENT)
    nom = "prescription_fraude_annees" if fraude else "prescription_annees"
    start = constate_on if fraude else verse_on
    return _add_years(start, int(bareme[nom]))


def is_recoverable(total: Decimal, *, on: date) -> bool:
    """Tell whether a total is above the threshold of three hourly SMIC (CASF D. 232-31)."""
    return total > seuil_versement(on)


def _add_years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
