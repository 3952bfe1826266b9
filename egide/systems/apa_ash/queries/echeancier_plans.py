"""What the plan behind each right asks of each beneficiary, for the files of a run."""

from collections import defaultdict
from collections.abc import Set
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from egide.rules.apa.effectivite import Prevu
from egide.rules.apa.versement import Periode
from egide.systems.apa_ash.calculs.parts_du_mois import TO_THE_PERSON, Beneficiaire, Droit
from egide.systems.apa_ash.policy import LIGNES_PLAN
from egide.systems.apa_ash.queries.echeancier_lots import Scope
from egide.systems.apa_ash.queries.plan_du_droit import (
    LINE,
    PlanDecide,
    agreements,
    gather_prevus,
    plan_behind,
)

RIGHT = (
    "id",
    "dossier_id",
    "periode",
    "apa",
    "taux_participation",
    "decision_id",
    "forfait",
)
"""The columns of a right that a run needs."""


class Plans:
    """What each plan asks of each beneficiary; a service is paid only where the plan says so."""

    def __init__(self, scope: Scope, *, dossiers: QuerySet[Any, Any]) -> None:
        """Read the decisions of these files that have a plan, then the lines of these plans."""
        decisions = agreements(scope.passage).filter(
            service_id=scope.service_id, dossier_id__in=dossiers
        )
        self._decides: dict[UUID, list[PlanDecide]] = defaultdict(list)
        for row in decisions.order_by("effet_on", "pk").values(
            "id", "dossier_id", "plan_id", "effet_on"
        ):
            decide = PlanDecide(row["id"], row["effet_on"], row["plan_id"])
            self._decides[row["dossier_id"]].append(decide)
        lines = LIGNES_PLAN.rows(scope.passage).filter(plan_id__in=decisions.values("plan_id"))
        self._by_plan = gather_prevus(lines.order_by("plan_id", "prestataire_id").values(*LINE))

    @property
    def dossiers(self) -> Set[UUID]:
        """Give the files whose plans were read."""
        return self._decides.keys()

    def droit(self, row: dict[str, Any]) -> Droit:
        """Give a right with what its plan asks: a revaluation keeps the plan decided before it."""
        return Droit(
            row["id"],
            Periode(row["periode"].lower, row["periode"].upper),
            row["apa"],
            self._of(row),
            row["taux_participation"],
        )

    def _of(self, droit: dict[str, Any]) -> dict[Beneficiaire, Prevu]:
        if droit["forfait"]:
            return dict(TO_THE_PERSON)
        plan = plan_behind(
            self._decides.get(droit["dossier_id"], ()),
            decision_id=droit["decision_id"],
            on=droit["periode"].lower,
        )
        found = self._by_plan.get(plan) if plan else None
        return found or dict(TO_THE_PERSON)
