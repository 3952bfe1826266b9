"""Until when a file is kept, and what holds it beyond its day."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action, Policy
from egide.kernel.retention.clocks import Among, Condition, Held, Running
from egide.systems.apa_ash.models import Dossier, Gel
from egide.systems.apa_ash.policy import DROITS, GELS, INDUS, LITIGES_SECOURS
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.retention import IN_USE, archived_until, in_use_until

STANDING: dict[str, Policy] = {"apa_ash.Indu": INDUS, "apa_ash.LitigeSecours": LITIGES_SECOURS}  # type: ignore[type-arg]  # of several models


@dataclass(frozen=True, slots=True)
class Conservation:
    """The last days of a file in the active base and in the archive, what holds it, its hold."""

    dossier: Dossier
    until: date
    archived_until: date | None
    reasons: list[str]
    gel: Gel | None


def read_conservation(passage: Passage, *, pk: UUID) -> Conservation:
    """Read them under the clock that the purge obeys, condition by condition."""
    dossier = open_dossier(passage, pk)
    gel = gel_of(passage, dossier=dossier)
    reasons = list(
        dict.fromkeys(
            condition.label
            for condition in IN_USE
            if _met(passage, condition, dossier=dossier, gel=gel)
        )
    )
    return Conservation(dossier, in_use_until(dossier), archived_until(dossier), reasons, gel)


def gel_of(passage: Passage, *, dossier: Dossier, action: Action = Action.READ) -> Gel | None:
    """Give the hold of a file, if there is one; whoever writes it holds the file itself."""
    return GELS.rows(passage, action=action).filter(dossier=dossier).order_by("pk").first()


def _met(passage: Passage, condition: Condition, *, dossier: Dossier, gel: Gel | None) -> bool:
    if isinstance(condition, Among):
        return getattr(dossier, condition.column) in condition.values
    if isinstance(condition, Held):
        return gel is not None and gel.jusqu_on >= passage.on
    if isinstance(condition, Running):
        running = DROITS.rows(passage).filter(dossier=dossier).order_by("pk")
        return any(
            not droit.periode.isempty
            and (droit.periode.upper is None or droit.periode.upper > passage.on)
            for droit in running
        )
    rows = STANDING[condition.model].rows(passage).filter(dossier=dossier)
    return rows.filter(**{f"{condition.column}__in": condition.values}).exists()
