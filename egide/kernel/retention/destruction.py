"""Take out of the active base, in batches, the files whose time has passed, each with its report.

A batch is one transaction under the role of the job: rows and report go together. Killed between
two, a run loses nothing: what is left is still due, and the next run takes it.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from egide.kernel.access.models import Service
from egide.kernel.retention.archiving import archive_files, end_archive
from egide.kernel.retention.clocks import Fate
from egide.kernel.retention.declarations import FallsWith, Schedule
from egide.kernel.retention.due import Due, table_of
from egide.kernel.retention.job import working_as
from egide.kernel.retention.order import falling_order
from egide.kernel.retention.reports import Entry, write_report

BATCH = 2_000
FIRST = UUID(int=0)
ATTEMPTS = 3


class FileMoved(Exception):
    """A file ceased to be due between its selection and its destruction: the batch starts over."""


@dataclass(frozen=True, slots=True)
class Count:
    """What one clock would do on a day: files that fall due, files left for a reason."""

    due: Due
    falling: int
    left: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The place of a batch: which clock, which run, whose files."""

    due: Due
    run: UUID
    service_id: UUID
    organisme_id: UUID

    @property
    def entry(self) -> Entry:
        """Head the line of its report."""
        return Entry(
            self.run, self.due.schedule.system, self.due.on, self.due.clock.label, self.organisme_id
        )


def count_due(schedule: Schedule, *, on: date) -> list[Count]:
    """Count what each clock would destroy, without touching anything."""
    counts = []
    for due in _dues(schedule, on=on):
        with working_as(schedule) as cursor:
            cursor.execute(
                sql.SQL(
                    "SELECT count(*) FILTER (WHERE NOT {left}), count(*) FILTER (WHERE {left})"
                    " FROM {table} d WHERE {expired}"
                ).format(left=due.left, table=due.table, expired=due.expired)
            )
            falling, left = cursor.fetchone()
        counts.append(Count(due, falling, left))
    return counts


def destroy_due(
    schedule: Schedule, *, on: date, tell: Callable[[int], object], batch: int = BATCH
) -> int:
    """Destroy what falls due, batch after batch; tell the total as it grows, and give it."""
    run, done = uuid.uuid4(), 0
    services = list(Service.objects.order_by("pk").values_list("pk", "organisme_id"))
    for due in _dues(schedule, on=on):
        for service_id, organisme_id in services:
            place = Batch(due, run, service_id, organisme_id)
            last = FIRST
            while destroyed := _persist(place, after=last, limit=batch):
                last = max(destroyed)
                done += len(destroyed)
                tell(done)
    for organisme_id in dict.fromkeys(organisme for _, organisme in services):
        end_archive(schedule, run=run, organisme_id=organisme_id, on=on)
    return done


def _dues(schedule: Schedule, *, on: date) -> list[Due]:
    return [Due(schedule, clock, on) for clock in schedule.clocks]


def _persist(place: Batch, *, after: UUID, limit: int) -> list[UUID]:
    """Destroy a batch; start it over when somebody was writing in one of its files."""
    for _ in range(ATTEMPTS - 1):
        try:
            return destroy_batch(place, after=after, limit=limit)
        except (FileMoved, IntegrityError):
            continue
    return destroy_batch(place, after=after, limit=limit)


def destroy_batch(place: Batch, *, after: UUID, limit: int) -> list[UUID]:
    """Destroy the next files of a service with all that falls with them, and report it."""
    schedule = place.due.schedule
    with working_as(schedule) as cursor:
        subjects = _next(cursor, place, after=after, limit=limit)
        if subjects:
            if place.due.clock.then is Fate.ARCHIVE:
                archive_files(cursor, place.due.schedule, subjects, organisme_id=place.organisme_id)
            counts = {}
            for rule in falling_order(schedule):
                counts[rule.model] = _delete_falling(cursor, rule, schedule, subjects)
            counts[schedule.subject] = _delete_subjects(cursor, place.due, subjects)
            if counts[schedule.subject] != len(subjects):
                raise FileMoved
            write_report(cursor, place.entry, subjects=subjects, counts=counts)
    return subjects


def _next(cursor: CursorWrapper, place: Batch, *, after: UUID, limit: int) -> list[UUID]:
    cursor.execute(
        sql.SQL(
            "SELECT d.id FROM {} d WHERE d.service_id = %s AND d.id > %s AND {}"
            " ORDER BY d.id LIMIT %s"
        ).format(place.due.table, place.due.condition),
        [place.service_id, after, limit],
    )
    return [pk for (pk,) in cursor.fetchall()]


def _delete_falling(
    cursor: CursorWrapper, rule: FallsWith, schedule: Schedule, subjects: list[UUID]
) -> int:
    column = sql.Identifier(rule.by)
    if rule.parent == schedule.subject:
        statement = sql.SQL("DELETE FROM {} WHERE {} = ANY (%(subjects)s)").format(
            table_of(rule.model), column
        )
    else:
        statement = _of_a_parent(rule, schedule)
    cursor.execute(statement, {"subjects": subjects})
    return int(cursor.rowcount)


def _of_a_parent(rule: FallsWith, schedule: Schedule) -> sql.Composed:
    """Find rows by others that fall, before these do; what waits for the last leaves any behind."""
    parent = next(r for r in schedule.falling() if r.model == rule.parent)
    statement = (
        "DELETE FROM {model} d WHERE {by} IN"
        " (SELECT p.{of} FROM {parent} p WHERE p.{whose} = ANY (%(subjects)s))"
    )
    if rule.last:
        statement += (
            " AND NOT EXISTS (SELECT FROM {parent} p"
            " WHERE p.{of} = {by} AND p.{whose} <> ALL (%(subjects)s))"
        )
    return sql.SQL(statement).format(
        model=table_of(rule.model),
        by=sql.Identifier("d", rule.by),
        of=sql.Identifier(rule.of),
        parent=table_of(parent.model),
        whose=sql.Identifier(parent.by),
    )


def _delete_subjects(cursor: CursorWrapper, due: Due, subjects: list[UUID]) -> int:
    """Delete the files, if each is still due: a contact noted meanwhile keeps its own."""
    cursor.execute(
        sql.SQL("DELETE FROM {} d WHERE d.id = ANY (%s) AND {}").format(due.table, due.condition),
        [subjects],
    )
    return int(cursor.rowcount)
