"""The letters that wait to be posted: those of a page, how many of each kind, their content."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Length

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.rows import Traced
from egide.systems.apa_ash.models import Courrier, Dossier, Interruption
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.droit import NatureDecision, NatureInterruption
from egide.systems.apa_ash.policy import (
    COURRIERS,
    DECISIONS,
    DOSSIERS,
    IDENTITES,
    INDUS,
    INTERRUPTIONS,
)
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries.annulation import voided
from egide.systems.apa_ash.queries.courriers import STEP

ONE_DAY = timedelta(days=1)
PAGE = 50
# What the control alone writes and signs. A claim is signed by the head of the service, who has it
# posted with the other decisions: a letter has one list, so that nobody posts it twice.
DU_CONTROLE = ("demande_justificatifs",)

# What was written to somebody who died since: nobody writes to the dead, and what her estate is to
# know is written to it. What was written to the estate of somebody whose death was undone, neither.
MAL_ADRESSES = Q(destinataire="", succession=False, dossier__identite__deces_on__isnull=False) | Q(
    destinataire="", succession=True, dossier__identite__deces_on__isnull=True
)
# In the order in which letters were written: within a day, that of a procedure.
ORDRE = ("cree_on", STEP, "pk")

# When what a letter stops is stopped: posted after that day, it warns of nothing any more.
STOPS = Case(When(nature__in=["suspension", "fin_droit"], then=F("decision__effet_on")))


def waiting(passage: Passage, *, action: Action = Action.READ) -> Traced[Courrier]:
    """Give the letters that a purpose posts and that nobody posted, without their content.

    What claims nothing any more, since a death was undone, is not to be posted, no more than what
    was written to the dead.
    """
    return _unposted(passage, action=action).exclude(MAL_ADRESSES)


def list_misaddressed(passage: Passage) -> tuple[list[Any], bool]:
    """List what is not to be posted, since the person died or did not; tell whether others follow.

    The claims whose debts still stand come first, since nobody was told of them; then the last
    written.
    """
    rows = _unposted(passage).filter(MAL_ADRESSES)
    if passage.purpose == CONTROLE:
        told = rows.annotate(en_attente=Value(value=False))
    else:
        standing = INDUS.rows(passage).filter(notification=OuterRef("pk"), etat=EtatIndu.NOTIFIE)
        passage.note((), ["Indu.notification_id", "Indu.etat"])
        told = rows.annotate(en_attente=Exists(standing))
    found: list[Any] = [*told.order_by("-en_attente", "-cree_on", STEP, "pk")[: PAGE + 1]]
    return found[:PAGE], len(found) > PAGE


def hold_misaddressed(passage: Passage, *, courrier: UUID) -> bool:
    """Hold a letter that is not to be posted any more, and tell whether it still is one."""
    rows = _unposted(passage, action=Action.WRITE).filter(MAL_ADRESSES, pk=courrier)
    return bool(rows.select_for_update(of=("self",)).order_by("pk"))


def _unposted(passage: Passage, *, action: Action = Action.READ) -> Traced[Courrier]:
    rows = COURRIERS.rows(passage, action=action, dossier=DOSSIERS, dossier__identite=IDENTITES)
    left = rows.defer("pdf").filter(poste_on__isnull=True)
    if passage.purpose == CONTROLE:
        return left.filter(nature__in=DU_CONTROLE)
    return left.exclude(nature__in=DU_CONTROLE).exclude(voided(passage))


def list_a_poster(passage: Passage, *, nature: str = "", page: int = 1) -> tuple[list[Any], bool]:
    """List one page of the letters to post, the oldest first; tell whether others follow."""
    rows = waiting(passage).annotate(effet_on=STOPS, abrogee=_abrogated(passage))
    passage.note((), ["Decision.effet_on"])
    if nature:
        rows = rows.filter(nature=nature)
    start = (page - 1) * PAGE
    found: list[Any] = [*rows.order_by(*ORDRE)[start : start + PAGE + 1]]
    return found[:PAGE], len(found) > PAGE


def _abrogated(passage: Passage) -> Combinable:
    """Tell in SQL of the letter of an end whether that end was given up since it was signed."""
    if passage.purpose == CONTROLE:
        return Value(value=False)
    passage.note((), ["Decision.nature", "Decision.prise_on", "Dossier.fin_droit_on"])
    given_up = DECISIONS.rows(passage).filter(
        dossier=OuterRef("dossier"),
        nature=NatureDecision.MAINTIEN,
        effet_on=OuterRef("decision__effet_on") + ONE_DAY,
        prise_on__gte=OuterRef("decision__prise_on"),
    )
    # An end signed again on the same last day stands: the file tells it.
    stands = Q(dossier__fin_droit_on=F("decision__effet_on"))
    told = Q(Exists(given_up), ~stands, nature="fin_droit")
    return ExpressionWrapper(told, output_field=BooleanField())


def count_a_poster(passage: Passage) -> dict[str, int]:
    """Count the letters to post, kind by kind."""
    counted = waiting(passage).order_by().values_list("nature").annotate(letters=Count("pk"))
    return dict(counted)


def weigh(passage: Passage, *, courriers: Collection[UUID]) -> int:
    """Give the size of some letters together, before their content is read."""
    rows = COURRIERS.rows(passage).filter(pk__in=courriers).order_by()
    found: int | None = rows.aggregate(taille=Sum(Length("pdf")))["taille"]
    return found or 0


def list_chosen(passage: Passage, *, courriers: Collection[UUID]) -> list[Courrier]:
    """Give some of the letters to post, in the order of the list, without their content."""
    return list(waiting(passage).filter(pk__in=courriers).order_by(*ORDRE))


def read_contents(passage: Passage, *, courriers: Collection[UUID]) -> list[bytes]:
    """Give some of the letters to post as they were written, in the order of the list."""
    kept = waiting(passage).filter(pk__in=courriers).order_by(*ORDRE)
    return [bytes(pdf) for _, pdf in kept.values_list("dossier_id", "pdf")]


def hold_stopped(passage: Passage, *, courriers: Collection[UUID]) -> list[Dossier]:
    """Hold the files whose delays a post begins: first, as whoever acts on one does.

    The control stops nothing, and holds no file.
    """
    if passage.purpose == CONTROLE:
        return []
    stops = COURRIERS.rows(passage).filter(
        pk__in=courriers, nature__in=["mise_en_demeure", "suspension", "proposition_plan"]
    )
    rows = DOSSIERS.rows(passage).filter(pk__in=stops.values("dossier_id"))
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def hold_courriers(passage: Passage, *, courriers: Collection[UUID]) -> list[Any]:
    """Hold letters that are to be posted: what somebody posted meanwhile is not among them."""
    rows = waiting(passage, action=Action.WRITE).filter(pk__in=courriers).annotate(effet_on=STOPS)
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def list_suspensions(passage: Passage, *, dossiers: Collection[UUID]) -> list[Interruption]:
    """List the suspensions of files that are held, to begin them later."""
    rows = INTERRUPTIONS.rows(passage, action=Action.WRITE)
    stopped = rows.filter(dossier_id__in=dossiers, nature=NatureInterruption.SUSPENSION)
    return list(stopped.order_by("pk"))


def all_known(passage: Passage, *, courriers: Collection[UUID]) -> bool:
    """Tell whether the agent reads all of some letters, to be posted or not."""
    found = COURRIERS.rows(passage).filter(pk__in=courriers).count()
    return bool(courriers) and found == len(set(courriers))


def mark_posted(passage: Passage, *, courriers: Collection[UUID], **values: Any) -> int:
    """Write on letters that are held the day on which they were posted, and that it is said now."""
    rows = COURRIERS.rows(passage, action=Action.WRITE).filter(pk__in=courriers)
    return rows.filter(poste_on__isnull=True).update(poste_constate_on=passage.on, **values)
