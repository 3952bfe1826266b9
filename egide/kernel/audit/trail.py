"""Write and read the trail, through the only functions that PostgreSQL grants for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of « qui a consulté ce dossier »."""

    at: datetime
    agent: str
    fonction: str
    purpose: str
    verb: str
    outcome: str


def record(
    verb: str, *, system: str, subjects: Iterable[UUID], fields: Iterable[str], motif: str = ""
) -> None:
    """Write one line for an act or a read, in the current transaction and under its passage."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit.record(%s, %s, %s, %s, %s)",
            [system, verb, sorted(set(subjects)), sorted(set(fields)), motif],
        )


def record_refusal(verb: str, *, system: str, targets: Iterable[str]) -> None:
    """Write one line for an attempt that was refused, outside the transaction that it lost."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit.record_refusal(%s, %s, %s)", [system, verb, list(targets)])


def readers(subject: UUID) -> list[Reading]:
    """List who read or changed a file over six months, a line an agent and a day, latest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM audit.readers(%s)", [subject])
        return [Reading(*row) for row in cursor.fetchall()]
