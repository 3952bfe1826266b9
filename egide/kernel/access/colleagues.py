"""Who works on the same services: names to show and to choose from, never the table of agents."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from egide.kernel.access.passage import Passage


@dataclass(frozen=True, slots=True)
class Colleague:
    """An agent who plays, or has played, a role on one service of the passage."""

    agent_id: UUID
    service_id: UUID
    nom: str
    fonction: str
    en_poste: bool


def colleagues(passage: Passage, *, role: str) -> list[Colleague]:
    """List those who play or played a role on the services that this passage reaches."""
    if not passage.openings:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM access.colleagues(%s)", [role])
        return [Colleague(*row) for row in cursor.fetchall()]
