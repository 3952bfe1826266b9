"""Passages on a chosen day: what an act decides depends on its day, never on the clock."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date

import pytest

from egide.kernel.access.models import Agent
from egide.kernel.access.passage import Passage, enter, openings_of
from egide.kernel.catalogue.declarations import Purpose
from egide.systems.apa_ash.purposes import INSTRUCTION
from tests.personas import today

On = Callable[..., AbstractContextManager[Passage]]


@pytest.fixture
def on_day(maintenance: None) -> On:
    """Open a passage of an agent as if it were another day, with today's habilitations."""

    @contextmanager
    def open_passage(
        agent: Agent, day: date, *, purpose: Purpose = INSTRUCTION
    ) -> Iterator[Passage]:
        openings = openings_of(agent, on=today())
        with enter(agent, purpose=purpose, openings=openings, session="test", on=day) as passage:
            yield passage

    return open_passage
