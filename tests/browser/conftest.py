"""A real server on a real port, on a database of its own, and visitors who miss nothing."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from egide.systems.apa_ash.demo import PASSWORD
from tests.chromium import chromium

__all__ = ["chromium"]

PEOPLE = "60"
# A day whose figures are verified for good: the test of a day's work never skips itself.
DAY = date(2026, 6, 15)
PATIENCE = 120
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items):
    """One worker runs them all: each would start a server, and there are two processors."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass
class Site:
    """A running instance: where it answers, and its database as its owner sees it."""

    url: str
    database_url: str

    def execute(self, query: str, *values: object) -> list[tuple]:
        """Run a statement as the owner, in maintenance."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute("SET LOCAL egide.maintenance = 'on'")
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []


def owner_url() -> str:
    """The server of the tests, as `tests.database` started it or as DATABASE_URL names it."""
    return os.environ["DATABASE_URL"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (URLError, ConnectionError, TimeoutError):
        return False


def _drop(owner: psycopg.Connection, name: str) -> None:
    """Drop a database once the last connection of its server is gone: it is another login's."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            owner.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
        except psycopg.errors.ObjectInUse:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """An empty database beside that of the tests, removed with its roles afterwards."""
    name = f"browser_{os.getpid()}"
    info = conninfo_to_dict(owner_url())
    with psycopg.connect(owner_url(), autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_conninfo(owner_url(), dbname=name, user=info.get("user"))
        _drop(owner, name)
        roles = owner.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [f"{name}%"])
        for (role,) in roles.fetchall():
            owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


@pytest.fixture(scope="session")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`egide demo` itself, with a few people, on a free port."""
    bind = f"127.0.0.1:{free_port()}"
    home = tmp_path_factory.mktemp("home")
    log = home / "server.log"
    environment = os.environ | {
        "DATABASE_URL": database,
        "EGIDE_HOME": str(home),
        "EGIDE_DEMO_PEOPLE": PEOPLE,
        "EGIDE_BROWSER_DAY": DAY.isoformat(),
        "PYTHONPATH": f"{Path(__file__).parent / 'clock'}:{Path(__file__).parents[2]}",
    }
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "egide.site.cli", "demo", "--bind", bind],
            env=environment, stdout=output, stderr=output,
        )  # fmt: skip
    deadline = time.monotonic() + PATIENCE
    while not answers(f"http://{bind}/connexion"):
        assert server.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    opened = Site(f"http://{bind}", database)
    # In force on that day, and on the true one, by which PostgreSQL judges.
    opened.execute(
        "UPDATE access_habilitation SET periode = daterange(lower(periode),"
        " greatest(upper(periode), access.today() + 30))"
    )
    # What PostgreSQL refuses by date is refused by that one.
    opened.execute(
        "CREATE OR REPLACE FUNCTION access.today() RETURNS date LANGUAGE sql STABLE"
        f" SET search_path = pg_catalog, pg_temp AS $$ SELECT date '{DAY:%Y-%m-%d}' $$"
    )
    yield opened
    server.terminate()
    server.wait(timeout=20)


@dataclass
class Visitor:
    """A person before a browser, and all that the browser complained of."""

    site: Site
    page: Page
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note errors of the console, reports of the policy, and requests to another host."""
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._note_foreign)

    def _note_foreign(self, request: Request) -> None:
        target = urlsplit(request.url)
        if target.scheme != "data" and target.netloc != urlsplit(self.site.url).netloc:
            self.complaints.append(f"asked of another host: {request.url}")

    def open(self, path: str) -> None:
        """Go to an address of the site."""
        self.page.goto(self.site.url + path)

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Sign in with the keyboard alone."""
        self.open("/connexion")
        self.page.get_by_label("Identifiant").focus()
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(password)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Open as many browsers as a scenario has people, each with its own cookies."""
    contexts: list[BrowserContext] = []

    def arrive(name: str = "", *, width: int = 1366) -> Visitor:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 800}))
        visitor = Visitor(site, contexts[-1].new_page())
        visitor.page.set_default_timeout(30_000)
        visitor.watch()
        if name:
            visitor.sign_in(name)
        return visitor

    yield arrive
    for context in contexts:
        context.close()
