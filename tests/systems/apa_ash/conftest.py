"""Passages on a chosen day: what an act decides depends on its day, never on the clock."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date

import pytest
from django.db import connection

from egide.kernel.access.models import Agent
from egide.kernel.access.passage import Passage, enter, openings_of
from egide.kernel.catalogue.declarations import Purpose
from egide.systems.apa_ash.purposes import INSTRUCTION
from tests.personas import today

On = Callable[..., AbstractContextManager[Passage]]


@contextmanager
def that_day(day: date) -> Iterator[None]:
    """Let PostgreSQL stand on the same day: what it refuses by date is refused by that one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('access.today'::regproc)")
        ((real,),) = cursor.fetchall()
        cursor.execute(
            "CREATE OR REPLACE FUNCTION access.today() RETURNS date LANGUAGE sql STABLE"
            f" SET search_path = pg_catalog, pg_temp AS $$ SELECT date '{day:%Y-%m-%d}' $$"
        )
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(real)


@pytest.fixture
def on_day(maintenance: None) -> On:
    """Open a passage of an agent as if it were another day, with today's habilitations."""

    @contextmanager
    def open_passage(
        agent: Agent, day: date, *, purpose: Purpose = INSTRUCTION
    ) -> Iterator[Passage]:
        openings = openings_of(agent, on=today())
        with (
            that_day(day),
            enter(agent, purpose=purpose, openings=openings, session="test", on=day) as passage,
        ):
            yield passage

    return open_passage
