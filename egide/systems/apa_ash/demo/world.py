"""What the files of the demonstration share, and a file in the making."""

from dataclasses import dataclass, field
from datetime import date

from egide.kernel.access.models import Service
from egide.rules.age import age_on
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.cases import Case, Stage
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.grids import Grid
from egide.systems.apa_ash.demo.people import Person
from egide.systems.apa_ash.demo.plans import DrawnPlan
from egide.systems.apa_ash.demo.rows import Rows
from egide.systems.apa_ash.demo.team import Team
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance


@dataclass(slots=True)
class World:
    """What all files share: the day, the team, the grids, and the rows being prepared."""

    on: date
    chance: Chance
    # The past draws from its own source: what it invents moves nothing of the present.
    past: Chance
    team: Team
    grids: dict[int, list[Grid]]
    # A day later than this one rests on figures that nobody has verified yet.
    anchor: date
    # The first month that this département paid here: no right is older.
    debut_on: date
    rows: Rows = field(default_factory=Rows)
    incomplete: int = 0
    passed_on: int = 0
    contested: int = 0
    calm: int = 0
    numbers: dict[int, int] = field(default_factory=dict)

    def allot(self, day: date) -> str:
        """Give the next number of a year."""
        self.numbers[day.year] = self.numbers.get(day.year, 0) + 1
        return f"{day.year}-{self.numbers[day.year]:05d}"


@dataclass(frozen=True, slots=True)
class Course:
    """A case with the days of its steps, and of those that opened the right it revises."""

    case: Case
    days: dict[Stage, date]
    before: dict[Stage, date] | None = None

    @property
    def opened_on(self) -> date:
        """Give the day of the first request."""
        return (self.before or self.days)[Stage.RECU]

    @property
    def nature(self) -> NatureDemande:
        """Give what the last request asks."""
        return NatureDemande.REVISION if self.before else NatureDemande.PREMIERE


@dataclass(frozen=True, slots=True)
class Before:
    """The procedure that opened the right which the last one revised."""

    days: dict[Stage, date]
    plan: DrawnPlan


@dataclass(slots=True)
class File:
    """A file in the making."""

    world: World
    case: Case
    service: Service
    days: dict[Stage, date]
    dossier: m.Dossier
    person: Person
    demande: m.Demande
    ressources: m.Ressources | None = None
    evaluation: m.Evaluation | None = None
    plan: DrawnPlan | None = None
    before: Before | None = None

    @property
    def identite(self) -> m.Identite:
        """Give the civil status of the person."""
        return self.person.identite

    @property
    def keys(self) -> dict[str, object]:
        """Give the columns that tie a row to this file."""
        return {"service_id": self.service.pk, "dossier_id": self.dossier.pk}

    def compute(self, *, plan: DrawnPlan, on: date) -> FeuilleDeCalcul:
        """Compute the allowance of a plan on a day, by the rule itself."""
        assert self.ressources  # noqa: S101 -- nobody is proposed a plan without them
        return compute_apa_domicile(
            on=on,
            age=age_on(self.identite.naissance_on, on=on),
            gir=plan.plan.gir,
            couple=self.ressources.couple,
            ressources_mensuelles=self.ressources.ressources_mensuelles,
            plan_mensuel=plan.total,
        )

    def reached(self, stage: Stage) -> bool:
        """Tell whether the procedure went as far as a stage."""
        return self.case.stage >= stage

    def due(self, what: Echeance, on: date) -> None:
        """Set the next thing expected."""
        self.dossier.echeance, self.dossier.echeance_on = what, on
