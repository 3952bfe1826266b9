"""The pytest plugin that counts the lines of each act: one, and only one, for every `@act`.

It stands in for the transaction of `@act` in the whole suite, so that no test has to ask for it; at
the end of a complete run, an act that no test has driven is a failure too.
"""

import functools
import re
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from egide.kernel.access import views
from tests.conformity_plugin import is_complete

DRIVEN: set[str] = set()
OUTPUT = "egide_acts"
MINE = (
    "SELECT count(*) FROM audit.trail"
    " WHERE passage_id = split_part(current_setting('egide.passage'), '|', 4)::uuid"
)


def name(act):
    return f"{act.__module__}.{act.__qualname__}"


def lines():
    """Count the lines of this passage as the owner, who runs the tests; the role is given back."""
    with psycopg.Cursor(connection.connection) as cursor:
        (role,) = cursor.execute("SELECT current_setting('role')").fetchone()
        cursor.execute("SELECT set_config('role', 'none', true)")
        (found,) = cursor.execute(MINE).fetchone()
        cursor.execute("SELECT set_config('role', %s, true)", [role])
    return found


@functools.cache
def verrous():
    """Read what each act holds before it writes, by hand and whole: a lock leaves by a decision."""
    lines = (Path(__file__).with_name("verrous.txt")).read_text(encoding="utf-8").splitlines()
    found = {}
    for line in lines:
        if said := line.partition("#")[0]:
            act, *held = said.split()
            found[f"egide.{act}"] = set(held) - {"·"}
    return found


class Locks:
    """What an act waits for, seen in its statements, and whether it writes anything."""

    ROWS = re.compile(r'FROM "(?:apa_ash|access)_(\w+)"')
    WRITTEN = re.compile(r"^\s*(INSERT|UPDATE|DELETE)\s")

    def __init__(self):
        self.held, self.writes = set(), False

    def __call__(self, execute, sql, params, many, context):
        text = str(sql)
        if " FOR UPDATE" in text:
            self.held.update(self.ROWS.findall(text))
        elif "pg_advisory_xact_lock" in text:
            said = str(params[0]).split(" ")
            self.held.add(said[0] if len(said) > 1 else "access.grants_to")
        self.writes = self.writes or bool(self.WRITTEN.match(text))
        return execute(sql, params, many, context)


class OneLine:
    """The transaction of one act, which must leave one line when it succeeds."""

    def __init__(self, act):
        self.act, self.inner = act, transaction.atomic()
        self.locks = Locks()

    def __enter__(self):
        self.inner.__enter__()
        self.before = lines()
        self.watched = connection.execute_wrapper(self.locks)
        self.watched.__enter__()

    def __exit__(self, kind, error, trace):
        self.watched.__exit__(kind, error, trace)
        written = lines() - self.before if kind is None else 1
        self.inner.__exit__(kind, error, trace)
        DRIVEN.add(self.act)
        assert written == 1, f"{self.act} left {written} lines in the trail"
        if kind is None and self.locks.writes and self.act.startswith("egide."):
            missing = verrous()[self.act] - self.locks.held
            assert not missing, f"{self.act} wrote without holding {missing}: see verrous.txt"


class Counted:
    """What `@act` takes for Django's module of transactions."""

    @staticmethod
    def atomic():
        return OneLine(name(sys._getframe(1).f_locals["service"]))


@pytest.fixture(autouse=True, scope="session")
def _every_act_is_counted():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(views, "transaction", Counted)
        yield


def pytest_configure(config):
    config.pluginmanager.register(Sweep(config), "egide-acts")


class Sweep:
    """Gathers what the workers drove, and tells what nobody did."""

    def __init__(self, config):
        self.config = config
        self.driven, self.known, self.missing = set(), set(), []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        driven, known = getattr(node, "workeroutput", {}).get(OUTPUT, ((), ()))
        self.driven |= set(driven)
        self.known |= set(known)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        self.driven |= DRIVEN
        self.known |= {name(act) for act in views.ACTS if act.__module__.startswith("egide.")}
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[OUTPUT] = (sorted(self.driven), sorted(self.known))
            return
        if self.config.option.collectonly or not is_complete(session, exitstatus):
            return
        self.missing = sorted(self.known - self.driven)
        if self.missing:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        for act in self.missing:
            terminalreporter.write_line(f"No test drives the act {act}.", red=True)
