"""What an instance does by itself: at its hours, one at a time, and told to the delegate."""

import argparse
import logging
from datetime import timedelta

import croniter
import procrastinate
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from psycopg import sql

from egide.kernel.access.catalogue import SYSTEM as KERNEL
from egide.kernel.access.catalogue import Role as KernelRole
from egide.kernel.access.compiler import drift
from egide.kernel.audit.runs import record_run
from egide.kernel.offers import Job, Outcome
from egide.site import jobs
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.dossier import Etat
from tests import factories
from tests.personas import grant, today

CALLS = []


def ring(*, tell):
    CALLS.append(connection.settings_dict["NAME"])
    tell("sonne")
    return Outcome()


def fail(*, tell):
    raise ValueError("Mme Zyromska, 1 84 05 01 004 012")


def refuse(*, tell):
    return Outcome(code=1)


def job(name, run):
    return Job(name=name, label=name, cron="15 1 * * *", run=f"tests.site.test_jobs:{run.__name__}")


@pytest.fixture(autouse=True)
def silence():
    CALLS.clear()


def test_each_job_has_a_true_hour_a_call_that_exists_and_a_name_of_its_own():
    declared = list(jobs.every())
    assert {"retention", "seal", "verify"} <= {each.name for each in declared}
    assert len({each.name for each in declared}) == len(declared)
    for each in declared:
        assert croniter.croniter.is_valid(each.cron)
        # At the least once a night, so that a page may say that one is late.
        hours = croniter.croniter(each.cron, timezone.now())
        first, second = (hours.get_next(float) for _ in range(2))
        assert second - first <= 86_400
        assert callable(jobs.resolve_name(each.run))


@pytest.mark.clause("APA-44")
def test_the_nightly_job_destroys_by_itself_what_is_due_that_day(team):
    over = {"etat": Etat.CLOS, "ouvert_on": today() - timedelta(days=4_000)}
    factories.dossier(team.nord, fin_droit_on=today() - timedelta(days=3_000), **over)
    kept = factories.dossier(team.nord, fin_droit_on=today() - timedelta(days=30), **over)
    (nightly,) = [each for each in jobs.every() if each.name == "retention"]
    assert jobs.perform(nightly, tell=lambda _: None) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
        cursor.execute("SELECT job, done FROM audit.job_run")
        assert cursor.fetchall() == [("retention", True)]
    assert [dossier.pk for dossier in Dossier.objects.all()] == [kept.pk]


def test_one_that_fails_leaves_the_others_their_turn_and_says_nothing_of_anybody(
    db, monkeypatch, caplog
):
    some = [job("fail", fail), job("refuse", refuse), job("ring", ring)]
    monkeypatch.setattr(jobs, "every", lambda: iter(some))
    said = []
    with caplog.at_level(logging.INFO):
        assert jobs.run(argparse.Namespace(once=True), tell=said.append) == 1
    assert len(CALLS) == 1
    assert "Zyromska" not in caplog.text + "".join(said)
    assert "ValueError" in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT job, done FROM audit.job_run ORDER BY id")
        assert cursor.fetchall() == [("fail", False), ("refuse", False), ("ring", True)]


@pytest.fixture
def queue_address(transactional_db):
    address = jobs._address()
    jobs.prepare(address)
    yield address
    with psycopg.connect(address) as owner:
        # The queue is no table of Django: nothing else empties it between two tests.
        owner.execute("TRUNCATE audit.job_run, procrastinate_jobs CASCADE")


def test_the_worker_does_what_its_hour_called_and_the_queue_keeps_no_word(queue_address, caplog):
    app = jobs.queue(queue_address, iter([job("ring", ring), job("fail", fail)]))
    assert {(t.periodic_id, t.cron) for t in app.periodic_registry.periodic_tasks.values()} == {
        ("ring", "15 1 * * *"),
        ("fail", "15 1 * * *"),
    }
    with app.open():
        for name in ("ring", "fail"):
            app.tasks[name].defer(timestamp=0)
            with pytest.raises(procrastinate.exceptions.AlreadyEnqueued):
                app.tasks[name].defer(timestamp=1)  # it waits once, however often it is called
    with caplog.at_level(logging.CRITICAL):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert [settings.DATABASES["default"]["NAME"]] == CALLS
    with psycopg.connect(queue_address) as owner:
        found = owner.execute(
            "SELECT task_name, status::text, j::text FROM procrastinate_jobs j ORDER BY id"
        ).fetchall()
    assert [(name, status) for name, status, _ in found] == [
        ("ring", "succeeded"),
        ("fail", "failed"),
    ]
    assert "Zyromska" not in str(found)


def test_the_tables_of_the_queue_are_made_once_and_again_when_its_library_changes(queue_address):
    def tables():
        with psycopg.connect(queue_address) as owner:
            return owner.execute(
                "SELECT array_agg(oid ORDER BY oid) FROM pg_class"
                " WHERE relnamespace = 'jobs'::regnamespace"
            ).fetchone()

    made = tables()
    jobs.prepare(queue_address)
    assert tables() == made
    with psycopg.connect(queue_address) as owner:
        owner.execute("COMMENT ON SCHEMA jobs IS 'procrastinate 0'")
    jobs.prepare(queue_address)
    assert tables() != made
    assert drift() == []


