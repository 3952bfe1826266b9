"""Read the reports of destruction of one's own organisme: no line of them is about anybody."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection


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
    """List the reports that the passage reaches, the last run first."""
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
