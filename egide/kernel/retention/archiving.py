"""Move what statistics need of a file into the restricted archive, then end that archive.

What enters has a number drawn at random, in its order, and its days at the month: nothing leads
back from it to the file. What leaves is destroyed, and leaves rows that many files share, or none.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID, uuid4

from django.apps import apps
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from egide.kernel.retention.archives import Anonymous, Archive, Fact, Grain
from egide.kernel.retention.declarations import Schedule
from egide.kernel.retention.due import last_day, table_of
from egide.kernel.retention.job import working_as
from egide.kernel.retention.reports import Entry, write_report

GRAINS = {
    Grain.EXACT: "({})::text",
    Grain.MOIS: "to_char({}, 'YYYY-MM')",
    Grain.ANNEE: "to_char({}, 'YYYY')",
    Grain.CINQ_ANS: "(extract(year FROM {})::int / 5 * 5)::text",
    Grain.DIX_ANS: "(extract(year FROM {})::int / 10 * 10)::text",
}

# What a report counts of an archive: files that left it, rows that outlive them.
ARCHIVED, ANONYMOUS = "archive", "anonyme"

Telling = tuple[str, ...]
"""The facts of one file, as text, from the finest level to the coarsest."""


class TooFewAlike(Exception):
    """A row of the anonymous table is shared by fewer files than declared: nothing is written."""


def archive_files(
    cursor: CursorWrapper, schedule: Schedule, subjects: Sequence[UUID], *, organisme_id: UUID
) -> None:
    """Write what each file leaves; the caller destroys the file in the same transaction."""
    archive = _archive(schedule)
    # Drawn apart and written in their own order: neither follows the order of the files.
    given = [list(subjects), [uuid4() for _ in subjects]]
    cursor.execute(
        sql.SQL(
            "INSERT INTO archive.file (id, system, organisme_id, kept_until)"
            " SELECT m.file_id, %s, %s, archive.whole_month({})"
            " FROM unnest(%s::uuid[], %s::uuid[]) m (subject, file_id)"
            " JOIN {} d ON d.id = m.subject ORDER BY m.file_id"
        ).format(last_day(schedule, archive.end), table_of(schedule.subject)),
        [schedule.system, organisme_id, *given],
    )
    for part in archive.parts:
        columns = [sql.Identifier(column) for column in part.columns]
        coarse = (sql.SQL("archive.coarse(r.{})").format(column) for column in columns)
        cursor.execute(
            sql.SQL(
                "INSERT INTO {} (file_id, {}) SELECT m.file_id, {}"
                " FROM unnest(%s::uuid[], %s::uuid[]) m (subject, file_id)"
                " JOIN {} r ON r.{} = m.subject ORDER BY m.file_id"
            ).format(
                _kept(part.model),
                sql.SQL(", ").join(columns),
                sql.SQL(", ").join(coarse),
                table_of(part.model),
                sql.Identifier(schedule.link(part.model)),
            ),
            given,
        )


def count_archive(schedule: Schedule, *, on: date) -> int:
    """Count the archived files whose time has passed, without touching anything."""
    with working_as(schedule) as cursor:
        cursor.execute(
            "SELECT count(*) FROM archive.file WHERE system = %s AND kept_until < %s",
            [schedule.system, on],
        )
        return int(cursor.fetchone()[0])


def end_archive(schedule: Schedule, *, run: UUID, organisme_id: UUID, on: date) -> None:
    """End the months that have passed, each in one transaction: its rows, its files, its report."""
    if schedule.archive is None:
        return
    where = (schedule.system, organisme_id)
    with working_as(schedule) as cursor:
        cursor.execute(
            "SELECT DISTINCT kept_until FROM archive.file"
            " WHERE system = %s AND organisme_id = %s AND kept_until < %s ORDER BY kept_until",
            [*where, on],
        )
        months = [month for (month,) in cursor.fetchall()]
    entry = Entry(run, schedule.system, on, schedule.archive.end.label, organisme_id)
    for month in months:
        with working_as(schedule) as cursor:
            _end_month(cursor, schedule.archive.anonymous, entry, month=month)


def hide(tellings: Iterable[tuple[Telling, int]], *, k: int) -> Counter[str]:
    """Tell each file at the finest level that at least `k` files share, and the others nowhere.

    Args:
        tellings: how each group of files is told at each level, and how many files it has.
        k: the least number of files that one telling may hide.
    """
    left, told = list(tellings), Counter[str]()
    for level in range(len(left[0][0]) if left else 0):
        shared = Counter[str]()
        for telling, files in left:
            shared[telling[level]] += files
        told.update({facts: files for facts, files in shared.items() if files >= k})
        left = [row for row in left if shared[row[0][level]] < k]
    return told


def _end_month(cursor: CursorWrapper, anonymous: Anonymous, entry: Entry, *, month: date) -> None:
    where, k = (entry.system, entry.organisme_id, month), anonymous.k(entry.on)
    levels = sql.SQL(", ").join(_told(level) for level in anonymous.levels)
    places = sql.SQL(", ").join(sql.SQL(str(n + 1)) for n in range(len(anonymous.levels)))
    cursor.execute(
        sql.SQL(
            "SELECT {}, count(*) FROM archive.file f"
            " WHERE f.system = %s AND f.organisme_id = %s AND f.kept_until = %s GROUP BY {}"
        ).format(levels, places),
        where,
    )
    told = hide(((tuple(row[:-1]), row[-1]) for row in cursor.fetchall()), k=k)
    _write_anonymous(cursor, entry, told=told, k=k)
    cursor.execute(
        "DELETE FROM archive.file WHERE system = %s AND organisme_id = %s AND kept_until = %s"
        " RETURNING id",
        where,
    )
    gone = [pk for (pk,) in cursor.fetchall()]
    counts = {ARCHIVED: len(gone), ANONYMOUS: told.total()}
    write_report(cursor, entry, subjects=gone, counts=counts)


def _write_anonymous(cursor: CursorWrapper, entry: Entry, *, told: Counter[str], k: int) -> None:
    """Add the rows in an order drawn at random, then count them where they are."""
    cursor.execute(
        "INSERT INTO archive.anonymous (system, organisme_id, facts)"
        " SELECT %s, %s, t.facts::jsonb FROM unnest(%s::text[], %s::int[]) t (facts, files),"
        " generate_series(1, t.files) ORDER BY random()",
        [entry.system, entry.organisme_id, list(told), list(told.values())],
    )
    cursor.execute(
        "SELECT FROM archive.anonymous WHERE system = %s AND organisme_id = %s"
        " AND facts = ANY (%s::jsonb[]) GROUP BY facts HAVING count(*) < %s LIMIT 1",
        [entry.system, entry.organisme_id, list(told), k],
    )
    if cursor.fetchone() is not None:
        raise TooFewAlike(entry.system)


def _told(level: Sequence[Fact]) -> sql.Composed:
    pairs = (sql.SQL("{}, {}").format(sql.Literal(fact.name), _value(fact)) for fact in level)
    return sql.SQL("jsonb_strip_nulls(jsonb_build_object({}))::text").format(
        sql.SQL(", ").join(pairs)
    )


def _value(fact: Fact) -> sql.Composed:
    least = sql.SQL("(SELECT min(x.{}) FROM {} x WHERE x.file_id = f.id)").format(
        sql.Identifier(fact.column), _kept(fact.model)
    )
    return sql.SQL(GRAINS[fact.grain]).format(least)


def _kept(model: str) -> sql.Identifier:
    return sql.Identifier("archive", apps.get_model(model)._meta.db_table)


def _archive(schedule: Schedule) -> Archive:
    if schedule.archive is None:
        raise ValueError(schedule.system)
    return schedule.archive
