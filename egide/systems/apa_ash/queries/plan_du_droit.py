"""The plan behind a right, the one it was decided with or the last one before, and what it asks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from egide.kernel.access.passage import Passage
from egide.rules.apa.effectivite import Prevu
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import Decision
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.plan import ModeAide, Unite
from egide.systems.apa_ash.policy import DECISIONS


class PlanDecide(NamedTuple):
    """A decision that has a plan."""

    decision_id: UUID
    effet_on: date
    plan_id: UUID | None


def agreements(passage: Passage) -> QuerySet[Decision, Decision]:
    """Select the agreements upon a plan: nothing else says what a right pays."""
    return DECISIONS.rows(passage).filter(nature=NatureDecision.ACCORD, plan__isnull=False)


LINE = (
    "dossier_id",
    "plan_id",
    "mode",
    "prestataire_id",
    "unite",
    "volume_mensuel",
    "montant_mensuel",
)
"""The columns of a line of plan that say what it asks, and of whom."""


def gather_prevus(
    lines: Iterable[Mapping[str, Any]],
) -> dict[UUID, dict[Beneficiaire, Prevu]]:
    """Add what the lines of each plan ask of each service; the person's own aids are under None."""
    found: dict[UUID, dict[Beneficiaire, Prevu]] = defaultdict(dict)
    for line in lines:
        who = line["prestataire_id"] if line["mode"] == ModeAide.PRESTATAIRE else None
        asked = found[line["plan_id"]]
        asked[who] = asked.get(who, Prevu()).plus(
            line["montant_mensuel"],
            heures=line["volume_mensuel"] if line["unite"] == Unite.HEURE else None,
        )
    return found


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
