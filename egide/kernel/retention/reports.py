"""The reports of destruction: no line of them is about anybody."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True, slots=True)
class Entry:
    """What heads a line of report: the run, the system, the day, the rule, the organisme."""

    run: UUID
    system: str
    on: date
    rule: str
    organisme_id: UUID


def pseudonym(subject: UUID, *, key: str) -> str:
    """Give a name that leads back to a file only with the key of the instance (HMAC-SHA-256)."""
    secret = hmac.new(key.encode(), b"egide.retention", hashlib.sha256).digest()
    return hmac.new(secret, subject.bytes, hashlib.sha256).hexdigest()[:32]


def write_report(
    cursor: CursorWrapper, entry: Entry, *, subjects: Iterable[UUID], counts: Mapping[str, int]
) -> None:
    """Write a line, in the transaction that destroys what it tells of."""
    cursor.execute(
        "INSERT INTO retention.destruction"
        " (run, system, on_day, rule, organisme_id, subjects, counts)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb)",
        [
            entry.run,
            entry.system,
            entry.on,
            entry.rule,
            entry.organisme_id,
            sorted(pseudonym(pk, key=settings.SECRET_KEY) for pk in subjects),
            json.dumps({model: rows for model, rows in counts.items() if rows}),
        ],
    )


@dataclass(frozen=True, slots=True)
class Report:
    """What one run destroyed under one rule."""

    run: UUID
    at: datetime
    system: str
    on_day: date
    rule: str
    files: int
    counts: dict[str, int]
    subjects: list[str]


def list_reports() -> list[Report]:
    """List the reports that the passage reaches, the last run first: one's own organisme."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM retention.reports()")
        rows = cursor.fetchall()
    return [
        Report(run, at, system, on_day, rule, int(files), _whole(counts), subjects)
        for run, at, system, on_day, rule, files, counts, subjects in rows
    ]


def _whole(counts: str | dict[str, int]) -> dict[str, int]:
    found: dict[str, int] = json.loads(counts) if isinstance(counts, str) else counts
    return dict(sorted(found.items()))
