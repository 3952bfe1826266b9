"""Open and close rights, and write the decisions that do so; parts of acts, never acts alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.passage import Passage
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.versement import DroitMensuel, Periode, montant_du, month_of, next_month
from egide.systems.apa_ash.models import Decision, Dossier, Droit
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DECISIONS, DROITS
from egide.systems.apa_ash.queries.decision import Situation, as_arrets, as_droit

ZERO = Decimal("0.00")
EXPRESSES = frozenset({NatureDecision.ACCORD, NatureDecision.REJET})


class DroitDejaOuvert(ActeRefuse):
    """Two rights for one period are impossible (CASF R. 232-27)."""

    message = (
        "Un droit est déjà ouvert sur une part de cette période : "
        "choisissez une date d’effet postérieure à son premier jour."
    )


@contextmanager
def one_right_at_a_time() -> Iterator[None]:
    """Tell in French what PostgreSQL refuses about periods."""
    try:
        yield
    except IntegrityError as error:
        if "droit_one_at_a_time" in str(error):
            raise DroitDejaOuvert from error
        raise


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
    with one_right_at_a_time():
        return DROITS.create(
            passage,
            service_id=decision.service_id,
            dossier_id=decision.dossier_id,
            decision=decision,
            periode=periode,
            **values,
        )


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
    """Add what the lump sums of this procedure give up to a day, to set off (CASF R. 232-29).

    What is due is counted, not what was already paid: the months still to pay will be paid too.
    """
    last = next((d.effet_on for d in situation.decisions if d.nature in EXPRESSES), date.min)
    lumps = [d for d in situation.droits if d.forfait and not d.periode.isempty]
    total = ZERO
    for droit in lumps:
        if droit.periode.lower < last:
            continue
        end = min(droit.periode.upper or until, until)
        total += due_between(situation, droit=droit, start=droit.periode.lower, end=end)
    return total


def due_between(situation: Situation, *, droit: Droit, start: date, end: date) -> Decimal:
    """Add what a right gives month by month from a day to the eve of another."""
    rule = as_droit(droit)
    inside = rule.periode.within(Periode(start, end)) if rule and start < end else None
    if rule is None or inside is None:
        return ZERO
    clipped = DroitMensuel(inside, rule.apa)
    arrets = as_arrets(situation.interruptions)
    total, mois = ZERO, month_of(inside.debut).debut
    while mois < end:
        total += montant_du(mois, droit=clipped, interruptions=arrets).montant
        mois = next_month(mois)
    return total
