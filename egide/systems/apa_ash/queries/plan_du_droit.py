"""Find the plan behind a right: the one it was decided with, or the last one decided before."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Decision
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DECISIONS


class PlanDecide(NamedTuple):
    """A decision that has a plan."""

    decision_id: UUID
    effet_on: date
    plan_id: UUID | None


def agreements(passage: Passage) -> QuerySet[Decision, Decision]:
    """Select the agreements upon a plan: nothing else says what a right pays."""
    return DECISIONS.rows(passage).filter(nature=NatureDecision.ACCORD, plan__isnull=False)


def plan_behind(decides: Iterable[PlanDecide], *, decision_id: UUID, on: date) -> UUID | None:
    """Give the plan of the decision that opened a right, or the last one in force on a day.

    A revaluation decides no plan: it keeps the one before it. Decisions come by day of effect.
    """
    found = None
    for decide in decides:
        if decide.decision_id == decision_id:
            return decide.plan_id
        if decide.effet_on <= on:
            found = decide.plan_id
    return found


def plan_in_force(passage: Passage, *, dossier: str, **until: object) -> Subquery:
    """Select, for each outer row, the last plan decided for its file with effect by a day."""
    decided = agreements(passage).filter(dossier_id=OuterRef(dossier), **until)
    return Subquery(decided.order_by("-effet_on", "-pk").values("plan_id")[:1])
