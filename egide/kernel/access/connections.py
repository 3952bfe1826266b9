"""What a connection leaves behind when its request ends: nothing."""

from typing import Any

from psycopg import Connection


def forget(connection: Connection[Any]) -> None:
    """Clear a pooled connection of what its session could hand to the next request.

    Settings, prepared statements, cursors held open, temporary objects, locks, listening.
    """
    autocommit = connection.autocommit
    connection.set_autocommit(True)
    connection.execute("DISCARD ALL")
    connection.set_autocommit(autocommit)
