"""The months of the trail, and what connections leave: the last day, and the day after."""

import argparse
from datetime import UTC, date, datetime, timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db import connection

from egide.kernel.retention import command
from egide.kernel.retention.logs import delete_connections, drop_months, past_months
from egide.rules.apa.delais import delai
from egide.systems.apa_ash.retention import SCHEDULE

pytestmark = pytest.mark.django_db
LAST = date(2025, 12, 1)
MAY = ["change_apa_ash_2025_05", "trail_apa_ash_2025_05"]
DECEMBER = ["trail_apa_ash_2025_12"]


@pytest.fixture
def months():
    """Make two past months of the trail, with a line at the very end of the first."""
    with connection.cursor() as cursor:
        for name in (*MAY, *DECEMBER):
            parent, year, month = name.rsplit("_", 2)
            start = datetime(int(year), int(month), 1, tzinfo=UTC)
            end = (start + timedelta(days=31)).replace(day=1)
            cursor.execute(
                f"CREATE TABLE audit.{name} PARTITION OF audit.{parent}"
                f" FOR VALUES FROM ('{start}') TO ('{end}')"
            )
        cursor.execute(
            "INSERT INTO audit.trail (at, system, purpose, verb, outcome)"
            " VALUES ('2025-05-31 23:59+00', 'apa_ash', 'x', 'lire', 'fait')"
        )


def lines():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.trail WHERE at < '2025-06-01 00:00+00'")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("on", "dropped"), [(LAST - timedelta(1), []), (LAST, []), (LAST + timedelta(1), MAY)]
)
def test_a_month_is_dropped_whole_once_its_last_line_is_six_months_old(
    months, on, dropped, tmp_path
):
    assert past_months(SCHEDULE, on=on) == dropped
    drop_months(dropped, key=tmp_path / "none")
    assert lines() == (0 if dropped else 1)


def test_december_ends_in_the_next_year(months):
    assert past_months(SCHEDULE, on=date(2026, 7, 1)) == MAY
    assert past_months(SCHEDULE, on=date(2026, 7, 2)) == sorted(MAY + DECEMBER)


@pytest.fixture
def connections():
    """Leave what connecting leaves, at noon of the last day of February and of the day after."""
    common = {"username": "alice", "ip_address": "127.0.0.1", "user_agent": "x", "http_accept": ""}
    for model, more in (
        (AccessLog, {}),
        (AccessFailureLog, {}),
        (AccessAttempt, {"get_data": "", "post_data": "", "failures_since_start": 1}),
    ):
        for step in (0, 1):
            row = model.objects.create(
                **common | more | {"path_info": "/", "user_agent": f"x{step}"}
            )
            at = datetime(2024, 2, 29, 12, tzinfo=UTC) + timedelta(days=step)
            model.objects.filter(pk=row.pk).update(attempt_time=at)


@pytest.mark.clause("APA-33")
@pytest.mark.parametrize(
    ("on", "left"), [(date(2024, 5, 29), 6), (date(2024, 5, 30), 3), (date(2024, 6, 2), 0)]
)
def test_connections_are_kept_three_months_and_not_a_day_more(connections, on, left):
    assert delete_connections(delai("donnees_connexion"), on=on) == 6 - left
    kept = [model.objects.count() for model in (AccessLog, AccessFailureLog, AccessAttempt)]
    assert sum(kept) == left
    assert set(kept) == {left // 3}


def test_sessions_that_have_ended_go_and_those_that_run_stay():
    for key, end in (
        ("ended", datetime(2026, 3, 1, tzinfo=UTC)),
        ("runs", datetime(2099, 1, 1, tzinfo=UTC)),
    ):
        Session.objects.create(session_key=key, session_data="", expire_date=end)
    delete_connections(delai("donnees_connexion"), on=date(2026, 3, 2))
    assert [row.session_key for row in Session.objects.all()] == ["runs"]


def test_the_command_counts_them_dry_and_then_deletes_them(months, connections):
    def run(dry):
        said = []
        args = argparse.Namespace(action="run", on=date(2025, 12, 2), dry_run=dry)
        assert command.run(args, tell=said.append) == 0
        return said

    for dry, left in ((True, 1), (False, 0)):
        said = run(dry)
        assert "apa_ash · mois du journal passés : 2" in said
        assert "données de connexion passées : 6" in said
        assert lines() == left
    assert not AccessLog.objects.exists()
