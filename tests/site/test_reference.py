"""The reference pages are what the declarations say, and a page left behind is told."""

from argparse import Namespace

import pytest

from egide.site import reference
from egide.systems.apa_ash.catalogue import CATALOGUE

CHECK = Namespace(check=True)
WRITE = Namespace(check=False)
NAMES = ("clauses.md", "donnees.md", "durees.md", "habilitations.md")


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_page_says_what_is_declared(name):
    assert (reference.PLACE / name).read_text(encoding="utf-8") == reference.pages()[name]


def test_a_page_left_behind_is_told_then_written(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "PLACE", tmp_path)
    told = []
    assert reference.run(CHECK, tell=told.append) == 1
    assert sorted(line.partition(" ")[0] for line in told) == list(NAMES)
    assert reference.run(WRITE, tell=told.append) == 0
    assert told[-1] == "Pages écrites : 4 ; à jour : 0."
    assert reference.run(CHECK, tell=told.append) == 0
    (tmp_path / "durees.md").write_text("six ans, ou à peu près", encoding="utf-8")
    told.clear()
    assert reference.run(CHECK, tell=told.append) == 1
    assert [line.partition(" ")[0] for line in told] == ["durees.md"]


def test_an_installed_package_has_no_page_to_write(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "PLACE", tmp_path / "absent")
    told = []
    assert reference.run(WRITE, tell=lambda line, error: told.append((line, error))) == 1
    assert told[0][1]


def test_every_model_and_column_of_a_system_is_on_the_page():
    page = reference.pages()["donnees.md"]
    for volet in CATALOGUE.volets:
        assert f"### {volet.model.partition('.')[2]}\n" in page
        assert all(f"| `{name}` |" in page for name in volet.lines)
