"""The day on which an agreement takes effect: its notification, or an event of life (R. 232-6)."""

from dataclasses import dataclass, replace
from datetime import date

from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.systems.apa_ash.models import Droit, PlanAide, ProjetDecision
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.queries.decision import Situation, read_hypotheses, simulate
from egide.systems.apa_ash.queries.plan_du_droit import PlanDecide, plan_behind
from egide.systems.apa_ash.queries.ressources import differs

SOURCE = "CASF R. 232-6"


@dataclass(frozen=True, slots=True)
class Evenement:
    """An event of life that raises a right from the month after it, before any notification."""

    effet_on: date
    motif: str  # the event and its days, as the resources that it changed keep them
    plan: PlanAide  # the one that runs: another plan opens on its notification (CASF L. 232-14)
    feuille: FeuilleDeCalcul


def read_evenement(situation: Situation, *, on: date) -> Evenement | None:
    """Give the event that a revision studies, if its day has come and the aid rises by it.

    A decision that takes rights away does not go back in time: an event that lowers the aid counts
    from the notification. Nor does it go back over a right that began since, or that counted it.
    """
    demande, droit = situation.demande, situation.droit_en_cours(on)
    row = next((row for row in situation.etablies if row.en_vigueur), None)
    if demande is None or demande.nature != NatureDemande.REVISION or not situation.en_instruction:
        return None
    if row is None or row.effet_on is None or droit is None or droit.forfait:
        return None
    plan = plan_du_droit(situation, droit=droit)
    counts = droit.periode.lower < row.effet_on < on and differs(droit, ressources=row)
    if plan is None or not counts:
        return None
    known = replace(
        read_hypotheses(situation, effet_on=row.effet_on),
        gir=droit.gir,
        plan_mensuel=droit.plan_mensuel,
    )
    feuille = simulate(situation.dossier, hypotheses=known)
    if feuille.apa <= droit.apa:
        return None
    return Evenement(row.effet_on, f"{row.neutralisation} ({SOURCE})", plan, feuille)


def plan_du_droit(situation: Situation, *, droit: Droit) -> PlanAide | None:
    """Give the plan behind a right of the file."""
    decides = [
        PlanDecide(item.pk, item.effet_on, item.plan_id)
        for item in sorted(situation.decisions, key=lambda item: item.effet_on)
        if item.plan_id
    ]
    found = plan_behind(decides, decision_id=droit.decision_id, on=droit.periode.lower)
    return next((plan for plan in situation.plans if plan.pk == found), None)


def previous_droit(situation: Situation, *, effet_on: date) -> Droit | None:
    """Give the right that runs until a day without a gap; a lump sum was only an advance."""
    return next((d for d in situation.droits if not d.forfait and _reaches(d, effet_on)), None)


def _reaches(droit: Droit, day: date) -> bool:
    periode = droit.periode
    if periode.isempty or periode.lower >= day:
        return False
    return periode.upper is None or periode.upper >= day


def event_of(situation: Situation, *, effet_on: date, on: date) -> Evenement | None:
    """Give the event that makes a day of effect precede its notification, if one does."""
    event = read_evenement(situation, on=on)
    return event if event and event.effet_on == effet_on else None


def effet_propose(situation: Situation, *, on: date) -> date:
    """Give the day that is proposed: that of the event, or the notification (CASF L. 232-14)."""
    event = read_evenement(situation, on=on)
    return event.effet_on if event else on


def effet_signe(situation: Situation, *, projet: ProjetDecision, on: date) -> tuple[date, str]:
    """Give the day of effect that a signature gives, and why it is another one, if it is.

    A day that the proposal already told as past stays what it was: the signature checks it again.
    """
    asked = projet.effet_on or projet.propose_on
    event = event_of(situation, effet_on=asked, on=on)
    # Another plan, proposed on the very day of the event, still opens on its notification.
    if event and projet.plan_id in {None, event.plan.pk}:
        return asked, event.motif
    if asked < projet.propose_on:
        return asked, ""
    return (on, "") if asked <= on else (asked, projet.motif)
