"""`egide retention run`, and its nightly job: destroy what the schedule says, or count it."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from egide.kernel.audit import keys
from egide.kernel.offers import Outcome
from egide.kernel.retention.archiving import count_archive
from egide.kernel.retention.clocks import Delay
from egide.kernel.retention.declarations import SCHEDULES, Schedule
from egide.kernel.retention.destruction import count_due, destroy_due
from egide.kernel.retention.logs import (
    count_connections,
    delete_connections,
    drop_months,
    past_months,
)


def run(args: argparse.Namespace, *, tell: Callable[[str], object]) -> int:
    """Count, or destroy; a day still to come may be counted and never destroyed."""
    return _do(args, tell=tell).code


def _do(args: argparse.Namespace, *, tell: Callable[[str], object]) -> Outcome:
    today = timezone.localdate()
    on = args.on or today
    if on > today and not args.dry_run:
        tell(f"Le {on} est à venir : rien n’est détruit avant son terme. Ajoutez --dry-run.")
        return Outcome(code=1)
    effect = 0
    # What connecting left first: whatever stops the files does not keep it.
    for delay in _shortest(on):
        tell(f"données de connexion passées : {count_connections(delay, on=on)}")
        if not args.dry_run:
            effect += delete_connections(delay, on=on)
    for schedule in SCHEDULES:
        _count(schedule, on=on, tell=tell)
        months = past_months(schedule, on=on)
        tell(f"{schedule.system} · mois du journal passés : {len(months)}")
        if not args.dry_run:
            drop_months(months, key=keys.place(Path(settings.HOME)))
            done = destroy_due(schedule, on=on, tell=lambda so_far: tell(f"  détruits : {so_far}"))
            tell(f"{schedule.system} · dossiers détruits : {done}")
            effect += len(months) + done
    return Outcome(effect=effect)


def nightly(*, tell: Callable[[str], object]) -> Outcome:
    """Destroy what is due today."""
    return _do(argparse.Namespace(on=None, dry_run=False), tell=tell)


def _count(schedule: Schedule, *, on: date, tell: Callable[[str], object]) -> None:
    for count in count_due(schedule, on=on):
        tell(f"{schedule.system} · {count.due.clock.label}")
        tell(f"  dossiers au terme : {count.falling} ; laissés pour un motif : {count.left}")
    if schedule.archive is not None:
        tell(f"{schedule.system} · archive · {schedule.archive.end.label}")
        tell(f"  dossiers archivés au terme : {count_archive(schedule, on=on)}")


def _shortest(on: date) -> list[Delay]:
    """Give the shortest delay of the systems: they share the connections of their agents."""
    return sorted((s.connections for s in SCHEDULES), key=lambda delay: delay.end(on))[:1]
