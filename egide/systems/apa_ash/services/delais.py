"""The days that the law sets for a file, counted from the day it was complete."""

from datetime import date

from egide.kernel.access.passage import Passage
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.policy import DEMANDES


def completed_on(passage: Passage, dossier: Dossier) -> date | None:
    """Give the day when the last request of a file was complete, if it is."""
    rows = DEMANDES.rows(passage).filter(dossier=dossier)
    demande = rows.order_by("-recue_on", "-pk").first()
    return demande.complete_on if demande else None


def proposition_due_on(complete_on: date | None, *, fallback: date) -> date:
    """Give the day by which the plan must be proposed (CASF R. 232-7, II).

    A review that nobody asked for has no such day: `fallback` then stands for it.
    """
    return echeance("proposition_plan", complete_on or fallback)


def decision_due_on(complete_on: date | None, *, fallback: date) -> date:
    """Give the day by which the decision must be notified (CASF L. 232-14)."""
    return echeance("decision", complete_on or fallback)


def latest(*days: date) -> date:
    """Give the last of some days: a contact never makes the file older."""
    return max(days)
