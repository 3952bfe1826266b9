"""The SQL that the declarations amount to: a pure function of catalogues, policies and names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from django.apps import apps
from psycopg import sql

from egide.kernel.access.names import purpose_role, sign_in_role
from egide.kernel.access.policy import Action, declared_roles
from egide.kernel.catalogue.declarations import REGISTRY, Purpose, Scope, Volet

SCHEMAS = ("public", "access", "audit", "retention", "archive")
# Asked once a statement (an InitPlan), of the roles that the policy of the model names for a verb.
ROWS = (
    "array_position(COALESCE((SELECT access.{wall}(ARRAY[{roles}]::text[])), '{{}}'::uuid[]),"
    " {column}) IS NOT NULL"
)
MAINTENANCE_ROWS = "(SELECT access.maintenance())"
JOB_ROWS = "(SELECT access.is_job())"

# What must be known before any purpose is: sessions, sign-in, habilitations.
SIGN_IN_TABLES = {
    "django_session": "SELECT, INSERT, UPDATE, DELETE",
    "axes_accessattempt": "SELECT, INSERT, UPDATE, DELETE",
    "axes_accesslog": "SELECT, INSERT, UPDATE",
    "axes_accessfailurelog": "SELECT, INSERT, UPDATE",
    "axes_accessattemptexpiration": "SELECT, INSERT, UPDATE, DELETE",
    "access_agent": "SELECT, UPDATE (password, last_login)",
    "access_organisme": "SELECT",
    "access_service": "SELECT",
    "access_habilitation": "SELECT",
    "access_habilitationservice": "SELECT",
    "django_content_type": "SELECT",
    "django_migrations": "SELECT",
}


# Restrictive: added to the policies above, whoever asks. The agent is that of the verified passage.
_NOT_MINE = "{} IS DISTINCT FROM (SELECT access.agent())"
NEVER_OWN = (
    (
        "access_habilitation",
        "INSERT",
        _NOT_MINE.format("agent_id") + " AND granted_by_id = (SELECT access.agent())",
    ),
    ("access_habilitation", "UPDATE", _NOT_MINE.format("agent_id")),
    (
        "access_habilitationservice",
        "INSERT",
        _NOT_MINE.format("access.holder(habilitation_id)"),
    ),
)


def sql_files() -> list[str]:
    """Give the SQL of the kernel, then the invariants of each system, in order of reliance."""
    systems = [apps.get_app_config(catalogue.system).name for catalogue in REGISTRY]
    packages = dict.fromkeys(
        ["egide.kernel.access", "egide.kernel.audit", "egide.kernel.retention", *systems]
    )
    return [
        file.read_text()
        for place in (files(package).joinpath("sql") for package in packages)
        if place.is_dir()
        for file in sorted(place.iterdir(), key=lambda f: f.name)
        if file.name.endswith(".sql")
    ]


@dataclass(frozen=True, slots=True)
class Table:
    """A volet with the name of its table and of its columns in PostgreSQL."""

    volet: Volet
    name: str

    def rows(self, roles: Iterable[str], *, purpose: Purpose) -> sql.Composed:
        """Give the condition that a row must meet to be reached by one of these roles."""
        by_service = self.volet.scope is Scope.SERVICE
        wall = sql.SQL(ROWS).format(
            wall=sql.Identifier("services" if by_service else "organismes"),
            roles=sql.SQL(", ").join(map(sql.Literal, roles)),
            column=sql.Identifier("service_id" if by_service else "organisme_id"),
        )
        only = self.volet.only.get(purpose)
        if only is None:
            return wall
        return sql.SQL("{} AND {} IN ({})").format(
            wall,
            sql.Identifier(only.column),
            sql.SQL(", ").join(map(sql.Literal, only.words)),
        )

    def verbs(self, purpose: Purpose) -> dict[str, list[str]]:
        """Give, for each verb that the catalogue grants to a purpose, the roles that may do it."""
        volet = self.volet
        granted = {
            "SELECT": bool(volet.readable(purpose)),
            "INSERT": bool(volet.insertable(purpose)),
            "UPDATE": bool(volet.updatable(purpose)),
            "DELETE": purpose in volet.deletes,
        }
        asked = {verb: Action.READ if verb == "SELECT" else Action.WRITE for verb in granted}
        roles = {verb: declared_roles(volet, purpose, asked[verb]) for verb in granted}
        return {verb: roles[verb] for verb in granted if granted[verb] and roles[verb]}


def table_of(volet: Volet) -> Table:
    """Find the table of a volet; attribute names are column names throughout the house."""
    return Table(volet, apps.get_model(volet.model)._meta.db_table)


def grants(table: Table, purpose: Purpose, *, database: str) -> Iterator[sql.Composed]:
    """Yield the column grants of one purpose on one table, exactly as the catalogue says."""
    role = sql.Identifier(purpose_role(database, purpose))
    volet = table.volet
    columns_by_verb = {
        "SELECT": volet.readable(purpose),
        "INSERT": volet.insertable(purpose),
        "UPDATE": volet.updatable(purpose),
    }
    for verb, columns in columns_by_verb.items():
        if columns:
            yield sql.SQL("GRANT {} ({}) ON {} TO {}").format(
                sql.SQL(verb),
                sql.SQL(", ").join(map(sql.Identifier, sorted(columns))),
                sql.Identifier(table.name),
                role,
            )
    if purpose in volet.deletes:
        yield sql.SQL("GRANT DELETE ON {} TO {}").format(sql.Identifier(table.name), role)


def row_policies(table: Table, *, database: str, owner: str) -> Iterator[sql.Composed]:
    """Yield the forced row-level security of one table: a policy per purpose and verb, and upkeep.

    A verb that no role of the purpose has gets none, and so reaches no row.
    """
    name = sql.Identifier(table.name)
    yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(name)
    force = "NO FORCE" if table.volet.kernel else "FORCE"
    yield sql.SQL("ALTER TABLE {} {} ROW LEVEL SECURITY").format(name, sql.SQL(force))
    for purpose in sorted(table.volet.purposes(), key=lambda p: p.key):
        role = purpose_role(database, purpose)
        if purpose.job:
            # No passage, and so no service: its columns and its triggers bound it instead.
            yield create_policy(name, policy=f"purpose_{purpose.key}", role=role, rows=JOB_ROWS)
            continue
        for verb, roles in table.verbs(purpose).items():
            yield _verb_policy(
                table, purpose, verb, role=role, rows=table.rows(roles, purpose=purpose)
            )
    if table.volet.kernel:
        yield create_policy(name, policy="sign_in", role=sign_in_role(database), rows="true")
    else:
        yield create_policy(name, policy="owner_maintenance", role=owner, rows=MAINTENANCE_ROWS)


def policy_name(purpose: Purpose, verb: str) -> str:
    """Name the policy of a verb: reading has the name of the purpose alone."""
    suffix = "" if verb == "SELECT" else f"_{verb.lower()}"
    return f"purpose_{purpose.key}{suffix}"


def _verb_policy(
    table: Table, purpose: Purpose, verb: str, *, role: str, rows: sql.Composed
) -> sql.Composed:
    using = sql.SQL("" if verb == "INSERT" else "USING ({rows}) ").format(rows=rows)
    check = sql.SQL("WITH CHECK ({rows})" if verb in {"INSERT", "UPDATE"} else "").format(rows=rows)
    return sql.SQL("CREATE POLICY {} ON {} FOR {} TO {} {}{}").format(
        sql.Identifier(policy_name(purpose, verb)),
        sql.Identifier(table.name),
        sql.SQL(verb),
        sql.Identifier(role),
        using,
        check,
    )


def create_policy(table: sql.Identifier, *, policy: str, role: str, rows: str) -> sql.Composed:
    """Give the policy by which a role reaches, and writes, the rows that meet a condition."""
    return sql.SQL(
        "CREATE POLICY {} ON {} FOR ALL TO {} USING ({rows}) WITH CHECK ({rows})"
    ).format(sql.Identifier(policy), table, sql.Identifier(role), rows=sql.SQL(rows))


def never_own() -> Iterator[sql.Composed]:
    """Yield what keeps an agent from granting, widening or confirming a habilitation of their own.

    The rows stay visible and lockable, so that the screen can say why it refuses.
    """
    for table, verb, check in NEVER_OWN:
        using = sql.SQL("USING (true) " if verb == "UPDATE" else "")
        yield sql.SQL("CREATE POLICY {} ON {} AS RESTRICTIVE FOR {} {}WITH CHECK ({})").format(
            sql.Identifier(f"never_own_{verb.lower()}"),
            sql.Identifier(table),
            sql.SQL(verb),
            using,
            sql.SQL(check),
        )


def same_service(table: Table) -> Iterator[sql.Composed]:
    """Bind the service of each row to that of its subject, so that neither can drift apart."""
    catalogue = REGISTRY.of(table.volet)
    column = catalogue.subject_column
    if catalogue.subject is None or column is None or column not in table.volet.lines:
        return
    subject = catalogue.volet(catalogue.subject)
    if {subject.scope, table.volet.scope} != {Scope.SERVICE}:
        return
    name, constraint = sql.Identifier(table.name), sql.Identifier(f"{table.name}_same_service")
    yield sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(name, constraint)
    yield sql.SQL(
        "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}, service_id)"
        " REFERENCES {} (id, service_id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED"
    ).format(name, constraint, sql.Identifier(column), sql.Identifier(table_of(subject).name))


def subject_rows() -> list[tuple[str, str, str]]:
    """Give, for each system, the table of its subjects and the column of the wall around them."""
    walls = {Scope.SERVICE: "service_id", Scope.ORGANISME: "organisme_id"}
    return [
        (system, table_of(volet).name, walls[volet.scope]) for system, volet in REGISTRY.subjects()
    ]


def write_triggers(table: Table) -> Iterator[sql.Composed]:
    """Record every changed row, bulk writes included, in the trail.

    Signing in changes an agent's row before any passage exists: that one is not followed.
    """
    if table.volet.kernel and not table.volet.writes:
        return
    name = sql.Identifier(table.name)
    transitions = {
        "INSERT": "NEW TABLE AS new_rows",
        "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "DELETE": "OLD TABLE AS old_rows",
    }
    kept = sorted(c for c, line in table.volet.lines.items() if line.category.value_in_trail)
    for verb, tables in transitions.items():
        trigger = sql.Identifier(f"record_{verb.lower()}")
        yield sql.SQL("DROP TRIGGER IF EXISTS {} ON {}").format(trigger, name)
        yield sql.SQL(
            "CREATE TRIGGER {} AFTER {} ON {} REFERENCING {}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit.record_write({}, {}, {})"
        ).format(
            trigger,
            sql.SQL(verb),
            name,
            sql.SQL(tables),
            sql.Literal(table.volet.model),
            sql.Literal(table.volet.subject or ""),
            sql.Literal(" ".join(kept)),
        )


def author_trigger(table: Table) -> Iterator[sql.Composed]:
    """Hold the columns that name who writes a row to the agent of the passage."""
    name = sql.Identifier(table.name)
    yield sql.SQL("DROP TRIGGER IF EXISTS signed_by_oneself ON {}").format(name)
    if table.volet.authors:
        yield sql.SQL(
            "CREATE TRIGGER signed_by_oneself AFTER INSERT ON {} REFERENCING NEW TABLE AS new_rows"
            " FOR EACH STATEMENT EXECUTE FUNCTION access.keep_authors({})"
        ).format(name, sql.SQL(", ").join(map(sql.Literal, table.volet.authors)))


def tables(volets: Iterable[Volet]) -> list[Table]:
    """Give the tables of some volets in a stable order."""
    return sorted((table_of(v) for v in volets), key=lambda t: t.name)
