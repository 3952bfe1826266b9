"""The role of the sealer: it reads the trail, adds seals, and can do nothing else."""

from collections.abc import Container
from typing import LiteralString

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from egide.kernel.audit.records import sealer_role

SEALER_TABLES: dict[str, LiteralString] = {
    "trail": "SELECT",
    "change": "SELECT",
    "fieldset": "SELECT",
    "seal": "SELECT, INSERT",
    "segment": "SELECT, INSERT",
}


def create_sealer(cursor: CursorWrapper, *, present: Container[str], how: LiteralString) -> None:
    """Create the role when missing; the owner alone may become it."""
    name = sealer_role(str(connection.settings_dict["NAME"]))
    role = sql.Identifier(name)
    if name not in present:
        cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(role))
    cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER" + how).format(role))


def open_trail_to_sealer(cursor: CursorWrapper) -> None:
    """Grant what sealing needs, once everything was taken back."""
    role = sql.Identifier(sealer_role(str(connection.settings_dict["NAME"])))
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA audit TO {}").format(role))
    for table, privileges in SEALER_TABLES.items():
        cursor.execute(
            sql.SQL("GRANT {} ON audit.{} TO {}").format(
                sql.SQL(privileges), sql.Identifier(table), role
            )
        )
