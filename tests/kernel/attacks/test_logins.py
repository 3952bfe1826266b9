"""Attacks by the logins themselves: what they see of others, and what they may do to themselves."""

import pytest
from django.db import connection, transaction
from django.urls import reverse
from psycopg import errors

from egide.kernel.access.compiler import cautions, drift, sync
from egide.kernel.access.compiler.drift import STATE
from egide.kernel.access.compiler.sync import PATIENCE
from egide.kernel.access.names import web_role
from egide.site import logins
from egide.systems.apa_ash.purposes import INSTRUCTION

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("login", ["web", "sign_in"])
def test_no_session_waits_nor_sleeps_for_ever(house, login):
    with getattr(house, login)() as opened:
        for name, longest in PATIENCE.items():
            assert opened.execute(f"SHOW {name}").fetchone() == (longest,)


def test_who_waits_for_a_table_that_another_holds_is_told(house, client):
    """One agent locks a table that their purpose may empty: the others do not hang."""
    with house.inside("alice", INSTRUCTION) as held:
        held.execute("LOCK TABLE apa_ash_gel IN ACCESS EXCLUSIVE MODE")
        client.force_login(house.team.remi, backend="egide.kernel.access.backends.AgentBackend")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
        answer = client.get(reverse("apa_ash:conservation", args=[house.nord]))
    assert (answer.status_code, answer["Retry-After"]) == (503, "20")
    assert "rien n’a été enregistré" in answer.content.decode()


@pytest.mark.parametrize("login", ["web", "sign_in"])
def test_no_session_sees_what_the_others_of_its_login_run(house, login):
    with house.web() as spy, getattr(house, login)() as victim:
        victim.execute("SELECT 'FR7630001007941234567890185'")
        ((seen,),) = spy.execute(
            "SELECT query FROM pg_stat_activity WHERE pid = %s", [victim.info.backend_pid]
        ).fetchall()
        assert "FR76" not in (seen or "")
        for name in (web_role(house.name), "CURRENT_USER"):
            with pytest.raises(errors.InsufficientPrivilege), victim.transaction():
                victim.execute(f"ALTER ROLE {name} SET track_activities = on")
        with pytest.raises(errors.InsufficientPrivilege), victim.transaction():
            victim.execute("SET track_activities = on")


def test_a_login_that_shuts_the_site_out_is_told_and_mended(house):
    """It may always change its own settings: nothing in PostgreSQL forbids it."""
    with house.web() as opened:
        opened.execute("ALTER ROLE CURRENT_USER SET default_transaction_isolation = 'serializable'")
        opened.commit()
        try:
            assert any("default_transaction_isolation=serializable" in line for line in drift())
            with transaction.atomic():
                sync()
                mended = drift()
                transaction.set_rollback(True)
        finally:
            opened.execute("ALTER ROLE CURRENT_USER RESET default_transaction_isolation")
            opened.commit()
    assert mended == []


def test_the_logins_are_tried_before_the_site_serves(house, monkeypatch):
    assert logins.closed() == []
    monkeypatch.setattr(logins, "web_role", "{}_shut".format)
    (told,) = logins.closed()
    assert told.startswith(f"{house.name}_shut : ")


def test_what_an_administrator_left_open_is_told(house):
    assert cautions() == []
    with connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{house.role(INSTRUCTION)}"')  # was not granted it
        (told,) = cautions()
    assert "GRANT SET ON PARAMETER track_activities" in told


@pytest.mark.parametrize("attack", ["lo_from_bytea(0, 'x')", "lo_create(0)", "lo_get(1)"])
def test_no_bytes_are_left_outside_the_tables(house, attack):
    for purpose in (None, INSTRUCTION):
        with house.web() as opened:
            if purpose:
                house.take(opened, "alice", purpose)
            with pytest.raises(errors.InsufficientPrivilege):
                opened.execute(f"SELECT {attack}")


@pytest.mark.parametrize("of", ["", "_shared"])
@pytest.mark.parametrize("verb", ["advisory_lock", "try_advisory_lock", "advisory_unlock"])
def test_no_session_keeps_a_lock_that_acts_wait_for_beyond_its_transaction(house, verb, of):
    """Held on a connection that sleeps, it would stop every payment of a service."""
    name = "hashtextextended(%s, 0)"
    for login in (house.web, house.sign_in):
        with login() as opened, pytest.raises(errors.InsufficientPrivilege):
            opened.execute(f"SELECT pg_{verb}{of}({name})", [f"apa_ash.emission {house.nord}"])
    with house.inside("alice", INSTRUCTION) as opened:
        with pytest.raises(errors.InsufficientPrivilege), opened.transaction():
            opened.execute(f"SELECT pg_{verb}{of}(1, 2)")
        opened.execute(f"SELECT pg_advisory_xact_lock{of}({name})", ["x"])
        opened.commit()
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = %s"
        assert opened.execute(held, [opened.info.backend_pid]).fetchone() == (0,)


def test_an_administrator_who_left_the_locks_of_a_session_open_is_told(house, monkeypatch):
    opened = STATE["session_locks"].replace("'EXECUTE') ORDER", "'EXECUTE') IS NOT NULL ORDER")
    monkeypatch.setitem(STATE, "session_locks", opened)
    (told,) = cautions()
    assert "verrous de session" in told
