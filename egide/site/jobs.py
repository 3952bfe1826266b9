"""`egide jobs`: what an instance does by itself, at its hours, one thing at a time.

The queue is procrastinate's, in a schema of its own. The worker is a process of the owner, apart
from the web server; each job takes the role of its purpose before it touches anything.
"""

import argparse
import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pkgutil import resolve_name

import procrastinate
import psycopg
from django.conf import settings
from django.db import close_old_connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from egide.kernel.audit.commands import JOBS as AUDIT
from egide.kernel.audit.runs import record_run
from egide.kernel.offers import Job, Outcome
from egide.kernel.retention.offer import JOB as RETENTION
from egide.site.systems import declared

LOG = logging.getLogger(__name__)
SCHEMA = "jobs"
Tell = Callable[..., object]


class JobFailed(Exception):
    """A job did not do what it must: its name is all that the queue keeps."""


def every() -> Iterator[Job]:
    """Give the jobs of the kernel, then those that the systems of this instance declare."""
    yield RETENTION
    yield from AUDIT
    for jobs in declared("jobs", "JOBS"):
        yield from jobs


def run(args: argparse.Namespace, *, tell: Tell) -> int:
    """Do each job once, or stay and do them at their hours."""
    if args.once:
        return max([perform(job, tell=tell) for job in every()], default=0)
    address = _address()
    prepare(address)
    tell("Les travaux attendent leur heure (Ctrl-C pour arrêter) :")
    for job in every():
        tell(f"  {job.label} : {job.cron}")
    queue(address, every()).run_worker(concurrency=1, name="egide")
    return 0


def perform(job: Job, *, tell: Tell) -> int:
    """Do a job now and record how it ended; what it says is about nobody."""
    start = time.perf_counter()
    tell(job.label)
    try:
        outcome: Outcome = resolve_name(job.run)(tell=tell)
    except Exception as error:  # noqa: BLE001 - whatever stops one job, the others have their turn
        # The message may quote a row: its kind alone is told.
        LOG.error("%s: %s", job.name, type(error).__name__)  # noqa: TRY400
        outcome = Outcome(code=1)
    seconds = time.perf_counter() - start
    record_run(job.name, seconds=seconds, done=outcome.code == 0, effect=outcome.effect)
    return outcome.code


def prepare(address: str) -> None:
    """Make the tables of the queue, afresh when its library changed: nothing in it is lost work."""
    made_by = f"procrastinate {version('procrastinate')}"
    with psycopg.connect(address) as owner:
        known = owner.execute(
            "SELECT obj_description(%s::regnamespace, 'pg_namespace')", [SCHEMA]
        ).fetchone()
        if known == (made_by,):
            return
        schema = sql.Identifier(SCHEMA)
        owner.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(schema))
        owner.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
        owner.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC").format(schema))
        owner.execute(procrastinate.schema.SchemaManager.get_schema())
        owner.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(schema, sql.Literal(made_by)))


def queue(address: str, jobs: Iterator[Job]) -> procrastinate.App:
    """Give the queue with each job at its hours; two of them never run together."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=address))
    for job in jobs:
        task = app.task(name=job.name, queueing_lock=job.name, lock="egide")(partial(_at_hour, job))
        app.periodic(cron=job.cron, periodic_id=job.name)(task)
    return app


def _at_hour(job: Job, timestamp: int) -> None:
    """Do a job that the queue calls; `timestamp` is the hour for which it was called."""
    LOG.info("%s: %s", job.name, timestamp)
    close_old_connections()
    try:
        if perform(job, tell=lambda text, **_: LOG.info("%s: %s", job.name, text)):
            raise JobFailed(job.name)
    finally:
        close_old_connections()


def _address() -> str:
    """Give the owner's address of the database, in the schema of the queue."""
    database = settings.DATABASES["default"]
    return make_conninfo(
        dbname=str(database["NAME"]),
        user=database["USER"] or None,
        password=database["PASSWORD"] or None,
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        options=f"-c search_path={SCHEMA}",
    )
