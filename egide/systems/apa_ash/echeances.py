"""The delays that run from a request, each with the text that sets it: days in, days out."""

from calendar import monthrange
from datetime import date, timedelta

ACCUSE_JOURS = 10  # CASF R. 232-23
PROPOSITION_JOURS = 30  # CASF R. 232-7, II
DECISION_MOIS = 2  # CASF L. 232-14
# No text gives the person a delay for missing pieces: the file comes back to the worklist after one
# month, so that nobody is forgotten.
RELANCE_PIECES_MOIS = 1


def add_months(day: date, *, months: int) -> date:
    """Give the same day some months later, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def accuse_avant(recue_on: date) -> date:
    """Give the last day to acknowledge a request or to ask for what is missing."""
    return recue_on + timedelta(days=ACCUSE_JOURS)


def proposition_avant(complete_on: date) -> date:
    """Give the last day to propose a plan; the visit comes before."""
    return complete_on + timedelta(days=PROPOSITION_JOURS)


def decision_avant(complete_on: date) -> date:
    """Give the last day to notify the decision, before the lump sum is due without one."""
    return add_months(complete_on, months=DECISION_MOIS)


def relance_pieces(on: date) -> date:
    """Give the day on which missing pieces come back to the worklist."""
    return add_months(on, months=RELANCE_PIECES_MOIS)
