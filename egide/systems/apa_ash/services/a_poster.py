"""Say that letters were posted, and on which day: what runs against the person begins then."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.delais import echeance
from egide.rules.apa.depots import Depot
from egide.rules.apa.versement import effet_suspension
from egide.systems.apa_ash.models import Courrier
from egide.systems.apa_ash.models.dossier import Echeance
from egide.systems.apa_ash.policy import DOSSIERS, INTERRUPTIONS
from egide.systems.apa_ash.queries import a_poster as queries
from egide.systems.apa_ash.queries.courriers import name_of
from egide.systems.apa_ash.services.revisions import JourFutur

# The deadlines that a formal notice gives to a file (CASF R. 232-16).
AVERTIES = {Echeance.MISE_EN_DEMEURE, Echeance.JUSTIFICATION}
MISE_EN_DEMEURE, SUSPENSION, PROPOSITION = "mise_en_demeure", "suspension", "proposition_plan"


class PosteAvantEcriture(ActeRefuse):
    """A letter leaves once it is written."""

    message = "Un de ces courriers a été écrit après cette date\u00a0: il n’a pas pu partir avant."


class PlusAPoster(ActeRefuse):
    """A letter that the agent reads is not, or no more, to be posted from here."""

    message = "Un de ces courriers n’est plus à poster\u00a0: la liste est à jour, recommencez."


class IllisiblePourImprimer(ActeRefuse):
    """A letter whose file is damaged is named: nothing is printed in its place, nor without it."""

    def __init__(self, courrier: Courrier) -> None:
        """Say which letter, of which file."""
        super().__init__(
            f"Le PDF d’un courrier est illisible : « {name_of(courrier)} », dossier "
            f"{courrier.dossier.numero}. Rien n’a été imprimé : décochez-le pour imprimer les "
            "autres, et signalez-le."
        )


@act("noter des courriers postés")
def record_posted(
    passage: Passage, *, courriers: Collection[UUID], poste_on: date
) -> list[Courrier]:
    """Say that letters left on a day: all of them, or none; refused as absent when one is not here.

    The month of a formal notice runs from its receipt, and the ten days of a proposal from its own:
    the file awaits them no sooner than so long after the letter left.
    """
    stopped = queries.hold_stopped(passage, courriers=courriers)
    held: list[Any] = queries.hold_courriers(passage, courriers=courriers)
    check_all(passage, held, courriers=courriers, verb="noter des courriers postés")
    check_day(passage, poste_on=poste_on, since=max(c.cree_on for c in held))
    queries.mark_posted(
        passage,
        courriers=[c.pk for c in held],
        poste_on=poste_on,
        poste_par=passage.agent.pk,
    )
    sent = {(c.dossier_id, c.cree_on) for c in held if c.nature == PROPOSITION}
    running = [c.dossier_id for c in held if c.nature == MISE_EN_DEMEURE and not c.regularisee_on]
    delay_suspensions(passage, held, poste_on=poste_on)
    since = Depot(poste_on, passage.on).opposable_on
    for dossier in stopped:
        if dossier.pk in running and dossier.echeance in AVERTIES:
            DOSSIERS.update(passage, dossier, echeance_on=echeance(MISE_EN_DEMEURE, since))
        # A file whose proposal waits to be posted bears the day on which it was written.
        elif dossier.echeance == Echeance.ENVOI and (dossier.pk, dossier.echeance_on) in sent:
            until = echeance("observations", since)
            DOSSIERS.update(passage, dossier, echeance=Echeance.REPONSE, echeance_on=until)
    return held


def check_all(
    passage: Passage, found: Sequence[Courrier], *, courriers: Collection[UUID], verb: str
) -> None:
    """Refuse to do with some letters what was asked of all; as absent when one is not here."""
    if found and len(found) == len(set(courriers)):
        return
    if queries.all_known(passage, courriers=courriers):
        raise PlusAPoster
    raise Refused(verb, targets=map(str, courriers))


def delay_suspensions(passage: Passage, held: list[Any], *, poste_on: date) -> None:
    """Begin later what was told late: on the first of the month that follows its posting.

    A suspension counts from the month after its notification (CASF R. 232-16). Posted once its
    month has begun, what it kept before its new day is due again, with the next run.
    """
    late = {
        (c.dossier_id, c.effet_on)
        for c in held
        if c.nature == SUSPENSION and c.effet_on and c.effet_on <= poste_on
    }
    if not late:
        return
    start = effet_suspension(poste_on)
    for stop in queries.list_suspensions(passage, dossiers={pk for pk, _ in late}):
        if (stop.dossier_id, stop.periode.lower) in late:
            end = stop.periode.upper
            left = DateRange(start, end) if end is None or start < end else DateRange(empty=True)
            INTERRUPTIONS.update(passage, stop, periode=left)


def check_day(passage: Passage, *, poste_on: date, since: date) -> None:
    """Refuse a day to come, or on which the last written of some letters was not written yet."""
    if poste_on > passage.on:
        raise JourFutur
    if poste_on < since:
        raise PosteAvantEcriture
