"""The count of lines that the whole suite makes tells an act that leaves none, or two."""

import pytest

from egide.kernel.access.views import ACTS, act
from egide.kernel.audit import trail
from egide.systems.apa_ash.purposes import INSTRUCTION


@pytest.fixture(autouse=True)
def forgotten():
    """Acts of these tests are not the house's."""
    known = set(ACTS)
    yield
    for added in set(ACTS) - known:
        del ACTS[added]


def more(passage):
    trail.record("essai", system=passage.purpose.system, subjects=(), fields=())


def test_an_act_leaves_one_line(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        act("essai")(lambda _passage: None)(passage)
        act("essai")(lambda _passage: None)(passage)


def test_two_lines_are_told(team, entering):
    with (
        entering(team.alice, INSTRUCTION) as passage,
        pytest.raises(AssertionError, match="left 2 lines"),
    ):
        act("essai")(more)(passage)


def test_an_act_within_an_act_is_told(team, entering):
    inner = act("essai")(lambda _passage: None)
    with (
        entering(team.alice, INSTRUCTION) as passage,
        pytest.raises(AssertionError, match="left 2 lines"),
    ):
        act("essai")(inner)(passage)


def test_no_line_is_told(team, entering, monkeypatch):
    monkeypatch.setattr(trail, "record", lambda *_, **__: None)
    with (
        entering(team.alice, INSTRUCTION) as passage,
        pytest.raises(AssertionError, match="left 0 lines"),
    ):
        act("essai")(lambda _passage: None)(passage)
