"""The worklist of an agent: what a text or the procedure expects, by day."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, NullIf

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES, VISITES
from egide.systems.apa_ash.queries.demandes import followed
from egide.systems.apa_ash.queries.dossier import over
from egide.systems.apa_ash.queries.silence import with_silence

PAGE = 50
WEEK = timedelta(weeks=1)
REVISION = Echeance.REVISION.value


@dataclass(frozen=True, slots=True)
class Travail:
    """One page of files with a deadline, in order of days; `after` when others follow."""

    rows: list[Any]
    after: UUID | None


def list_travail(
    passage: Passage, *, miens: bool, quoi: str = "", after: UUID | None = None, size: int = PAGE
) -> Travail:
    """List files whose deadline is nearest, from the one after `after`.

    `quoi` keeps one kind of deadline. Without it a periodic revision waits for its week: years
    ahead, it would hide the clocks of the texts.
    """
    rows = DOSSIERS.rows(passage, identite=IDENTITES).filter(
        ~over(passage.on),
        _mine(passage, miens=miens),
        _wanted(passage, quoi=quoi),
        echeance_on__isnull=False,
    )
    if after is not None:
        last = DOSSIERS.get(passage, pk=after)
        rows = rows.filter(echeance_on__gte=last.echeance_on).filter(
            Q(echeance_on__gt=last.echeance_on) | Q(pk__gt=last.pk)
        )
    passage.note((), ["Visite.realisee_on"])
    to_come = VISITES.rows(passage).filter(dossier=OuterRef("pk"), realisee_on__isnull=True)
    to_come = to_come.exclude(followed(passage, day="prevue_on"))
    # What silence has given is told at once: the two months may pass under another deadline.
    told = with_silence(passage, rows).annotate(visite_a_venir=Exists(to_come))
    found = list(told.order_by("echeance_on", "pk")[: size + 1])
    return Travail(found[:size], found[size - 1].pk if len(found) > size else None)


def count_echeances(passage: Passage, *, miens: bool) -> dict[str, int]:
    """Count what is late, due within a week, and later; revisions to come are counted apart."""
    on = passage.on
    rows = DOSSIERS.rows(passage).filter(
        ~over(on), _mine(passage, miens=miens), echeance_on__isnull=False
    )
    later = Q(echeance_on__gt=on + WEEK)
    return rows.order_by().aggregate(
        retard=Count("pk", filter=Q(echeance_on__lt=on)),
        semaine=Count("pk", filter=Q(echeance_on__gte=on, echeance_on__lte=on + WEEK)),
        suite=Count("pk", filter=later & ~Q(echeance=Echeance.REVISION)),
        revisions=Count("pk", filter=later & Q(echeance=Echeance.REVISION)),
    )


def _wanted(passage: Passage, *, quoi: str) -> Q:
    if quoi:
        return Q(echeance=quoi)
    return ~Q(echeance=Echeance.REVISION, echeance_on__gt=passage.on + WEEK)


def count_etats(passage: Passage, *, miens: bool) -> dict[str, int]:
    """Count files by the state that lists tell, in the order of the procedure."""
    rows = DOSSIERS.rows(passage).filter(_mine(passage, miens=miens))
    # A right under revision is told as a right: it is counted where its list shows it.
    told = Case(
        When(over(passage.on), then=Value(Etat.CLOS)),
        default=Coalesce(NullIf("etat_droit", Value("")), "etat"),
    )
    counted = rows.order_by().values_list(told).annotate(files=Count("pk"))
    by_etat = dict(counted)
    return {etat: by_etat[etat] for etat in Etat.values if etat in by_etat}


def _mine(passage: Passage, *, miens: bool) -> Q:
    return Q(instructeur=passage.agent.pk) if miens else Q()
