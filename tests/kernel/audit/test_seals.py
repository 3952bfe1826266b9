"""The trail is sealed once, whole, in batches, by a key that the database never had."""

import stat

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from egide.kernel.access.compiler import drift, sync
from egide.kernel.audit import keys, records, seals
from egide.kernel.audit.chain import PURGE, canonical
from egide.kernel.audit.keys import CleRefusee, Head, Heads
from egide.kernel.audit.seals import ScellementRefuse
from egide.kernel.retention.logs import drop_months


def test_a_sealed_trail_verifies(trail):
    before, now = trail.months
    trail.write(xid=10, at=before, count=3)
    trail.write(xid=11, at=now, count=2)
    trail.write(xid=11, at=now, kind="change")
    (seal,) = trail.seal()
    assert [(s.place, s.count) for s in seal.segments] == [
        (trail.place(now, kind="change"), 1),
        (trail.place(before), 3),
        (trail.place(now), 2),
    ]
    report = trail.verify()
    assert (report.seals, report.rows, report.waiting, report.defects) == (1, 6, 0, [])


def test_a_trail_that_was_never_sealed_has_no_defect(trail):
    assert trail.defects() == []
    trail.write(xid=10, count=2)
    report = trail.verify()
    assert (report.waiting, report.defects) == (2, [])


def test_sealing_again_adds_nothing(trail):
    trail.write(xid=10)
    assert len(trail.seal()) == 1
    trail.horizon = 200
    assert trail.seal() == []
    assert trail.defects() == []


def test_batches_are_of_whole_transactions(trail):
    for xid, count in ((10, 2), (11, 5), (12, 1), (13, 1)):
        trail.write(xid=xid, count=count)
    added = trail.seal(batch=2)
    assert [sum(s.count for s in seal.segments) for seal in added] == [2, 5, 2]
    assert [seal.claim.xid_from for seal in added] == [0, 11, 12]
    assert trail.defects() == []


