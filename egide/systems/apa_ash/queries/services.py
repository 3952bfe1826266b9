"""The services where an agent instructs, as the habilitations of the passage say."""

from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.purposes import Role


def instructed_services(passage: Passage) -> dict[UUID, str]:
    """Give the services where a file may be opened, with their names."""
    opened = passage.services((Role.INSTRUCTEUR, Role.RESPONSABLE))
    return {o.service_id: o.service for o in passage.openings if o.service_id in opened}
