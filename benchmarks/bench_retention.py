"""The destruction of the files whose time has passed, against the bare cascade of the same rows.

Ours: the job of the purge, batch after batch, under its role, with row policies, the guards of the
holds, the trail of writes and the reports of destruction.
By hand: the owner, on a copy with row policies and the triggers of the house off, in one
transaction: each table from the leaves to the files, then the files.
One file in five is expired. `EGIDE_BENCH_FILES=5000000` gives the figure that was asked for.
"""

import os
import time
from datetime import date

import psycopg
from psycopg import sql

from benchmarks import instance

FILES = int(os.environ.get("EGIDE_BENCH_FILES", "100000"))
ON = date(2026, 6, 15)
OPENED, ENDED = date(2018, 3, 1), date(2020, 3, 1)
SLICE = 500_000
NAMES = ("egide_bench_purge", "egide_bench_cascade")
EXPIRE = """
    UPDATE apa_ash_dossier SET etat = 'clos', ouvert_on = %s, fin_droit_on = %s
    WHERE right(numero, 1) IN ('0', '5')
"""
END_RIGHTS = """
    UPDATE apa_ash_droit t SET periode = daterange(%s, %s) FROM apa_ash_dossier d
    WHERE d.id = t.dossier_id AND d.fin_droit_on = %s
"""


def fill() -> int:
    """Generate the files, close one in five long ago; give how many these are."""
    from django.db import connection

    from benchmarks.population import create_team, populate

    services = create_team(services=4).services
    with connection.cursor() as cursor:
        for first in range(1, FILES + 1, SLICE):
            populate(services, first=first, last=min(first + SLICE - 1, FILES))
        cursor.execute("SET egide.maintenance = 'on'")
        cursor.execute(EXPIRE, [ENDED, ENDED])
        expired = int(cursor.rowcount)
        cursor.execute(END_RIGHTS, [OPENED, ENDED, ENDED])
        cursor.execute("VACUUM ANALYZE")
    connection.close()
    return expired


def by_hand(url: str) -> float:
    """Time the bare cascade on an unprotected copy."""
    from egide.kernel.retention.due import table_of
    from egide.kernel.retention.order import falling_order
    from egide.systems.apa_ash.retention import SCHEDULE

    instance.unprotect(url)
    rules = [rule for rule in falling_order(SCHEDULE) if rule.parent == SCHEDULE.subject]
    with psycopg.connect(url) as owner:
        start = time.perf_counter()
        for rule in rules:
            owner.execute(
                sql.SQL(
                    "DELETE FROM {} x USING apa_ash_dossier d"
                    " WHERE x.{} = d.id AND d.fin_droit_on = %s"
                ).format(table_of(rule.model), sql.Identifier(rule.by)),
                [ENDED],
            )
        owner.execute("DELETE FROM apa_ash_dossier WHERE fin_droit_on = %s", [ENDED])
        owner.commit()
        return time.perf_counter() - start


def ours() -> tuple[int, float]:
    """Destroy what is due, as `egide retention run` does; give how many files, and the seconds."""
    from egide.kernel.retention.destruction import destroy_due
    from egide.systems.apa_ash.retention import SCHEDULE

    start = time.perf_counter()
    done = destroy_due(SCHEDULE, on=ON, tell=lambda _: None)
    return done, time.perf_counter() - start


def measure(base: str, *, names: list[str]) -> None:
    """Make the database, copy it, destroy on both sides, print."""
    url = instance.address(base, database=names[0])
    instance.setup(url)
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    expired = fill()
    instance.copy(base, source=names[0], target=names[1])
    hand = by_hand(instance.address(base, database=names[1]))
    done, took = ours()
    connection.close()
    assert done == expired, (done, expired)
    print(f"{expired} dossiers au terme parmi {FILES}")
    print(f"destruction       {took:7.2f} s   protégée, par lots, avec ses procès-verbaux")
    print(f"cascade à la main {hand:7.2f} s   mêmes lignes, en une transaction")
    print(f"rapport           {took / hand:7.2f}     objectif : au plus 2")


def main() -> None:
    """Measure in a database that is dropped at the end."""
    base = instance.server_url()
    with instance.scratch(base, *NAMES) as names:
        measure(base, names=names)


if __name__ == "__main__":
    main()
