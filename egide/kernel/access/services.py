"""Names of the services of a passage, through the only function a purpose may call for them."""

from uuid import UUID

from django.db import connection

from egide.kernel.access.passage import Passage


def service_names(passage: Passage) -> dict[UUID, str]:
    """Give the services that this passage reaches, in the order of their names."""
    if not passage.openings:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT service_id, nom FROM access.service_names()")
        return dict(cursor.fetchall())
