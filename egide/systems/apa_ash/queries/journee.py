"""The worklist of an agent: what a text or the procedure expects, by day."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Q

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES

PAGE = 50
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Travail:
    """One page of files with a deadline, in order of days; `after` when others follow."""

    rows: list[Dossier]
    after: UUID | None


def list_travail(
    passage: Passage, *, miens: bool, after: UUID | None = None, size: int = PAGE
) -> Travail:
    """List files whose deadline is nearest, from the one after `after`."""
    rows = DOSSIERS.rows(passage, identite=IDENTITES).filter(
        _mine(passage, miens=miens), echeance_on__isnull=False
    )
    if after is not None:
        last = DOSSIERS.get(passage, pk=after)
        rows = rows.filter(echeance_on__gte=last.echeance_on).filter(
            Q(echeance_on__gt=last.echeance_on) | Q(pk__gt=last.pk)
        )
    found = list(rows.order_by("echeance_on", "pk")[: size + 1])
    return Travail(found[:size], found[size - 1].pk if len(found) > size else None)


def count_echeances(passage: Passage, *, miens: bool) -> dict[str, int]:
    """Count what is late, due within a week, and later."""
    on = passage.on
    rows = DOSSIERS.rows(passage).filter(_mine(passage, miens=miens), echeance_on__isnull=False)
    return rows.order_by().aggregate(
        retard=Count("pk", filter=Q(echeance_on__lt=on)),
        semaine=Count("pk", filter=Q(echeance_on__gte=on, echeance_on__lte=on + WEEK)),
        suite=Count("pk", filter=Q(echeance_on__gt=on + WEEK)),
    )


def count_etats(passage: Passage, *, miens: bool) -> dict[str, int]:
    """Count files by state, in the order of the procedure."""
    rows = DOSSIERS.rows(passage).filter(_mine(passage, miens=miens))
    counted = rows.order_by("etat").values_list("etat").annotate(files=Count("pk"))
    by_etat = dict(counted)
    return {etat: by_etat[etat] for etat in Etat.values if etat in by_etat}


def _mine(passage: Passage, *, miens: bool) -> Q:
    return Q(instructeur=passage.agent.pk) if miens else Q()
