"""The services that help at home, as the control lists them."""

from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Prestataire
from egide.systems.apa_ash.policy import PRESTATAIRES


def list_prestataires(passage: Passage, *, limit: int = 500) -> list[Prestataire]:
    """List the services of the organisme, those at work first."""
    return list(PRESTATAIRES.rows(passage).order_by("-actif", "nom", "pk")[:limit])


def open_prestataire(passage: Passage, pk: UUID) -> Prestataire:
    """Give one service; refused as absent otherwise."""
    return PRESTATAIRES.get(passage, pk=pk)
