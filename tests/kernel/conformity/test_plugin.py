"""The plugin records what a real run of pytest proved, alone or on several workers."""

import json
import os
import subprocess
import sys

import pytest

from egide.kernel.conformity.clauses import ROOT

MODULE = """
import pytest

@pytest.mark.clause("APA-04")
def test_passes():
    assert True

@pytest.mark.clause("APA-05")
def test_fails():
    assert False

@pytest.mark.clause("APA-06", "APA-13")
@pytest.mark.xfail(strict=True)
def test_expected_failure():
    assert False

@pytest.mark.clause("APA-17")
@pytest.mark.skip(reason="not today")
def test_skipped():
    assert True

@pytest.fixture
def falls_at_the_end():
    yield
    raise RuntimeError

@pytest.mark.clause("APA-18")
def test_teardown_fails(falls_at_the_end):
    assert True

def test_unmarked():
    assert True
"""


@pytest.fixture
def run(tmp_path):
    """Run pytest on a small project and return its output and its proofs by test name."""
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks/test_small.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\ntestpaths = checks\nmarkers = clause(*ids): proven clauses\n", encoding="utf-8"
    )
    state = tmp_path / "state/proofs.json"
    kept = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"EGIDE_PROOFS": str(state), "PYTHONPATH": str(ROOT)}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

    def go(*arguments):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conformity_plugin"]
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider", "--import-mode=importlib", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        content = json.loads(state.read_text())["tests"] if state.is_file() else {}
        return done, {name.partition("::")[2]: line for name, line in content.items()}

    go.source = tmp_path / "checks/test_small.py"
    return go


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "workers"])
def test_outcomes_are_recorded_with_their_clauses(run, workers):
    done, proofs = run(*workers)
    assert done.returncode == 1, done.stdout + done.stderr
    assert {name: (line["clauses"], line["outcome"]) for name, line in proofs.items()} == {
        "test_passes": (["APA-04"], "passed"),
        "test_fails": (["APA-05"], "failed"),
        "test_expected_failure": (["APA-06", "APA-13"], "xfailed"),
        "test_skipped": (["APA-17"], "skipped"),
        "test_teardown_fails": (["APA-18"], "failed"),
    }
    assert all(line["at"] for line in proofs.values())


def test_an_unknown_clause_stops_the_run(run):
    run.source.write_text(MODULE.replace("APA-04", "APA-99"), encoding="utf-8")
    done, proofs = run()
    assert done.returncode != 0
    assert "unknown clause APA-99" in done.stdout + done.stderr
    assert proofs == {}


def test_a_mark_without_a_clause_stops_the_run(run):
    run.source.write_text(MODULE.replace('"APA-04"', ""), encoding="utf-8")
    done, _ = run()
    assert "names no clause" in done.stdout + done.stderr


def test_a_narrowed_run_replaces_its_own_results_only(run):
    run()
    run.source.write_text(MODULE.replace("assert False", "assert True", 1), encoding="utf-8")
    _, proofs = run("-k", "test_fails")
    assert proofs["test_fails"]["outcome"] == "passed"
    assert proofs["test_passes"]["outcome"] == "passed"


def test_a_full_run_forgets_a_test_that_is_gone(run):
    run()
    run.source.write_text(MODULE.replace("def test_passes", "def test_renamed"), encoding="utf-8")
    _, proofs = run()
    assert "test_passes" not in proofs
    assert "test_renamed" in proofs


def test_a_run_that_stops_at_the_first_failure_forgets_nothing(run):
    _, before = run()
    _, after = run("-x")
    assert set(after) == set(before)


def test_collecting_records_nothing(run):
    _, proofs = run("--collect-only")
    assert proofs == {}
