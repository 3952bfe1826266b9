"""The rights of a file in the making, and the decisions that open, change or end them."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from egide.rules.apa.delais import add_months
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.forfait import FeuilleForfait
from egide.rules.apa.versement import Interruption
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.plans import DrawnPlan
from egide.systems.apa_ash.demo.world import File
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.purposes import Role

SIGNED = frozenset(
    {
        NatureDecision.ACCORD,
        NatureDecision.REJET,
        NatureDecision.URGENCE,
        NatureDecision.RELAIS,
        NatureDecision.REFUS_RELAIS,
        NatureDecision.SUSPENSION,
        NatureDecision.FIN,
        NatureDecision.MAINTIEN,
    }
)


@dataclass(slots=True)
class Rights:
    """The rights of a file, oldest first, and what stops their payment."""

    file: File
    droits: list[m.Droit] = field(default_factory=list)
    decisions: list[m.Decision] = field(default_factory=list)
    # The plan that each right pays.
    plans: dict[UUID, DrawnPlan] = field(default_factory=dict)
    interruptions: list[Interruption] = field(default_factory=list)
    deces_on: date | None = None
    # A month that could only be paid once an act had been taken, later than its own run.
    known_on: dict[date, date] = field(default_factory=dict)

    @property
    def droit(self) -> m.Droit | None:
        """Give the last right."""
        return self.droits[-1] if self.droits else None

    def droit_of(self, month: date) -> m.Droit | None:
        """Give the last right that covers a day of a month."""
        following = add_months(month, months=1)
        return next(
            (
                droit
                for droit in reversed(self.droits)
                if droit.periode.lower < following
                and (droit.periode.upper is None or droit.periode.upper > month)
            ),
            None,
        )


def author_of(nature: NatureDecision) -> Role:
    """Give who takes a decision: what opens, refuses or stops an aid is signed by delegation."""
    return Role.RESPONSABLE if nature in SIGNED else Role.INSTRUCTEUR


def take_decision(
    rights: Rights,
    nature: NatureDecision,
    *,
    on: date,
    effet_on: date | None = None,
    motif: str = "",
    feuille: FeuilleDeCalcul | FeuilleForfait | None = None,
    plan: DrawnPlan | None = None,
    role: Role | None = None,
) -> m.Decision:
    """Take a decision of an agent of the service, and notify it the same day.

    `role` says who records a fact that nobody signs.
    """
    file = rights.file
    decision = m.Decision(
        id=file.world.chance.uuid(),
        **file.keys,
        plan_id=plan.plan.pk if plan else None,
        nature=nature,
        prise_on=on,
        notifiee_on=on,
        effet_on=effet_on or on,
        motif=motif,
        feuille=feuille.as_json() if feuille else None,
        prise_par_id=file.world.team.of(file.service, role=role or author_of(nature)).pk,
    )
    file.world.rows.add(decision)
    rights.decisions.append(decision)
    return decision
