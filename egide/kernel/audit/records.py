"""Read the rows of the trail as leaves, and the chain of seals; every statement of both."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import connection, transaction
from psycopg import sql

from egide.kernel.audit import merkle
from egide.kernel.audit.chain import Claim, Place, Seal, Segment, canonical

CHUNK = 5_000
# Every column, in an order that never changes: another column is another version.
LEAF_VERSION = 1
COLUMNS = {
    "trail": (
        "id", "at", "system", "agent_id", "session", "habilitations", "services", "purpose",
        "passage_id", "verb", "outcome", "subjects", "targets", "fieldset_id", "motif", "salt",
        "xid",
    ),
    "change": (
        "id", "at", "system", "agent_id", "purpose", "passage_id", "model", "operation",
        "subjects", "row_ids", "fields", "differences", "salt", "xid",
    ),
}  # fmt: skip
# A form that no setting of the session changes.
TEXT = {
    "at": "(extract(epoch FROM at) * 1000000)::bigint::text",
    "salt": "encode(salt, 'hex')",
    "habilitations": "to_jsonb(habilitations)::text",
    "services": "to_jsonb(services)::text",
    "subjects": "to_jsonb(subjects)::text",
    "targets": "to_jsonb(targets)::text",
    "row_ids": "to_jsonb(row_ids)::text",
    "fields": "to_jsonb(fields)::text",
}
MONTH = "date_trunc('month', at AT TIME ZONE 'UTC')::date"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A row of the trail, as a tree holds it."""

    place: Place
    xid: int
    at: datetime
    digest: bytes


def sealer_role(database: str) -> str:
    """Name the role that reads the trail and adds seals, and does nothing else."""
    return f"{database}_sealer"


@contextmanager
def as_sealer() -> Iterator[None]:
    """Run one transaction under the role of the sealer."""
    role = sql.Identifier(sealer_role(str(connection.settings_dict["NAME"])))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
        # Django reads every instant as one of UTC, whatever the session was set to.
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        yield
        cursor.execute("RESET ROLE")


def leaves(kind: str, *, since: int = 0, until: int | None = None) -> Iterator[Leaf]:
    """Give the rows of some transactions by partition, then in the order of their tree."""
    columns = ", ".join(TEXT.get(column, f"{column}::text") for column in COLUMNS[kind])
    bounds, values = "xid >= %s", [since]
    if until is not None:
        bounds, values = bounds + " AND xid < %s", [since, until]
    statement = (
        f"SELECT system, {MONTH}, xid, at, {columns} FROM audit.{kind} r"  # noqa: S608 - our names
        f" WHERE {bounds} ORDER BY r.system, 2, r.xid, r.at, r.id"
    )
    header = f"egide.audit.{kind}.{LEAF_VERSION}"
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(CHUNK):
            for system, month, xid, at, *texts in rows:
                digest = merkle.leaf_hash(canonical(header, texts))
                yield Leaf(Place(kind, system, month), xid, at, digest)


def segments(*, since: int, until: int) -> Iterator[Segment]:
    """Build the tree of each partition over the rows of some transactions."""
    for kind in COLUMNS:
        rows = leaves(kind, since=since, until=until)
        for place, group in groupby(rows, key=lambda leaf: leaf.place):
            tree = merkle.Growing()
            for leaf in group:
                tree.append(leaf.digest)
            yield Segment(place, tree.size, tree.root())


def chain() -> list[Seal]:
    """Read every seal, in order, with its segments."""
    told: dict[int, list[Segment]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, kind, system, month, count, root FROM audit.segment")
        for number, kind, system, month, count, root in cursor.fetchall():
            segment = Segment(Place(kind, system, month), count, bytes(root))
            told.setdefault(number, []).append(segment)
        cursor.execute(
            "SELECT number, act, xid_from, xid_until, observed_xid, observed_at, root, previous,"
            " key, version, signature FROM audit.seal ORDER BY number"
        )
        found = []
        for row in cursor.fetchall():
            number, act, since, until, observed, at, root, previous, key, version, signature = row
            claim = Claim(
                number=number,
                act=act,
                xid_from=since,
                xid_until=until,
                observed_xid=observed,
                observed_at=at,
                root=bytes(root),
                previous=bytes(previous),
                key=key,
                version=version,
            )
            parts = tuple(sorted(told.get(number, [])))
            found.append(Seal(claim, bytes(signature), parts))
    return found


def add(seal: Seal) -> None:
    """Write one seal and its segments."""
    claim = seal.claim
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit.seal (number, act, xid_from, xid_until, observed_xid, observed_at,"
            " root, previous, key, version, signature)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                claim.number, claim.act, claim.xid_from, claim.xid_until, claim.observed_xid,
                claim.observed_at, claim.root, claim.previous, claim.key, claim.version,
                seal.signature,
            ],
        )  # fmt: skip
        cursor.executemany(
            "INSERT INTO audit.segment (number, kind, system, month, count, root)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (claim.number, s.place.kind, s.place.system, s.place.month, s.count, s.root)
                for s in seal.segments
            ],
        )


def observe() -> tuple[datetime, int, int]:
    """Give the instant, the oldest transaction still open, and the first not yet begun."""
    with connection.cursor() as cursor:
        # Two statements: the instant must come before the snapshot that it is compared with.
        cursor.execute("SELECT clock_timestamp()")
        (at,) = cursor.fetchone()
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint"
            " FROM pg_current_snapshot() s"
        )
        oldest, coming = cursor.fetchone()
    return at, oldest, coming


def end_of_batch(since: int, *, horizon: int, size: int) -> int | None:
    """Find where a batch of whole transactions ends; none when no row waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH waiting AS (SELECT xid FROM audit.trail WHERE xid >= %(since)s"
            " AND xid < %(horizon)s UNION ALL SELECT xid FROM audit.change WHERE xid >= %(since)s"
            " AND xid < %(horizon)s)"
            " SELECT (SELECT min(xid) FROM waiting),"
            " (SELECT xid FROM waiting ORDER BY xid OFFSET %(size)s LIMIT 1)",
            {"since": since, "horizon": horizon, "size": size},
        )
        first, cut = cursor.fetchone()
    if first is None:
        return None
    # One transaction is never cut in two, however many rows it wrote.
    return horizon if cut is None else max(int(cut), int(first) + 1)


def forged_fieldsets() -> int:
    """Count the sets of fields that are no longer those their identifier was computed from."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit.fieldset WHERE id <> encode(substring(sha256(convert_to("
            "to_jsonb(fields)::text, 'UTF8')) FOR 16), 'hex')::uuid"
        )
        return int(cursor.fetchone()[0])


def drop(place: Place) -> None:
    """Drop the partition of a month: its owner alone may."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("DROP TABLE audit.{}").format(
                sql.Identifier(f"{place.kind}_{place.system}_{place.month:%Y_%m}")
            )
        )
