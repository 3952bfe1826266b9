"""Write the declarations into PostgreSQL, in one transaction, whatever was there before."""

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from egide.kernel.access.compiler.archive import open_archive
from egide.kernel.access.compiler.drift import declarations, may_hide_queries, state
from egide.kernel.access.compiler.kept import database, keep_declared, purpose_roles
from egide.kernel.access.compiler.keys import bind_keys
from egide.kernel.access.compiler.sealer import create_sealer, open_trail_to_sealer
from egide.kernel.access.compiler.statements import (
    SCHEMAS,
    SIGN_IN_TABLES,
    Table,
    author_trigger,
    grants,
    never_own,
    row_policies,
    same_service,
    sql_files,
    tables,
    write_triggers,
)
from egide.kernel.access.names import sign_in_role, web_role
from egide.kernel.access.secrets import login_password
from egide.kernel.audit.records import sealer_role
from egide.kernel.catalogue.declarations import REGISTRY

BLOCK_BYTES = 64
# Roles are global to a cluster: parallel instances compile one after the other.
CLUSTER_LOCK = 7_240_142


def sync() -> None:
    """Compile every registered declaration: roles, functions, grants, policies, triggers."""
    all_tables = tables(v for catalogue in REGISTRY for v in catalogue.volets)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLUSTER_LOCK])
        cursor.execute("SET LOCAL egide.maintenance = 'on'")
        for source in sql_files():
            cursor.execute(source)
        _keep_signing_key(cursor)
        _create_roles(cursor)
        _clear(cursor, all_tables)
        for compiled in (_compile_table, _bind_table):
            for table in all_tables:
                compiled(cursor, table)
        _open_kernel(cursor)
        open_trail_to_sealer(cursor)
        keep_declared(cursor)
        open_archive(cursor)
        cursor.execute("SELECT audit.keep_partitions(%s)", [[c.system for c in REGISTRY]])
        cursor.execute(
            "INSERT INTO access.compiled (declarations, state) VALUES (%s, %s)"
            " ON CONFLICT (only_one) DO UPDATE"
            " SET declarations = EXCLUDED.declarations, state = EXCLUDED.state",
            [declarations(), state(cursor)],
        )


def _keep_signing_key(cursor: CursorWrapper) -> None:
    """Store the two padded keys of HMAC, so that PostgreSQL needs `sha256` alone."""
    key = settings.PASSAGE_KEY.ljust(BLOCK_BYTES, b"\0")
    cursor.execute(
        "INSERT INTO access.signing_key (inner_pad, outer_pad) VALUES (%s, %s)"
        " ON CONFLICT (only_one) DO UPDATE"
        " SET inner_pad = EXCLUDED.inner_pad, outer_pad = EXCLUDED.outer_pad",
        [bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)],
    )


def _create_roles(cursor: CursorWrapper) -> None:
    """Create what is missing; the web login may become each purpose and inherits none."""
    web = web_role(database())
    cursor.execute("SELECT rolname FROM pg_roles")
    present = {row[0] for row in cursor.fetchall()}
    for role in purpose_roles():
        if role not in present:
            cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(sql.Identifier(role)))
    for login in _logins():
        verb = "ALTER" if login in present else "CREATE"
        password = login_password(settings.SECRET_KEY, login=login)
        cursor.execute(
            sql.SQL("{} ROLE {} LOGIN NOINHERIT PASSWORD {}").format(
                sql.SQL(verb), sql.Identifier(login), sql.Literal(password)
            )
        )
    _set_logins(cursor)
    # The owner sets a role for its tests and its jobs without inheriting from it.
    inherit_false = " WITH INHERIT FALSE" if _server_version(cursor) >= 160_000 else ""  # noqa: PLR2004
    for role in purpose_roles(jobs=False):
        cursor.execute(
            sql.SQL("GRANT {} TO {}" + inherit_false).format(
                sql.Identifier(role), sql.Identifier(web)
            )
        )
    for role in purpose_roles():
        cursor.execute(
            sql.SQL("GRANT {} TO CURRENT_USER" + inherit_false).format(sql.Identifier(role))
        )
    create_sealer(cursor, present=present, how=inherit_false)
    _leave_undeclared_roles(cursor, web)


# Whoever waits is told, and no session holds its rows while nobody works in it: longer than the
# longest statement, and than what a run of 40,000 people computes between two of them.
PATIENCE = {
    "lock_timeout": "20s",
    "statement_timeout": "10min",
    "idle_in_transaction_session_timeout": "5min",
}


def _set_logins(cursor: CursorWrapper) -> None:
    """Give each login its settings and no other: it may change its own, and lock the site out.

    What a session runs is hidden from the other sessions of its login, where the owner may say so.
    """
    hidden = may_hide_queries(cursor)
    for login in map(sql.Identifier, _logins()):
        where = sql.SQL("IN DATABASE {}").format(sql.Identifier(database()))
        cursor.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(login))
        cursor.execute(sql.SQL("ALTER ROLE {} {} RESET ALL").format(login, where))
        if hidden:
            cursor.execute(sql.SQL("ALTER ROLE {} SET track_activities = off").format(login))
        for name, longest in PATIENCE.items():
            cursor.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(
                    login, sql.Identifier(name), sql.Literal(longest)
                )
            )


def _leave_undeclared_roles(cursor: CursorWrapper, web: str) -> None:
    """Let the web login no longer become a purpose that the code has ceased to declare."""
    cursor.execute(
        "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid"
        " JOIN pg_roles w ON w.oid = m.member WHERE w.rolname = %s AND r.rolname <> ALL (%s)",
        [web, purpose_roles(jobs=False)],
    )
    for (role,) in cursor.fetchall():
        cursor.execute(
            sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(role), sql.Identifier(web))
        )