def test_a_run_cut_before_its_commit_is_taken_up(trail, monkeypatch):
    trail.write(xid=10)
    trail.seal()
    trail.write(xid=100)
    trail.horizon = 200
    with pytest.raises(KeyboardInterrupt), transaction.atomic(), monkeypatch.context() as patch:
        patch.setattr(seals, "_keep", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        trail.seal()
    # The head that was coming is on the disk, and the database never had its seal.
    assert keys.read_heads(trail.path).coming.number == 2
    assert trail.defects() == []
    assert [seal.claim.number for seal in trail.seal()] == [2]
    assert keys.read_heads(trail.path).coming is None
    assert trail.defects() == []


def test_a_run_cut_after_its_commit_is_taken_up(trail, monkeypatch):
    trail.write(xid=10)
    with monkeypatch.context() as patch:
        patch.setattr(seals, "_keep", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            trail.seal()
    assert trail.verify().seals == 1
    assert trail.defects() == []
    trail.write(xid=100)
    trail.horizon = 200
    assert [seal.claim.number for seal in trail.seal()] == [2]
    assert trail.defects() == []


def test_every_column_of_the_trail_is_in_a_leaf(trail):
    for kind, columns in records.COLUMNS.items():
        rows = trail.sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped",
            f"audit.{kind}",
        )
        assert sorted(name for (name,) in rows) == sorted(columns)


def test_two_different_rows_never_have_the_same_bytes():
    forms = [[None], [""], ["-"], ["", ""], ["a", "b"], ["ab"], ["1:a"], ["a", None], []]
    assert len({canonical("v", form) for form in forms}) == len(forms)


def test_settings_of_a_session_do_not_change_a_leaf(trail):
    trail.write(xid=10)
    trail.write(xid=10, kind="change")
    trail.seal()
    trail.sql("SET LOCAL TimeZone = 'Pacific/Chatham'")
    trail.sql("SET LOCAL search_path = pg_temp")
    trail.sql("SET LOCAL bytea_output = 'escape'")
    trail.sql("SET LOCAL extra_float_digits = -15")
    assert trail.defects() == []


def test_the_key_is_for_its_account_alone_and_is_never_made_twice(trail):
    trail.write(xid=10)
    trail.seal()
    assert stat.S_IMODE(trail.path.stat().st_mode) == 0o600
    trail.path.chmod(0o640)
    with pytest.raises(CleRefusee, match="chmod 600"):
        trail.seal()
    trail.path.unlink()
    with pytest.raises(CleRefusee, match="absente"):
        trail.seal()


@pytest.mark.parametrize("text", ["", "-----BEGIN PRIVATE KEY-----"])
def test_a_broken_key_is_told(trail, text):
    trail.path.write_text(text)
    trail.path.chmod(0o600)
    with pytest.raises(CleRefusee, match="clé privée"):
        trail.seal()
    with pytest.raises(CleRefusee, match="clé publique"):
        keys.trusted([trail.path])


def test_the_environment_names_the_key(trail, monkeypatch, tmp_path):
    monkeypatch.setenv("EGIDE_SEAL_KEY", str(tmp_path / "safe/key.pem"))
    assert keys.place(settings.HOME) == tmp_path / "safe/key.pem"
    monkeypatch.delenv("EGIDE_SEAL_KEY")
    assert keys.place(settings.HOME) == tmp_path / "seal-key.pem"


def test_nothing_is_sealed_after_a_head_that_is_not_ours(trail):
    trail.write(xid=10)
    trail.seal()
    trail.write(xid=20)
    keys.write_heads(trail.path, Heads(Head(1, bytes(32))))
    with pytest.raises(CleRefusee, match="audit verify"):
        trail.seal()


def test_a_server_that_counts_lower_is_refused(trail):
    trail.write(xid=10)
    trail.seal()
    trail.horizon = 5
    with pytest.raises(ScellementRefuse, match="plus bas"):
        trail.seal()


def test_a_purged_month_leaves_its_neighbours_verified(trail):
    before, now = trail.months
    trail.write(xid=10, at=before, count=3)
    trail.write(xid=11, at=now, count=2)
    trail.seal(batch=3)
    purged = seals.purge(trail.path, trail.place(before))
    assert purged.claim.act == PURGE
    assert [s.count for s in purged.segments] == [3]
    report = trail.verify()
    assert (report.rows, report.defects) == (2, [])
    trail.unguard()
    trail.sql("UPDATE audit.trail SET motif = 'autre' WHERE xid = 11 AND motif = 'n° 1'")
    (defect,) = trail.defects()
    assert "modifiées" in defect


def test_rows_without_a_seal_are_never_purged(trail):
    before, _ = trail.months
    with pytest.raises(ScellementRefuse, match="aucun sceau"):
        trail.write(xid=10)
        trail.seal()
        seals.purge(trail.path, trail.place(before))
    trail.write(xid=2**40, at=before)
    with pytest.raises(ScellementRefuse, match="attendent"):
        seals.purge(trail.path, trail.place(before))


def test_the_sealer_reads_the_trail_adds_seals_and_nothing_else(trail):
    trail.write(xid=10)
    trail.seal()
    refused = [
        "UPDATE audit.trail SET motif = ''",
        "DELETE FROM audit.trail",
        "INSERT INTO audit.trail (system, purpose, verb, outcome) VALUES ('a', 'b', 'c', 'fait')",
        "UPDATE audit.seal SET act = 'purge'",
        "DELETE FROM audit.segment",
        "TRUNCATE audit.seal",
        "SELECT * FROM apa_ash_nir",
        "SELECT * FROM access_agent",
        "SELECT audit.record('apa_ash', 'lire', '{}', '{}', '')",
    ]
    for statement in refused:
        with pytest.raises(Exception, match="permission denied"), records.as_sealer():
            trail.sql(statement)
    rights = trail.sql(
        "SELECT rolcanlogin, rolinherit, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s",
        records.sealer_role(connection.settings_dict["NAME"]),
    )
    assert rights == [(False, False, False, False)]


@pytest.mark.parametrize("table", ["seal", "segment"])
@pytest.mark.parametrize("statement", ["DELETE FROM", "TRUNCATE"])
def test_even_the_owner_meets_a_guard_on_the_seals(trail, table, statement):
    trail.write(xid=10)
    trail.seal()
    cascade = " CASCADE" if statement == "TRUNCATE" else ""
    with pytest.raises(Exception, match="of the trail is refused"), transaction.atomic():
        trail.sql(f"{statement} audit.{table}{cascade}")


@pytest.mark.parametrize(
    "attack",
    [
        "GRANT UPDATE ON audit.trail TO {sealer}",
        "GRANT SELECT ON apa_ash_nir TO {sealer}",
        "GRANT DELETE ON audit.seal TO {sealer}",
        "DROP TRIGGER append_only ON audit.seal",
        "ALTER ROLE {sealer} LOGIN",
        "GRANT {sealer} TO {web}",
    ],
)
def test_a_wider_sealer_is_drift(db, attack):
    name = connection.settings_dict["NAME"]
    assert drift() == []
    with connection.cursor() as cursor:
        cursor.execute(attack.format(sealer=records.sealer_role(name), web=f"{name}_web"))
    assert drift() != []
    sync()
    assert drift() == []


INSERT = (
    "INSERT INTO audit.trail (system, purpose, verb, outcome)"
    " VALUES ('apa_ash', 'late', 'lire', 'fait') RETURNING xid"
)


@pytest.fixture
def sessions(db):
    """Give two sessions of the owner that really commit; their rows go away at the end."""
    held = connection.settings_dict
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER"}
    address = {key: held[name] for key, name in names.items()} | {"password": held["PASSWORD"]}
    with psycopg.connect(**address) as early, psycopg.connect(**address) as late:
        yield early, late
        early.rollback()
        late.execute("ALTER TABLE audit.trail DISABLE TRIGGER append_only")
        late.execute("DELETE FROM audit.trail WHERE purpose = 'late'")
        late.execute("ALTER TABLE audit.trail ENABLE TRIGGER append_only")


@pytest.mark.parametrize("over", [False, True])
def test_a_row_that_commits_late_is_not_skipped(sessions, tmp_path, monkeypatch, over):
    """The later transaction is over before the earlier one: both wait for the earlier."""
    early, late = sessions
    ((first,),) = early.execute(INSERT).fetchall()
    ((second,),) = late.execute(INSERT).fetchall()
    late.commit()
    if over:
        early.commit()
        # Tests that run beside this one hold the horizon of the whole server.
        at, oldest, coming = records.observe()
        horizon = max(oldest, second + 1)
        monkeypatch.setattr(records, "observe", lambda: (at, horizon, coming))
    added = seals.seal(tmp_path / "key.pem")
    until = added[-1].claim.xid_until if added else 0
    assert first < second
    assert (until > second) if over else (until <= first)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM audit.trail WHERE xid < %s)"
            " + (SELECT count(*) FROM audit.change WHERE xid < %s)",
            [until, until],
        )
        ((rows,),) = cursor.fetchall()
    assert sum(s.count for seal in added for s in seal.segments) == rows


def test_the_marker_of_a_row_is_its_transaction(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit.trail (system, purpose, verb, outcome) VALUES"
            " ('apa_ash', 'test', 'lire', 'fait')"
            " RETURNING xid = pg_current_xact_id()::text::bigint"
        )
        assert cursor.fetchall() == [(True,)]


def test_retention_seals_then_leaves_the_seal_of_its_purge(trail):
    before, now = trail.months
    trail.write(xid=10, at=before, count=3)
    trail.write(xid=11, at=now, count=2)
    trail.seal(batch=3)
    drop_months([f"trail_apa_ash_{before:%Y_%m}"], key=trail.path)
    report = trail.verify()
    assert (report.rows, report.defects) == (2, [])
