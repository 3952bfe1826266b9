"""Open and close rights, and write the decisions that do so; parts of acts, never acts alone."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.passage import Passage
from egide.kernel.refus import ActeRefuse, refusing
from egide.systems.apa_ash.models import Decision, Dossier, Droit
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DECISIONS, DROITS
from egide.systems.apa_ash.queries.decision import Situation, dus_of

ZERO = Decimal("0.00")
ONE_DAY = timedelta(days=1)
EXPRESSES = frozenset({NatureDecision.ACCORD, NatureDecision.REJET})


class DroitDejaOuvert(ActeRefuse):
    """Two rights for one period are impossible (CASF R. 232-27)."""

    message = (
        "Un droit est déjà ouvert sur une part de cette période : "
        "choisissez une date d’effet postérieure à son premier jour."
    )


def find_taken(passage: Passage, *, jeton: UUID, dossier: Dossier) -> Decision | None:
    """Give the decision that a form already made: sent twice, it decides once."""
    return DECISIONS.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()


def take_decision(
    passage: Passage, *, jeton: UUID, dossier: Dossier, nature: NatureDecision, **values: Any
) -> Decision:
    """Write a decision taken and notified on the day of the passage."""
    return DECISIONS.create(
        passage,
        pk=jeton,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        nature=nature,
        prise_on=passage.on,
        notifiee_on=passage.on,
        prise_par_id=passage.agent.pk,
        **values,
    )


def open_droit(passage: Passage, *, decision: Decision, periode: DateRange, **values: Any) -> Droit:
    """Open a right; another one on the same days is refused by PostgreSQL."""
    with refusing("droit_one_at_a_time", DroitDejaOuvert()):
        return DROITS.create(
            passage,
            service_id=decision.service_id,
            dossier_id=decision.dossier_id,
            decision=decision,
            periode=periode,
            **values,
        )


def check_closable(situation: Situation, *, on: date) -> None:
    """Refuse a right that starts on a day or later: it would be an obstacle to another."""
    if any(not d.periode.isempty and d.periode.lower >= on for d in situation.droits):
        raise DroitDejaOuvert


def close_droits(
    passage: Passage, *, situation: Situation, on: date, annul_later: bool = False
) -> None:
    """End on its eve every right that would run on a day; one that starts later is an obstacle.

    `annul_later` empties instead a right that had not started, as a death does.
    """
    for droit in situation.droits:
        periode = droit.periode
        if periode.isempty or (periode.upper is not None and periode.upper <= on):
            continue
        if periode.lower >= on and not annul_later:
            raise DroitDejaOuvert
        ended = DateRange(empty=True) if periode.lower >= on else DateRange(periode.lower, on)
        DROITS.update(passage, droit, periode=ended)


def avance_versee(situation: Situation, *, until: date) -> Decimal:
    """Add what the lump sums of this procedure give up to a day (CASF R. 232-29).

    What is due is counted, not what was already paid: the months still to pay will be paid too.
    """
    last = next((d.effet_on for d in situation.decisions if d.nature in EXPRESSES), date.min)
    # An end, or a request given up, answered the former ones without any express decision.
    last = max(last, situation.premiere_on)
    lumps = [d for d in situation.droits if d.forfait and not d.periode.isempty]
    counted = [droit for droit in lumps if droit.periode.lower >= last]
    return dus_of(situation, droits=counted).between(last, end=until)