def test_no_role_enters_the_queue(queue_address):
    with psycopg.connect(queue_address) as owner:
        names = owner.execute(
            "SELECT rolname FROM pg_roles WHERE starts_with(rolname, current_database() || '_')"
        ).fetchall()
        assert names
        for (name,) in names:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
                owner.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(name)))
                owner.execute("SELECT FROM jobs.procrastinate_jobs")


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ([], "jamais"),
        ([(True, 0)], "à jour"),
        ([(True, 3)], "en retard"),
        ([(True, 1), (False, 0)], "a échoué depuis"),
        ([(False, 1), (True, 0)], "à jour"),
    ],
)
def test_the_delegate_reads_when_each_last_succeeded(client, team, runs, told):
    for done, days in runs:
        record_run("retention", seconds=1.5, done=done, effect=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE audit.job_run SET ended_at = %s"
                " WHERE id = (SELECT max(id) FROM audit.job_run)",
                [timezone.now() - timedelta(days=days)],
            )
    grant(team.denis, KernelRole.DELEGUE, team.nord, by=team.admin, system=KERNEL)
    client.force_login(team.denis)
    page = client.get(reverse("destructions")).content.decode()
    row = page.split("Destruction au terme")[1].split("</tr>")[0]
    assert told in row


DID_NOTHING, DID, FAILED = (True, 0), (True, 7), (False, 0)


@pytest.mark.parametrize(
    ("runs", "kept"),
    [
        ([DID_NOTHING, DID_NOTHING, DID_NOTHING], [DID_NOTHING]),
        ([DID_NOTHING, DID], [DID]),
        ([DID, DID_NOTHING, DID_NOTHING], [DID, DID_NOTHING]),
        ([DID_NOTHING, FAILED], [DID_NOTHING, FAILED]),
        ([DID_NOTHING, FAILED, DID_NOTHING], [FAILED, DID_NOTHING]),
        ([FAILED, FAILED], [FAILED, FAILED]),
    ],
)
def test_a_run_that_did_nothing_is_forgotten_at_the_next_success(db, runs, kept):
    """The last success of each job stays, and every run that failed or that did something."""
    record_run("other", seconds=0, done=True, effect=0)
    for done, effect in runs:
        record_run("seal", seconds=0, done=done, effect=effect)
    with connection.cursor() as cursor:
        cursor.execute("SELECT job, done, effect FROM audit.job_run ORDER BY id")
        assert cursor.fetchall() == [("other", True, 0), *(("seal", *run) for run in kept)]


def test_a_day_of_seals_over_nothing_leaves_one_line(team, tmp_path, settings):
    settings.HOME = tmp_path
    (seal,) = [each for each in jobs.every() if each.name == "seal"]
    for _ in range(4):
        assert jobs.perform(seal, tell=lambda _: None) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT effect FROM audit.job_run WHERE effect = 0")
        assert len(cursor.fetchall()) <= 1


def test_the_nightly_job_says_how_much_it_destroyed(team):
    over = {"etat": Etat.CLOS, "ouvert_on": today() - timedelta(days=4_000)}
    for _ in range(2):
        factories.dossier(team.nord, fin_droit_on=today() - timedelta(days=3_000), **over)
    (nightly,) = [each for each in jobs.every() if each.name == "retention"]
    jobs.perform(nightly, tell=lambda _: None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
        cursor.execute("SELECT effect FROM audit.job_run")
        assert cursor.fetchall() == [(2,)]


def rival(*, tell):
    """While this job runs, another worker comes and finds one more that waits."""
    other = jobs.queue(jobs._address(), iter([job("ring", ring)]))
    with other.open():
        other.tasks["ring"].defer(timestamp=0)
        other.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    RINGS_MEANWHILE.append(len(CALLS))
    return Outcome()


RINGS_MEANWHILE = []


def test_two_jobs_never_run_together_whoever_works(queue_address):
    RINGS_MEANWHILE.clear()
    app = jobs.queue(queue_address, iter([job("rival", rival), job("ring", ring)]))
    with app.open():
        app.tasks["rival"].defer(timestamp=0)
    for _ in range(2):  # its turn comes once the other has ended
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert (RINGS_MEANWHILE, len(CALLS)) == ([0], 1)


@pytest.mark.clause("APA-44")
def test_the_worker_of_the_instance_waits_for_the_hours_of_every_job(queue_address, monkeypatch):
    """Without it nothing is destroyed by itself, however well one call would do it."""
    seen = []
    monkeypatch.setattr(
        procrastinate.App, "run_worker", lambda app, **how: seen.append((app, how["concurrency"]))
    )
    assert jobs.run(argparse.Namespace(once=False), tell=lambda _: None) == 0
    ((app, concurrency),) = seen
    periodic = app.periodic_registry.periodic_tasks.values()
    assert {(task.periodic_id, task.cron) for task in periodic} == {
        (each.name, each.cron) for each in jobs.every()
    }
    assert concurrency == 1
