"""When the instance last did what it does by itself: told by its worker, read by the delegate."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last time that a job succeeded, and the last that it failed."""

    job: str
    done_at: datetime | None
    failed_at: datetime | None

    @property
    def failing(self) -> bool:
        """Tell whether it failed after its last success."""
        return self.failed_at is not None and (
            self.done_at is None or self.done_at < self.failed_at
        )


def record_run(job: str, *, seconds: float, done: bool, effect: int) -> None:
    """Write that a job ended, as the owner whose worker ran it, and forget what says nothing.

    Kept: the last success of the job, and each of its runs that failed or that did something.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit.job_run (job, seconds, done, effect) VALUES (%s, %s, %s, %s)",
            [job, seconds, done, effect],
        )
        cursor.execute(
            "DELETE FROM audit.job_run WHERE job = %s AND done AND effect = 0 AND id <"
            " (SELECT max(id) FROM audit.job_run WHERE job = %s AND done)",
            [job, job],
        )


def last_runs() -> dict[str, LastRun]:
    """Read them under a passage of the delegate."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT job, done_at, failed_at FROM audit.last_runs()")
        return {row[0]: LastRun(*row) for row in cursor.fetchall()}
