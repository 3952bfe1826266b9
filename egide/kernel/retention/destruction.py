"""Destroy in batches the files whose time has passed, each with its line of report.

A batch is one transaction under the role of the job: rows and report go together. Killed between
two, a run loses nothing: what is left is still due, and the next run takes it.
"""

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from egide.kernel.access.models import Service
from egide.kernel.access.names import purpose_role
from egide.kernel.retention.declarations import FallsWith, Schedule
from egide.kernel.retention.due import Due, table_of
from egide.kernel.retention.order import falling_order

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


def pseudonym(subject: UUID, *, key: str) -> str:
    """Give a name that leads back to a file only with the key of the instance (HMAC-SHA-256)."""
    secret = hmac.new(key.encode(), b"egide.retention", hashlib.sha256).digest()
    return hmac.new(secret, subject.bytes, hashlib.sha256).hexdigest()[:32]


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
    return done


def _dues(schedule: Schedule, *, on: date) -> list[Due]:
    return [Due(schedule, clock, on) for clock in schedule.clocks]


@contextmanager
def working_as(schedule: Schedule) -> Iterator[CursorWrapper]:
    """Open a transaction of the owner's session under the role of the job, and leave it."""
    role = purpose_role(str(connection.settings_dict["NAME"]), schedule.purpose)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('egide.maintenance', 'on', true)",
            [role],
        )
        yield cursor
        # A nested transaction does not give them back by itself.
        cursor.execute(
            "SELECT set_config('role', 'none', true), set_config('egide.maintenance', 'off', true)"
        )


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
            counts = {}
            for rule in falling_order(schedule):
                counts[rule.model] = _delete_falling(cursor, rule, schedule, subjects)
            counts[schedule.subject] = _delete_subjects(cursor, place.due, subjects)
            if counts[schedule.subject] != len(subjects):
                raise FileMoved
            _report(cursor, place, subjects, counts)
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
        statement = sql.SQL("DELETE FROM {} WHERE {} = ANY (%s)").format(
            table_of(rule.model), column
        )
    else:
        parent = next(r for r in schedule.falling() if r.model == rule.parent)
        statement = sql.SQL(
            "DELETE FROM {} WHERE {} IN (SELECT p.{} FROM {} p WHERE p.{} = ANY (%s))"
        ).format(
            table_of(rule.model),
            column,
            sql.Identifier(rule.of),
            table_of(parent.model),
            sql.Identifier(parent.by),
        )
    cursor.execute(statement, [subjects])
    return int(cursor.rowcount)


def _delete_subjects(cursor: CursorWrapper, due: Due, subjects: list[UUID]) -> int:
    """Delete the files, if each is still due: a contact noted meanwhile keeps its own."""
    cursor.execute(
        sql.SQL("DELETE FROM {} d WHERE d.id = ANY (%s) AND {}").format(due.table, due.condition),
        [subjects],
    )
    return int(cursor.rowcount)


def _report(
    cursor: CursorWrapper, place: Batch, subjects: list[UUID], counts: dict[str, int]
) -> None:
    names = sorted(pseudonym(pk, key=settings.SECRET_KEY) for pk in subjects)
    due = place.due
    cursor.execute(
        "INSERT INTO retention.destruction"
        " (run, system, on_day, rule, organisme_id, subjects, counts)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb)",
        [
            place.run,
            due.schedule.system,
            due.on,
            rule_label(due),
            place.organisme_id,
            names,
            json.dumps({model: rows for model, rows in counts.items() if rows}),
        ],
    )


def rule_label(due: Due) -> str:
    """Say a clock in words: « 6 ans après fin du droit : destruction (CASF R. 232-46) »."""
    clock = due.clock
    for_ = f"{clock.for_.nombre} {clock.for_.forme}"
    return f"{for_} après {clock.after} : {clock.then} ({clock.source})"
