"""How far a decision may look ahead: practices that no text fixes, dated beside this module."""

from datetime import date
from pathlib import Path

from egide.rules.apa.delais import add_months
from egide.rules.parameters import Bareme, load_parametres

USAGES = load_parametres(Path(__file__).with_name("decision.yaml"))


def effet_au_plus_tard(notifiee_on: date) -> date:
    """Give the last day on which a right may open after its notification."""
    return _later(notifiee_on, usage="effet_le_plus_tardif")


def revision_proposee(effet_on: date) -> date:
    """Give the day of periodic revision that is proposed to who decides (CASF R. 232-28)."""
    return _later(effet_on, usage="revision_periodique")


def revision_au_plus_tard(effet_on: date) -> date:
    """Give the last day on which a periodic revision may be set."""
    return _later(effet_on, usage="revision_la_plus_tardive")


def _later(day: date, *, usage: str) -> date:
    return add_months(day, months=int(Bareme(day, USAGES)[usage]))
