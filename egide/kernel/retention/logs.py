"""The data of the agents themselves: what connecting left, and the months of the trail."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.db import connection
from psycopg import sql

from egide.kernel.audit import records, seals
from egide.kernel.audit.chain import Place
from egide.kernel.retention.clocks import Delay
from egide.kernel.retention.declarations import Schedule
from egide.kernel.retention.due import elapsed

# What signing in leaves, with the instant that dates it. A session that has ended is of no use.
CONNECTIONS = {
    "axes_accessattempt": "attempt_time",
    "axes_accessfailurelog": "attempt_time",
    "axes_accesslog": "attempt_time",
}


def past_months(schedule: Schedule, *, on: date) -> list[str]:
    """Name the partitions of which the last line, and so each, has passed its time."""
    parents = [f"{kind}_{schedule.system}" for kind in ("trail", "change")]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid"
            " JOIN pg_class p ON p.oid = i.inhparent"
            " WHERE p.relnamespace = 'audit'::regnamespace AND p.relname = ANY (%s)"
            " ORDER BY c.relname",
            [parents],
        )
        names = [name for (name,) in cursor.fetchall()]
    return [name for name in names if schedule.trail.end(_last_day(name)) < on]


def _last_day(partition: str) -> date:
    """Give the last day of a month of the trail: it ends at midnight UTC, the next day in Paris."""
    year, month = map(int, partition.rsplit("_", 2)[1:])
    return date(year + month // 12, month % 12 + 1, 1)


def drop_months(names: Iterable[str], *, key: Path) -> None:
    """Drop whole months, as the owner: no line of the trail is ever deleted by itself.

    A month that was sealed leaves a seal of its purge, signed with the key of the instance: its
    neighbours are verified without it.
    """
    if key.exists():
        seals.seal(key)
    sealed = {segment.place for seal in records.chain() for segment in seal.segments}
    for name in names:
        place = _place(name)
        if place in sealed:
            seals.purge(key, place)
        else:
            records.drop(place)


def _place(partition: str) -> Place:
    kind, rest = partition.split("_", 1)
    system, year, month = rest.rsplit("_", 2)
    return Place(kind, system, date(int(year), int(month), 1))


def count_connections(delay: Delay, *, on: date) -> int:
    """Count what connecting left, and whose time has passed."""
    return _each("SELECT count(*) FROM {} d WHERE {}", delay, on=on)


def delete_connections(delay: Delay, *, on: date) -> int:
    """Delete it, as the owner, with the sessions that have ended by that day."""
    deleted = "WITH gone AS (DELETE FROM {} d WHERE {} RETURNING 1) SELECT count(*) FROM gone"
    done = _each(deleted, delay, on=on)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session WHERE expire_date < %s", [on])
    return done


def _each(statement: str, delay: Delay, *, on: date) -> int:
    found = 0
    with connection.cursor() as cursor:
        for table, column in CONNECTIONS.items():
            day = sql.SQL("(d.{} AT TIME ZONE 'Europe/Paris')::date").format(sql.Identifier(column))
            cursor.execute(
                sql.SQL(statement).format(sql.Identifier(table), elapsed(day, delay, on=on))
            )
            found += cursor.fetchone()[0]
    return found
