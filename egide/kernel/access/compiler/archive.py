"""The tables of the restricted archive: drawn from the catalogue, open to its jobs alone."""

from collections.abc import Iterator

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from egide.kernel.access.compiler.kept import database
from egide.kernel.access.compiler.statements import (
    JOB_ROWS,
    MAINTENANCE_ROWS,
    Table,
    create_policy,
    table_of,
)
from egide.kernel.access.names import purpose_role
from egide.kernel.catalogue.declarations import REGISTRY, Catalogue, Purpose

OWN_ROWS = "system = '{system}' AND " + JOB_ROWS
SHARED = {"file": "SELECT, INSERT, DELETE", "anonymous": "SELECT, INSERT"}


def open_archive(cursor: CursorWrapper) -> None:
    """Make the tables that are missing, then let the job of each system fill and empty its own."""
    for catalogue in REGISTRY:
        tables = [table_of(volet) for volet in catalogue.volets if volet.archived]
        jobs = [purpose for purpose in catalogue.purposes if purpose.job] if tables else []
        for table in tables:
            for statement in _made(cursor, table):
                cursor.execute(statement)
        for job in jobs:
            for statement in _opened(catalogue, tables, job):
                cursor.execute(statement)


def _made(cursor: CursorWrapper, table: Table) -> Iterator[sql.Composed]:
    """Yield what makes the table of a volet: a column more is added, none is ever dropped."""
    name = sql.Identifier("archive", table.name)
    yield sql.SQL(
        "CREATE TABLE IF NOT EXISTS {} (file_id uuid NOT NULL"
        " REFERENCES archive.file ON DELETE CASCADE)"
    ).format(name)
    yield sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} (file_id)").format(
        sql.Identifier(f"{table.name}_file"), name
    )
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attname = ANY (%s)",
        [table.name, list(table.volet.archived)],
    )
    types = dict(cursor.fetchall())
    for column in table.volet.archived:
        yield sql.SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}").format(
            name, sql.Identifier(column), sql.SQL(types[column])
        )


def _opened(catalogue: Catalogue, tables: list[Table], job: Purpose) -> Iterator[sql.Composed]:
    name = purpose_role(database(), job)
    role = sql.Identifier(name)
    yield sql.SQL("GRANT USAGE ON SCHEMA archive TO {}").format(role)
    yield sql.SQL("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA archive TO {}").format(role)
    # The systems share two of them: each reaches its own rows.
    own_rows = OWN_ROWS.format(system=catalogue.system)
    for table, verbs in SHARED.items():
        yield from _open_table(table, verbs, role=name, rows=own_rows)
    for each in tables:
        yield from _open_table(each.name, "SELECT, INSERT", role=name, rows=JOB_ROWS)


def _open_table(table: str, verbs: str, *, role: str, rows: str) -> Iterator[sql.Composed]:
    name, policy = sql.Identifier("archive", table), f"job_{role}"
    yield sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(verbs), name, sql.Identifier(role))
    yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(name)
    yield sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(name)
    yield create_policy(name, policy=policy, role=role, rows=rows)
    # As everywhere, what is not for upkeep is closed to the owner too.
    yield sql.SQL(
        "CREATE POLICY owner_maintenance ON {} TO CURRENT_USER USING ({rows}) WITH CHECK ({rows})"
    ).format(name, rows=sql.SQL(MAINTENANCE_ROWS))
