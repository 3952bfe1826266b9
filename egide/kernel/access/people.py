"""Names of colleagues, through the only function that a purpose may call for them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Func


def names_of(agents: Iterable[UUID | None]) -> dict[UUID, str]:
    """Give the names of agents of the organismes that the current passage opens."""
    wanted = sorted({agent for agent in agents if agent})
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, nom FROM access.names_of(%s)", [wanted])
        return dict(cursor.fetchall())


class NameOf(Func):
    """The name of the agent that a column names, in the statement that reads a few rows."""

    template = "(SELECT nom FROM access.names_of(ARRAY[%(expressions)s]))"
    output_field = CharField()
