"""A database of the benchmarks' own: made from the declarations, copied, dropped at the end."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

SETTINGS = "egide.site.settings"


def server_url() -> str:
    """Give the owner's address of a server: `DATABASE_URL`, or the embedded one."""
    if "DATABASE_URL" not in os.environ:
        from egide.site import embedded

        os.environ.setdefault("EGIDE_HOME", str(embedded.home()))
        os.environ["DATABASE_URL"] = embedded.ensure()
    return os.environ["DATABASE_URL"]


def address(base: str, *, database: str) -> str:
    """Give the same address for another database."""
    return urlunsplit(urlsplit(base)._replace(path=f"/{database}"))


@contextmanager
def scratch(base: str, *names: str) -> Iterator[list[str]]:
    """Create empty databases; drop them and the roles compiled for them, whatever happens."""
    with psycopg.connect(base, autocommit=True) as owner:
        _drop(owner, names)
        try:
            owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(names[0])))
            yield list(names)
        finally:
            _drop(owner, names)


def copy(base: str, *, source: str, target: str) -> None:
    """Copy a database, file by file: the same pages on both sides of a comparison."""
    with psycopg.connect(base, autocommit=True) as owner:
        _disconnect(owner, source)
        owner.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(target), sql.Identifier(source)
            )
        )


def _drop(owner: psycopg.Connection, names: tuple[str, ...]) -> None:
    for name in names:
        _disconnect(owner, name)
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
    roles = owner.execute("SELECT rolname FROM pg_roles").fetchall()
    wanted = re.compile(rf"({'|'.join(map(re.escape, names))})_(web|access_\w+|apa_ash_\w+)\Z")
    for (role,) in roles:
        if wanted.match(role):
            owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def _disconnect(owner: psycopg.Connection, name: str) -> None:
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        [name],
    )


def unprotect(url: str) -> None:
    """Take row policies and triggers of the trail off every table of a copy."""
    with psycopg.connect(url, autocommit=True) as owner:
        tables = owner.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relrowsecurity AND relkind = 'r'"
        ).fetchall()
        for (table,) in tables:
            for change in (
                "NO FORCE ROW LEVEL SECURITY",
                "DISABLE ROW LEVEL SECURITY",
                "DISABLE TRIGGER USER",
            ):
                owner.execute(sql.SQL("ALTER TABLE {} " + change).format(sql.Identifier(table)))


def setup(url: str, *, login: str = "owner") -> None:
    """Set Django up on a database, as its owner or as the web login."""
    os.environ["DATABASE_URL"] = url
    os.environ["EGIDE_DB_LOGIN"] = login
    os.environ["EGIDE_POOL"] = "0"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django

    django.setup()
