"""Rows of the trail that a seal may take: of transactions long over, as far as it can tell."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection

from egide.kernel.audit import keys, records, seals, verify
from egide.kernel.audit.chain import Place

SYSTEM = "apa_ash"


class Trail:
    """A sealed trail, its key and head in a directory, and the means of its owner."""

    def __init__(self, directory):
        self.path = directory / "seal-key.pem"
        self.horizon = 100  # every transaction below is over
        self.open = 0  # so many from there on have begun

    def sql(self, text, *values):
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            return cursor.fetchall() if cursor.description else []

    @property
    def now(self) -> datetime:
        ((now,),) = self.sql("SELECT clock_timestamp()")
        return now

    def observe(self):
        return self.now, self.horizon, self.horizon + self.open

    @property
    def months(self) -> tuple[datetime, datetime]:
        """Give an instant of the last month, and one of this month."""
        first = self.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return first - timedelta(days=3), self.now

    def place(self, at, *, kind="trail") -> Place:
        return Place(kind, SYSTEM, at.replace(day=1).date())

    def write(self, *, xid, at=None, count=1, kind="trail"):
        """Add rows as the owner of the database, in the name of a transaction."""
        at = at or self.now
        if kind == "trail":
            columns, values = "verb, outcome, motif", "'lire', 'fait', 'n° ' || n"
        else:
            columns, values = "model, operation", "'apa_ash.Nir', 'UPDATE'"
        self.sql(
            f"INSERT INTO audit.{kind} (at, system, purpose, xid, {columns})"
            f" SELECT %s, '{SYSTEM}', 'test', %s, {values} FROM generate_series(1, %s) n",
            at, xid, count,
        )  # fmt: skip

    def seal(self, **options):
        return seals.seal(self.path, **options)

    def verify(self):
        public = self.path.with_suffix(".pub")
        trusted = keys.trusted([public] if public.exists() else [])
        return verify.verify(self.path, trusted=trusted)

    def defects(self):
        return self.verify().defects

    def unguard(self, *, guarded=False):
        """Do what the owner of the database can: put every guard of the trail to sleep."""
        for (table,) in self.sql(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger t JOIN pg_class c"
            " ON c.oid = tgrelid WHERE tgname IN ('append_only', 'never_emptied')"
            " AND relnamespace = 'audit'::regnamespace"
        ):
            self.sql(f"ALTER TABLE {table} {'ENABLE' if guarded else 'DISABLE'} TRIGGER USER")


@pytest.fixture
def trail(db, tmp_path, monkeypatch):
    """Give an empty trail, as a new instance has, whatever other tests left in this database."""
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.delenv("EGIDE_SEAL_KEY", raising=False)
    trail = Trail(tmp_path)
    monkeypatch.setattr(records, "observe", trail.observe)
    trail.unguard()
    trail.sql("TRUNCATE audit.trail, audit.change, audit.segment, audit.seal")
    trail.unguard(guarded=True)
    return trail
