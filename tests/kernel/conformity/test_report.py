"""A clause is proven by a test that passed, answered by a document, or said to be neither."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from egide.kernel.conformity import clauses as clauses_module
from egide.kernel.conformity import proofs, report

CLAUSES = (Path(__file__).parent / "fictif.yaml").read_text(encoding="utf-8")
TESTS = """
import pytest

@pytest.mark.clause("FIC-01")
def test_promise():
    assert True

class TestGate:
    @pytest.mark.parametrize("case", [pytest.param(1, marks=pytest.mark.clause("FIC-03"))])
    def test_gate(self, case):
        assert case
"""
PROMISE = "tests/test_a.py::test_promise"
GATE = "tests/test_a.py::TestGate::test_gate"


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A small project of one system, with its tests, its document and an empty state."""
    for folder in ("systems/fic", "tests", "docs", "state"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "systems/fic/clauses.yaml").write_text(CLAUSES, encoding="utf-8")
    (tmp_path / "tests/test_a.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "docs/procedure.md").write_text("FIC-02", encoding="utf-8")
    monkeypatch.setattr(clauses_module, "SYSTEMS", tmp_path / "systems")
    monkeypatch.setattr(proofs, "HERE", tmp_path / "absent")
    monkeypatch.setenv("EGIDE_PROOFS", str(tmp_path / "state/proofs.json"))
    monkeypatch.setenv("EGIDE_ATTESTATIONS", str(tmp_path / "state"))
    return tmp_path


def record(*results, complete=True):
    """Record the outcomes of tests as a run would."""
    ran = {
        test: proofs.Proof(test, tuple(ids), outcome, "2026-01-02T03:04:05+00:00")
        for test, ids, outcome in results
    }
    proofs.write(proofs.state_path(), ran, complete=complete)


def statuses(house):
    """Return the status of each clause of the small project."""
    (chapter,) = report.build(["fic"], root=house).chapters
    return {line.clause.id: line.status for line in chapter.lines}


def test_with_no_run_only_documents_answer(house):
    assert statuses(house) == {
        "FIC-01": "non prouvée",
        "FIC-02": "répondue",
        "FIC-03": "non prouvée",
        "FIC-04": "non prouvée",
    }


def test_with_no_run_the_written_proofs_are_shown_as_not_run(house):
    (chapter,) = report.build(["fic"], root=house).chapters
    shown = {line.clause.id: [(p.test, p.outcome) for p in line.proofs] for line in chapter.lines}
    assert shown["FIC-01"] == [(PROMISE, "non exécutée ici")]
    assert shown["FIC-03"] == [(GATE, "non exécutée ici")]


def test_a_test_that_passed_proves(house):
    record((PROMISE, ["FIC-01"], "passed"), (f"{GATE}[1]", ["FIC-03"], "passed"))
    assert statuses(house)["FIC-01"] == "prouvée"
    assert statuses(house)["FIC-03"] == "prouvée"


@pytest.mark.parametrize("outcome", ["skipped", "xfailed", "xpassed"])
def test_a_test_that_did_not_pass_proves_nothing(house, outcome):
    record((PROMISE, ["FIC-01"], outcome))
    assert statuses(house)["FIC-01"] == "non prouvée"


def test_one_failure_outweighs_every_success(house):
    record((PROMISE, ["FIC-01"], "passed"), (GATE, ["FIC-01"], "failed"))
    assert statuses(house)["FIC-01"] == "en échec"


def test_a_failing_test_outweighs_the_document(house):
    record((PROMISE, ["FIC-02"], "failed"))
    assert statuses(house)["FIC-02"] == "en échec"


def test_a_document_that_is_gone_answers_nothing(house):
    (house / "docs/procedure.md").unlink()
    assert statuses(house)["FIC-02"] == "non prouvée"


def test_a_recorded_test_that_left_the_source_proves_nothing(house):
    record(("tests/test_a.py::test_gone", ["FIC-01"], "passed"))
    assert statuses(house)["FIC-01"] == "non prouvée"


@pytest.mark.parametrize(
    ("content", "status"),
    [("Hébergeur : [à compléter]", "non prouvée"), ("  \n", "non prouvée"), ("ok", "répondue")],
)
def test_an_attestation_counts_once_filled(house, content, status):
    (house / "state/hebergeur.md").write_text(content, encoding="utf-8")
    assert statuses(house)["FIC-04"] == status


def test_a_partial_run_keeps_the_other_results(house):
    record((PROMISE, ["FIC-01"], "passed"), (GATE, ["FIC-03"], "passed"))
    record((GATE, ["FIC-03"], "failed"), complete=False)
    assert statuses(house)["FIC-01"] == "prouvée"
    assert statuses(house)["FIC-03"] == "en échec"


def test_a_full_run_forgets_the_others(house):
    record((PROMISE, ["FIC-01"], "passed"), (GATE, ["FIC-03"], "passed"))
    record((GATE, ["FIC-03"], "passed"))
    assert statuses(house)["FIC-01"] == "non prouvée"


def test_a_test_that_lost_its_mark_disappears(house):
    record((PROMISE, ["FIC-01"], "passed"))
    record((PROMISE, [], "passed"), complete=False)
    assert statuses(house)["FIC-01"] == "non prouvée"


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 2, "tests": {}}', '{"format": 1}'])
def test_a_broken_file_of_proofs_is_told_not_ignored(house, content, capsys):
    proofs.state_path().write_text(content, encoding="utf-8")
    assert report.main(Namespace(json=False)) == 1
    assert "proofs.json" in capsys.readouterr().err


def test_the_command_exits_1_and_prints_every_clause(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("EGIDE_PROOFS", str(tmp_path / "none.json"))
    monkeypatch.setattr(proofs, "HERE", tmp_path)
    assert report.main(Namespace(json=False)) == 1
    printed = capsys.readouterr().out
    assert all(clause.id in printed for clause in report.clauses("apa_ash"))
    assert "Aucune preuve enregistrée" in printed


def test_the_command_exits_0_when_all_is_proven(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("EGIDE_PROOFS", str(tmp_path / "proofs.json"))
    everything = sorted(clauses_module.known_ids())
    this = "tests/kernel/conformity/test_report.py::test_the_command_exits_0_when_all_is_proven"
    record((this, everything, "passed"))
    assert report.main(Namespace(json=True)) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["conforme"] is True
    assert {line["statut"] for line in shown["systemes"][0]["lignes"]} == {"prouvée"}


def test_the_page_says_that_nothing_was_recorded(house):
    page = report.for_page(["fic"])
    assert page["avis"] == "aucune preuve enregistrée"
    assert page["systemes"][0]["lignes"][0]["id"] == "FIC-01"