def _logins() -> list[str]:
    return [web_role(database()), sign_in_role(database())]


def _server_version(cursor: CursorWrapper) -> int:
    cursor.execute("SHOW server_version_num")
    return int(cursor.fetchone()[0])


def _clear(cursor: CursorWrapper, all_tables: list[Table]) -> None:
    """Take back every grant and every policy: what is no longer declared must not survive."""
    roles = [*purpose_roles(), *_logins(), sealer_role(database())]
    role_list = sql.SQL(", ").join(map(sql.Identifier, roles))
    for schema in SCHEMAS:
        for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
            cursor.execute(
                sql.SQL("REVOKE ALL ON ALL {} IN SCHEMA {} FROM PUBLIC, {}").format(
                    sql.SQL(kind), sql.Identifier(schema), role_list
                )
            )
        cursor.execute(
            sql.SQL("REVOKE ALL ON SCHEMA {} FROM {}").format(sql.Identifier(schema), role_list)
        )
    _clear_default_privileges(cursor, role_list)
    cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    # A temporary table shadows a real one by name for whoever gets the connection next.
    here = sql.Identifier(database())
    cursor.execute(
        sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC, {}").format(here, role_list)
    )
    cursor.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
            here, sql.SQL(", ").join(map(sql.Identifier, _logins()))
        )
    )
    cursor.execute(
        "SELECT schemaname, tablename, policyname FROM pg_policies"
        " WHERE schemaname = 'public' AND tablename = ANY(%s) OR schemaname = 'archive'",
        [[table.name for table in all_tables]],
    )
    for schema, table, policy in cursor.fetchall():
        cursor.execute(
            sql.SQL("DROP POLICY {} ON {}").format(
                sql.Identifier(policy), sql.Identifier(schema, table)
            )
        )
    _revoke_columns(cursor, roles)


def _clear_default_privileges(cursor: CursorWrapper, role_list: sql.Composed) -> None:
    """Let the next table or function of a migration be born closed, in each schema and outside."""
    for schema in (None, *SCHEMAS):
        where = sql.SQL("IN SCHEMA {}").format(sql.Identifier(schema)) if schema else sql.SQL("")
        for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
            cursor.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES {} REVOKE ALL ON {} FROM {}").format(
                    where, sql.SQL(kind), role_list
                )
            )


def _revoke_columns(cursor: CursorWrapper, roles: list[str]) -> None:
    """Take back column grants, which a revocation on the whole table leaves in place."""
    cursor.execute(
        "SELECT DISTINCT c.relname, a.attname FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND a.attacl IS NOT NULL AND NOT a.attisdropped"
    )
    role_list = sql.SQL(", ").join(map(sql.Identifier, roles))
    for table, column in cursor.fetchall():
        cursor.execute(
            sql.SQL("REVOKE ALL ({}) ON {} FROM {}").format(
                sql.Identifier(column), sql.Identifier(table), role_list
            )
        )


def _compile_table(cursor: CursorWrapper, table: Table) -> None:
    cursor.execute("SELECT current_user")
    owner = str(cursor.fetchone()[0])
    for purpose in sorted(table.volet.purposes(), key=lambda p: p.key):
        for statement in grants(table, purpose, database=database()):
            cursor.execute(statement)
    for statement in row_policies(table, database=database(), owner=owner):
        cursor.execute(statement)


def _bind_table(cursor: CursorWrapper, table: Table) -> None:
    """Add keys and triggers once every policy is back: a key is checked on rows the owner sees."""
    for statement in (*same_service(table), *author_trigger(table), *write_triggers(table)):
        cursor.execute(statement)
    bind_keys(cursor, table)


def _open_kernel(cursor: CursorWrapper) -> None:
    """Grant what the doors need: functions to purposes, sign-in tables to their login."""
    for statement in never_own():
        cursor.execute(statement)
    web = sql.Identifier(web_role(database()))
    sign_in = sql.Identifier(sign_in_role(database()))
    roles = sql.SQL(", ").join(map(sql.Identifier, purpose_roles(jobs=False)))
    cursor.execute(
        sql.SQL("GRANT USAGE ON SCHEMA public, access, audit, retention TO {}").format(roles)
    )
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA audit TO {}").format(web))
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sign_in))
    cursor.execute(
        sql.SQL(
            "GRANT EXECUTE ON FUNCTION access.services(), access.services(text[]),"
            " access.organismes(), access.organismes(text[]), access.agent(),"
            " access.holder(uuid), access.grants_to(uuid),"
            " access.names_of(uuid[]),"
            " access.colleagues(text), access.plays(text, uuid), access.today(),"
            " audit.record(text, text, uuid[], text[], text), audit.readers(uuid) TO {}"
        ).format(roles)
    )
    cursor.execute(
        sql.SQL("GRANT EXECUTE ON FUNCTION audit.record_refusal(text, text, text[]) TO {}").format(
            web
        )
    )
    for table, privileges in SIGN_IN_TABLES.items():
        cursor.execute(
            sql.SQL("GRANT {} ON {} TO {}").format(
                sql.SQL(privileges), sql.Identifier(table), sign_in
            )
        )
    cursor.execute(
        "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
        " AND sequencename LIKE 'axes%%'"
    )
    for (sequence,) in cursor.fetchall():
        cursor.execute(
            sql.SQL("GRANT USAGE ON SEQUENCE {} TO {}").format(sql.Identifier(sequence), sign_in)
        )
