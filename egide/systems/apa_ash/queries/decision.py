"""What a decision rests on and what was decided: one file, its rights, its interruptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.policy import Action
from egide.rules.age import age_on
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.dus import Dus
from egide.rules.apa.feuille import FeuilleDeCalcul, Ligne
from egide.rules.apa.forfait import KIND, FeuilleForfait
from egide.rules.apa.versement import DroitMensuel, Nature, Periode
from egide.rules.apa.versement import Interruption as Arret
from egide.systems.apa_ash.models import (
    Decision,
    Demande,
    Dossier,
    Droit,
    Evaluation,
    Interruption,
    LignePlan,
    PlanAide,
    Ressources,
)
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.droit import NatureInterruption
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.policy import (
    DECISIONS,
    DEMANDES,
    DROITS,
    EVALUATIONS,
    INTERRUPTIONS,
    LIGNES_PLAN,
    PLANS,
    PRESTATAIRES,
)
from egide.systems.apa_ash.queries.demandes import followed
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.plan import in_order
from egide.systems.apa_ash.queries.ressources import list_etablies, ressources_on

# States in which a decision is awaited: a request is being studied.
EN_INSTRUCTION = frozenset(
    {
        Etat.RECU,
        Etat.INCOMPLET,
        Etat.COMPLET,
        Etat.VISITE,
        Etat.EVALUE,
        Etat.PROPOSE,
        Etat.ACCEPTE,
    }
)
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Situation:
    """The rows that a decision reads, each absent until the procedure has made it."""

    dossier: Dossier
    demandes: list[Demande]
    plans: list[PlanAide]
    plan_mensuel: Decimal
    etablies: list[Ressources]
    evaluation: Evaluation | None
    decisions: list[Decision]
    droits: list[Droit]
    interruptions: list[Interruption]

    @property
    def demande(self) -> Demande | None:
        """Give the last request."""
        return self.demandes[0] if self.demandes else None

    @property
    def premiere_on(self) -> date:
        """Give the day of the last request that is no revision: what came before is over."""
        first = (d.recue_on for d in self.demandes if d.nature != NatureDemande.REVISION)
        return next(first, date.min)

    @property
    def plan(self) -> PlanAide | None:
        """Give the last accepted plan."""
        return next((plan for plan in self.plans if plan.etat == EtatPlan.ACCEPTE), None)

    def ressources_on(self, day: date) -> Ressources | None:
        """Give the resources that count on a day."""
        return ressources_on(self.etablies, day=day)

    @property
    def en_instruction(self) -> bool:
        """Tell whether a request awaits its decision."""
        return self.dossier.etat in EN_INSTRUCTION

    @property
    def suspension(self) -> Interruption | None:
        """Give the suspension that nothing has ended."""
        return next(
            (
                item
                for item in self.interruptions
                if item.nature == NatureInterruption.SUSPENSION and is_open(item)
            ),
            None,
        )

    def droit_on(self, day: date) -> Droit | None:
        """Give the right that covers a day."""
        return next((droit for droit in self.droits if day in droit.periode), None)

    def droit_ouvert(self) -> Droit | None:
        """Give the right that no decision has ended yet, even if it starts later."""
        return next(
            (d for d in self.droits if not d.periode.isempty and d.periode.upper is None), None
        )

    def droit_en_cours(self, on: date) -> Droit | None:
        """Give the right that runs or will run: none has ended it, or its last day is not past."""
        fin = self.dossier.fin_droit_on
        if fin is None or fin < on or self.dossier.etat == Etat.CLOS:
            return self.droit_ouvert()
        return self.droit_on(fin)


def is_open(interruption: Interruption) -> bool:
    """Tell whether an interruption still has no end."""
    return not interruption.periode.isempty and interruption.periode.upper is None


def load_situation(
    passage: Passage, *, pk: UUID, action: Action = Action.READ, lock: bool = False
) -> Situation:
    """Read all that a decision needs, in eight statements whatever the length of the history."""
    if not DECISIONS.allowed(passage, action):
        # Some purposes write in a file without deciding on it.
        raise Refused(f"{action.value} les décisions", targets=[str(pk)])
    dossier = open_dossier(passage, pk, action=action, lock=lock)
    demandes = DEMANDES.rows(passage).filter(dossier=dossier).order_by("-recue_on", "-pk")
    plans = list_plans(passage, dossier=dossier)
    accepted = next((plan for plan in plans if plan.etat == EtatPlan.ACCEPTE), None)
    evaluations = EVALUATIONS.rows(passage).filter(dossier=dossier)
    evaluations = evaluations.exclude(followed(passage, day="faite_on"))
    return Situation(
        dossier=dossier,
        demandes=list(demandes),
        plans=plans,
        plan_mensuel=(accepted.total if accepted else None) or ZERO,
        etablies=list_etablies(passage, dossier=dossier),
        evaluation=evaluations.order_by("-faite_on", "-pk").first(),
        decisions=list(
            DECISIONS.rows(passage).filter(dossier=dossier).order_by("-prise_on", "-effet_on", "pk")
        ),
        droits=list(
            DROITS.rows(passage, action=action).filter(dossier=dossier).order_by("-periode", "pk")
        ),
        interruptions=list(
            INTERRUPTIONS.rows(passage, action=action)
            .filter(dossier=dossier)
            .order_by("-periode", "pk")
        ),
    )


def list_plans(passage: Passage, *, dossier: Dossier) -> list[Any]:
    """List the plans sent for the last first request, the last one first, with their `total`."""
    passage.note((), ["LignePlan.montant_mensuel"])
    rows = PLANS.rows(passage).filter(dossier=dossier).exclude(etat=EtatPlan.BROUILLON)
    rows = rows.exclude(followed(passage, day="envoye_on"))
    summed = rows.annotate(total=Sum("lignes__montant_mensuel"))
    return list(summed.order_by("-effet_on", "-pk"))


def list_lignes(passage: Passage, *, plan: PlanAide) -> list[LignePlan]:
    """List the lines of a plan with the services that deliver them, as its proposal does."""
    rows = LIGNES_PLAN.rows(passage, prestataire=PRESTATAIRES).filter(plan=plan)
    return in_order(rows.order_by("nature", "pk"))


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """What a simulation takes for granted; the rows of the file give the first ones."""

    effet_on: date
    gir: int
    couple: bool
    ressources_mensuelles: Decimal
    plan_mensuel: Decimal


def read_hypotheses(situation: Situation, *, effet_on: date) -> Hypotheses:
    """Take the hypotheses that the file holds: plan accepted, resources in force, GIR."""
    ressources = situation.ressources_on(effet_on)
    evaluation, plan = situation.evaluation, situation.plan
    gir = plan.gir if plan else (evaluation.gir if evaluation else 1)
    return Hypotheses(
        effet_on=effet_on,
        gir=gir,
        couple=ressources.couple if ressources else False,
        ressources_mensuelles=ressources.ressources_mensuelles if ressources else ZERO,
        plan_mensuel=situation.plan_mensuel,
    )


def simulate(dossier: Dossier, *, hypotheses: Hypotheses) -> FeuilleDeCalcul:
    """Compute the allowance under some hypotheses; nothing is kept."""
    return compute_apa_domicile(
        on=hypotheses.effet_on,
        age=age_on(dossier.identite.naissance_on, on=hypotheses.effet_on),
        gir=hypotheses.gir,
        couple=hypotheses.couple,
        ressources_mensuelles=hypotheses.ressources_mensuelles,
        plan_mensuel=hypotheses.plan_mensuel,
    )


def stored_lines(decision: Decision) -> tuple[Ligne, ...]:
    """Give the lines of the feuille kept with a decision, as they were that day."""
    stored = decision.feuille
    if not stored:
        return ()
    if stored.get("nature") == KIND:
        return FeuilleForfait.from_json(stored).lines()
    return FeuilleDeCalcul.from_json(stored).lines()


def dus_of(
    situation: Situation, *, droits: Sequence[Droit] | None = None, deces_on: date | None = None
) -> Dus:
    """Give what the months of a file are due; what was cancelled covers no day and counts nowhere.

    `droits` keeps some of its rights only; `deces_on` supposes a death that is not recorded yet.
    """
    return Dus(
        [
            DroitMensuel(Periode(item.periode.lower, item.periode.upper), item.apa)
            for item in (situation.droits if droits is None else droits)
            if not item.periode.isempty
        ],
        [
            Arret(Nature(item.nature), Periode(item.periode.lower, item.periode.upper))
            for item in situation.interruptions
            if not item.periode.isempty
        ],
        deces_on or situation.dossier.identite.deces_on,
    )
