"""Who consulted a file, and what lets the agent see it."""

from egide.kernel.access.passage import Opening, Passage
from egide.kernel.audit import trail
from egide.kernel.audit.trail import Reading
from egide.systems.apa_ash.models import Dossier


def list_readings(passage: Passage, *, dossier: Dossier) -> list[Reading]:
    """List the accesses to a file over six months; reading them is itself traced."""
    passage.note([dossier.pk], ["audit.trail"])
    return trail.readers(dossier.pk)


def reasons(passage: Passage, *, dossier: Dossier) -> list[Opening]:
    """Give the habilitations in force that open the service of a file."""
    return [o for o in passage.openings if o.service_id == dossier.service_id]
