"""The disputes of a file over its domicile de secours, and the one that still runs."""

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.systems.apa_ash.models import Dossier, LitigeSecours
from egide.systems.apa_ash.models.secours import EtatLitige
from egide.systems.apa_ash.policy import LITIGES_SECOURS

EN_COURS = (EtatLitige.CONTESTE, EtatLitige.TRANSMIS)
A_FILE_HAS_FEW = 20


def list_litiges(passage: Passage, *, dossier: Dossier) -> list[LitigeSecours]:
    """List the disputes of a file, the last one first."""
    rows = LITIGES_SECOURS.rows(passage).filter(dossier=dossier)
    return list(rows.order_by("-conteste_on", "-pk")[:A_FILE_HAS_FEW])


def hold_litige(passage: Passage, *, dossier: Dossier) -> LitigeSecours | None:
    """Give the dispute that still runs, to write, if there is one."""
    rows = LITIGES_SECOURS.rows(passage, action=Action.WRITE)
    running = rows.filter(dossier=dossier, etat__in=EN_COURS)
    return running.select_for_update(of=("self",)).order_by("pk").first()
