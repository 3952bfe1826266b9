"""The pytest plugin that links tests to clauses and records what they prove."""

from datetime import UTC, datetime

import pytest

from egide.kernel.conformity import proofs
from egide.kernel.conformity.clauses import known_ids
from egide.kernel.conformity.proofs import FAILED, Proof

PROPERTY = "clauses"


def pytest_configure(config):
    """Record on the controller only: a worker's reports reach it."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config), "egide-proofs")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Refuse an unknown clause, and hang the clauses of each test on its reports."""
    known = known_ids()
    for item in items:
        ids = {id_ for mark in item.iter_markers("clause") for id_ in mark.args}
        if any(not mark.args for mark in item.iter_markers("clause")):
            raise pytest.UsageError(f"{item.nodeid}: a clause mark names no clause")
        if unknown := sorted(ids - known):
            raise pytest.UsageError(f"{item.nodeid}: unknown clause {', '.join(unknown)}")
        item.user_properties.append((PROPERTY, sorted(ids)))


class Recorder:
    """Collects outcomes and writes them at the end of the session."""

    def __init__(self, config):
        self.config = config
        self.ran = {}

    def pytest_runtest_logreport(self, report):
        """Keep the worst of the three phases of a test."""
        ids = tuple(dict(report.user_properties).get(PROPERTY, ()))
        at = datetime.fromtimestamp(report.stop, tz=UTC).isoformat(timespec="seconds")
        before = self.ran.get(report.nodeid)
        outcome = outcome_of(report)
        if before is not None and (before.outcome == FAILED or report.when == "teardown"):
            outcome = FAILED if outcome == FAILED else before.outcome
        self.ran[report.nodeid] = Proof(report.nodeid, ids, outcome, at)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        """Write the proofs, unless the run only collected."""
        if self.config.option.collectonly:
            return
        proofs.write(proofs.state_path(), self.ran, complete=is_complete(session, exitstatus))


def outcome_of(report):
    """Name the outcome of a phase; an expected failure is never a success."""
    if hasattr(report, "wasxfail"):
        return "xpassed" if report.passed else "xfailed"
    return report.outcome


def is_complete(session, exitstatus):
    """Tell whether every test of the project was asked for, and the run went to its end."""
    config = session.config
    option = config.option
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS or (
        config.args == list(config.getini("testpaths"))
    )
    narrowed = any((option.keyword, option.markexpr, option.deselect, option.ignore))
    ended = exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
    stopped = bool(session.shouldstop or session.shouldfail)
    return everything and ended and not narrowed and not stopped
