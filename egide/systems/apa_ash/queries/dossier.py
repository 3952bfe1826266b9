"""A file and the person it is about, as the head of every screen shows them."""

from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES


def open_dossier(
    passage: Passage, pk: UUID, *, action: Action = Action.READ, lock: bool = False
) -> Dossier:
    """Give a file with its `identite`, in one statement; refused as absent otherwise."""
    return DOSSIERS.get(passage, pk=pk, action=action, lock=lock, identite=IDENTITES)
