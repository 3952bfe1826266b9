"""Keys that stay behind the wall of their row: of one file, of one service, within one's reach.

They are drawn from the models: a reference that a system adds tomorrow is bound as it is born.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from egide.kernel.access.compiler.statements import Table, table_of
from egide.kernel.catalogue.declarations import REGISTRY, Catalogue, Scope

WALLS = {Scope.SERVICE: "service_id", Scope.ORGANISME: "organisme_id"}


@dataclass(frozen=True, slots=True)
class Key:
    """A column by which a row refers to a row of another table of its system."""

    table: Table
    column: str
    target: Table
    file: str | None
    """The column that both tables have of the subject, or None: then the wall alone binds them."""

    @property
    def same_file(self) -> str:
        """Name the constraint by which both rows are of one file."""
        return f"{self.table.name}_{self.column}_same_file"

    @property
    def wall(self) -> str:
        """Name the wall that both rows must share, or nothing where the writer's reach is enough.

        A service pays and plans with the whole organisme's providers, of which its agents see no
        others.
        """
        scopes = {self.table.volet.scope, self.target.volet.scope}
        return WALLS[self.table.volet.scope] if len(scopes) == 1 else ""


def keys_of(table: Table) -> Iterator[Key]:
    """Walk the references of a table to others of its system; its subject has a key of its own."""
    catalogue = REGISTRY.of(table.volet)
    if table.volet.kernel:
        return
    for field in apps.get_model(table.volet.model)._meta.concrete_fields:
        target = field.related_model._meta.label if field.related_model else ""
        if target in catalogue.by_model and target != catalogue.subject:
            yield _key(catalogue, table, field.attname, target)


def _key(catalogue: Catalogue, table: Table, column: str, target: str) -> Key:
    other = table_of(catalogue.volet(target))
    subject = catalogue.subject_column
    shared = subject in table.volet.lines and subject in other.volet.lines
    return Key(table, column, other, subject if shared else None)


def bind_keys(cursor: CursorWrapper, table: Table) -> None:
    """Bind what a table refers to: within a file by a key of both columns, elsewhere by a trigger.

    A key that stands is left: to make it again, PostgreSQL would read the whole table.
    """
    keys = list(keys_of(table))
    for key in keys:
        if key.file is not None:
            _bind_to_file(cursor, key, key.file)
    walled = [key for key in keys if key.file is None]
    changing = [key for key in walled if _is_changed_by_some(key)]
    for statement in (*_walls(table, "INSERT", walled), *_walls(table, "UPDATE", changing)):
        cursor.execute(statement)


def _bind_to_file(cursor: CursorWrapper, key: Key, file: str) -> None:
    table, target = sql.Identifier(key.table.name), sql.Identifier(key.target.name)
    cursor.execute(
        sql.SQL("CREATE UNIQUE INDEX IF NOT EXISTS {} ON {} (id, {})").format(
            sql.Identifier(f"{key.target.name}_of_its_file"), target, sql.Identifier(file)
        )
    )
    definition = (
        f"FOREIGN KEY ({key.column}, {file}) REFERENCES {key.target.name}(id, {file})"
        " DEFERRABLE INITIALLY DEFERRED"
    )
    cursor.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass"
        " AND conname = %s AND convalidated",
        [key.table.name, key.same_file],
    )
    if cursor.fetchall() == [(definition,)]:
        return
    constraint = sql.Identifier(key.same_file)
    cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(table, constraint))
    cursor.execute(
        sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
            table, constraint, sql.SQL(definition)
        )
    )


def _is_changed_by_some(key: Key) -> bool:
    volet = key.table.volet
    return any(key.column in volet.updatable(purpose) for purpose in volet.purposes())


def _walls(table: Table, verb: str, keys: list[Key]) -> Iterator[sql.Composed]:
    name = sql.Identifier(table.name)
    trigger = sql.Identifier(f"within_its_wall_{verb.lower()}")
    yield sql.SQL("DROP TRIGGER IF EXISTS {} ON {}").format(trigger, name)
    if keys:
        named = [part for key in keys for part in (key.column, key.target.name, key.wall)]
        yield sql.SQL(
            "CREATE TRIGGER {} AFTER {} ON {} REFERENCING NEW TABLE AS new_rows"
            " FOR EACH STATEMENT EXECUTE FUNCTION access.keep_walls({})"
        ).format(trigger, sql.SQL(verb), name, sql.SQL(", ").join(map(sql.Literal, named)))
