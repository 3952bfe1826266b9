"""Fixtures of a passage; warnings are failures (see pyproject.toml)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from whitenoise.middleware import WhiteNoiseMiddleware

from egide.kernel.access.models import Agent
from egide.kernel.access.passage import Passage, enter, openings_of
from egide.kernel.catalogue.declarations import Purpose
from tests.personas import Cast, cast, today

pytest_plugins = [
    "tests.conformity_plugin",
    "tests.acts_plugin",
    "tests.systems.apa_ash.departement",
]


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_found_once() -> Iterator[None]:
    """Lend each visitor the files that the first one found: each would walk them all again."""
    walk, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def lend(self: WhiteNoiseMiddleware) -> None:
        if not found:
            walk(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", lend)
        yield


@pytest.fixture
def maintenance(db: None) -> None:
    """Let the owner prepare rows in this test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")


@pytest.fixture
def team(maintenance: None) -> Cast:
    """The permanent cast, in an instance whose declarations are compiled."""
    return cast()


# No test is timed: a slow machine is not a defect. The rest is Hypothesis's own choice, which
# takes the same examples at every run where `CI` is set.
settings.register_profile(
    "egide", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("egide")

Enter = Callable[[Agent, Purpose], AbstractContextManager[Passage]]


@pytest.fixture
def entering(maintenance: None) -> Enter:
    """Open a passage as a request does, with the upkeep of the owner put aside meanwhile."""

    @contextmanager
    def open_passage(agent: Agent, purpose: Purpose) -> Iterator[Passage]:
        openings = openings_of(agent, on=today())
        with enter(
            agent, purpose=purpose, openings=openings, session="test", on=today()
        ) as passage:
            yield passage

    return open_passage
