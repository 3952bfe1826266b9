"""Until when a file is kept, and what holds it beyond its day."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, QuerySet
from django.db.models.expressions import Combinable

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action, Policy
from egide.kernel.retention.clocks import Among, Condition
from egide.systems.apa_ash.models import Dossier, Gel
from egide.systems.apa_ash.policy import DOSSIERS, DROITS, GELS, INDUS, LITIGES_SECOURS
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.retention import IN_USE, archived_until, in_use_until

HOLDING: dict[str, Policy[Any]] = {
    "apa_ash.Droit": DROITS,
    "apa_ash.Gel": GELS,
    "apa_ash.Indu": INDUS,
    "apa_ash.LitigeSecours": LITIGES_SECOURS,
}


@dataclass(frozen=True, slots=True)
class Conservation:
    """The last days of a file in the active base and in the archive, what holds it, its hold."""

    dossier: Dossier
    until: date
    archived_until: date | None
    reasons: list[str]
    gel: Gel | None


def read_conservation(passage: Passage, *, pk: UUID) -> Conservation:
    """Read them under the clock, and the very conditions, that the purge obeys."""
    dossier = open_dossier(passage, pk)
    gel = gel_of(passage, dossier=dossier)
    reasons = _reasons(passage, dossier=dossier)
    return Conservation(dossier, in_use_until(dossier), archived_until(dossier), reasons, gel)


def gel_of(passage: Passage, *, dossier: Dossier, action: Action = Action.READ) -> Gel | None:
    """Give the hold of a file, if there is one; whoever writes it holds the file itself."""
    return GELS.rows(passage, action=action).filter(dossier=dossier).order_by("pk").first()


def _reasons(passage: Passage, *, dossier: Dossier) -> list[str]:
    """Tell what holds a file, in one statement."""
    met = {f"met_{n}": _met(passage, condition) for n, condition in enumerate(IN_USE)}
    rows: QuerySet[Any] = DOSSIERS.rows(passage).filter(pk=dossier.pk).annotate(**met)
    (row,) = rows.order_by("pk")
    told = [c.label for name, c in zip(met, IN_USE, strict=True) if getattr(row, name)]
    return list(dict.fromkeys(told))


def _met(passage: Passage, condition: Condition) -> Combinable:
    met = condition.met(passage.on)
    if isinstance(condition, Among):
        return ExpressionWrapper(met, output_field=BooleanField())
    rows = HOLDING[condition.model].rows(passage).filter(dossier=OuterRef("pk"))
    return Exists(rows.filter(met))
