"""Attacks on roles and passages, in SQL, over real sessions of the web login."""

from contextlib import suppress

import psycopg
import pytest
from psycopg import errors

from egide.kernel.access import passage as passage_module
from egide.kernel.access.connections import forget
from egide.kernel.access.passage import Refused, record_refusal, sign
from egide.systems.apa_ash.purposes import CONTROLE, EVALUATION, INSTRUCTION, PAIEMENT
from tests.kernel.attacks.conftest import EVERY_PURPOSE

pytestmark = pytest.mark.django_db
FILES = "SELECT id FROM apa_ash_dossier"


def rows(opened, query, *params):
    return opened.execute(query, params or None).fetchall()


def test_a_passage_opens_its_service_over_its_own_connection(house):
    with house.inside("alice", INSTRUCTION) as opened:
        assert rows(opened, FILES) == [(house.nord,)]


def test_the_bare_login_reads_no_file(house):
    with house.web() as opened, pytest.raises(errors.InsufficientPrivilege):
        rows(opened, FILES)


@pytest.mark.parametrize("purpose", EVERY_PURPOSE, ids=lambda p: p.key)
def test_a_role_without_a_passage_reads_nothing(house, purpose):
    with house.web() as opened:
        opened.execute(f'SET ROLE "{house.role(purpose)}"')
        with suppress(errors.InsufficientPrivilege):
            assert rows(opened, FILES) == []


@pytest.mark.parametrize("change", ["SET ROLE", "SET LOCAL ROLE", "RESET then SET"])
@pytest.mark.parametrize(
    "purpose", [p for p in EVERY_PURPOSE if p != INSTRUCTION], ids=lambda p: p.key
)
def test_a_passage_of_one_purpose_is_worthless_under_the_others(house, purpose, change):
    with house.inside("alice", INSTRUCTION) as opened:
        if change == "RESET then SET":
            opened.execute("RESET ROLE")
            change = "SET ROLE"
        opened.execute(f'{change} "{house.role(purpose)}"')
        with suppress(errors.InsufficientPrivilege):
            assert rows(opened, FILES) == []


def test_giving_the_role_back_gives_no_rows(house):
    for give_back in ("RESET ROLE", "SET ROLE NONE", "SELECT set_config('role', 'none', true)"):
        with house.inside("alice", INSTRUCTION) as opened:
            opened.execute(give_back)
            with pytest.raises(errors.InsufficientPrivilege):
                rows(opened, FILES)


def test_nobody_reaches_the_owner(house):
    with house.web() as opened:
        ((owner,),) = rows(
            opened,
            "SELECT tableowner FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename = 'apa_ash_dossier'",
        )
        for attack in (f'SET ROLE "{owner}"', f'SET SESSION AUTHORIZATION "{owner}"'):
            with pytest.raises(errors.InsufficientPrivilege), opened.transaction():
                opened.execute(attack)
        reachable = rows(
            opened,
            "SELECT r.rolname FROM pg_roles r WHERE pg_has_role(session_user, r.oid, 'MEMBER')",
        )
        assert {name for (name,) in reachable} == {
            f"{house.name}_web",
            *(house.role(p) for p in EVERY_PURPOSE),
        }


def test_a_passage_is_worthless_over_another_connection(house):
    with house.web() as victim, house.web() as thief:
        stolen = house.take(victim, "alice", INSTRUCTION)
        thief.execute(
            "SELECT set_config('egide.passage', %s, true), set_config('role', %s, true)",
            [stolen, house.role(INSTRUCTION)],
        )
        assert rows(victim, FILES) == [(house.nord,)]
        assert rows(thief, FILES) == []


@pytest.mark.parametrize("part", range(7))
def test_changing_any_part_of_a_passage_breaks_it(house, part):
    with house.web() as opened:
        parts = house.take(opened, "alice", INSTRUCTION).split("|")
        swapped = house.passage(opened, "remi", EVALUATION).split("|")[part]
        parts[part] = swapped if swapped != parts[part] else parts[part] + "0"
        opened.execute("SELECT set_config('egide.passage', %s, true)", ["|".join(parts)])
        assert rows(opened, FILES) == []


@pytest.mark.parametrize(
    "garbage", ["|" * 6, "||||||" * 400, "a|b|c|d|e|f|g", "\u00e9|\u2028|x|x|1|1|x", "x" * 100_000]
)
def test_garbage_for_a_passage_is_no_error_and_no_rows(house, garbage):
    with house.inside("alice", INSTRUCTION) as opened:
        opened.execute("SELECT set_config('egide.passage', %s, true)", [garbage])
        assert rows(opened, FILES) == []


@pytest.mark.parametrize("act", ["enter", "record_refusal"])
def test_no_other_session_sees_the_signed_passage(house, db, entering, monkeypatch, act):
    """Not even the owner, from the next session, in the text of the statement that carries it."""
    from django.db import connection

    team, seen, signed = house.team, [], []
    database = connection.settings_dict
    monkeypatch.setattr(
        passage_module, "sign", lambda *a, **k: signed.append(sign(*a, **k)) or signed[-1]
    )

    def look(execute, *statement):
        watch()
        return execute(*statement)

    def watch():
        with psycopg.connect(
            dbname=database["NAME"], user=database["USER"], password=database["PASSWORD"],
            host=database["HOST"] or None, port=database["PORT"] or None,
        ) as other:  # fmt: skip
            text = "SELECT query FROM pg_stat_activity WHERE pid = %s"
            seen.append(rows(other, text, connection.connection.info.backend_pid)[0][0])

    if act == "enter":
        with entering(team.alice, INSTRUCTION):
            watch()
    else:
        refused = Refused("essai")
        with connection.execute_wrapper(look):
            record_refusal(team.alice, purpose=INSTRUCTION, session="s", refused=refused)
    ((passage,), carriers) = signed, [text for text in seen if "'egide.passage'" in text]
    assert carriers  # the very statement that carried it was looked at
    assert not any(passage in text or passage[-64:] in text for text in seen)


def test_a_passage_ends_with_its_time(house, settings):
    settings.PASSAGE_SECONDS = -1
    with house.inside("alice", INSTRUCTION) as opened:
        assert rows(opened, FILES) == []


def test_a_passage_ends_with_its_transaction(house):
    with house.inside("alice", INSTRUCTION) as opened:
        opened.execute("COMMIT")
        with pytest.raises(errors.InsufficientPrivilege):
            rows(opened, FILES)


LEFT_BEHIND = {
    "a passage": "SELECT set_config('egide.passage', current_setting('egide.passage'), false)",
    "a role": "SELECT set_config('role', current_setting('role'), false)",
    "rows": "DECLARE kept CURSOR WITH HOLD FOR SELECT nir FROM apa_ash_nir",
    "a statement": "PREPARE kept AS SELECT nir FROM apa_ash_nir",
    "a path": "SET search_path = pg_temp, public",
    "an ear": "LISTEN dossiers",
}


@pytest.mark.parametrize("trap", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_nothing_outlives_a_request_in_a_pooled_connection(house, trap):
    state = (
        "SELECT current_setting('egide.passage', true), current_setting('role'),"
        " current_setting('search_path'), (SELECT count(*) FROM pg_cursors WHERE is_holdable),"
        " (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM"
        " pg_listening_channels())"
    )
    with house.web() as opened:
        ((passage, *clean),) = rows(opened, state)
        opened.rollback()
        house.take(opened, "alice", INSTRUCTION)
        opened.execute(trap)
        opened.commit()
        assert rows(opened, state) != [(passage, *clean)]
        opened.rollback()
        forget(opened)
        ((passage, *cleared),) = rows(opened, state)
        assert not passage
        assert cleared == clean


@pytest.mark.parametrize("login", ["web", "signin"])
def test_the_pool_of_the_site_clears_its_connections(monkeypatch, login):
    from egide.site import settings

    monkeypatch.setenv("DATABASE_URL", "postgresql:///egide")
    monkeypatch.delenv("EGIDE_POOL", raising=False)
    options = settings._database(login)["OPTIONS"]
    assert options["pool"]["reset"] is forget
    assert "timezone=UTC" in options["options"]


def test_a_prepared_statement_obeys_the_role_and_the_agent_of_its_execution(house):
    with house.inside("alice", INSTRUCTION) as opened:
        opened.execute("PREPARE files AS SELECT id FROM apa_ash_dossier")
        opened.execute("PREPARE numbers AS SELECT nir FROM apa_ash_nir")
        for _ in range(7):  # past the change from custom to generic plans
            assert rows(opened, "EXECUTE files") == [(house.nord,)]
        house.take(opened, "bruno", INSTRUCTION)
        assert rows(opened, "EXECUTE files") == [(house.sud,)]
        house.take(opened, "paul", PAIEMENT)
        assert rows(opened, "EXECUTE files") == [(house.nord,)]
        with pytest.raises(errors.InsufficientPrivilege):
            rows(opened, "EXECUTE numbers")


def test_a_cursor_gives_the_rows_of_the_agent_who_fetches(house):
    with house.inside("alice", INSTRUCTION) as opened:
        opened.execute("DECLARE files CURSOR FOR SELECT id FROM apa_ash_dossier")
        house.take(opened, "bruno", INSTRUCTION)
        assert rows(opened, "FETCH ALL FROM files") == [(house.sud,)]


@pytest.mark.parametrize(
    "setting", ["row_security", "session_replication_role", "egide.maintenance"]
)
def test_a_setting_does_not_open_the_rows(house, setting):
    value = {"row_security": "off", "session_replication_role": "replica"}.get(setting, "on")
    with house.inside("alice", INSTRUCTION) as opened:
        try:
            opened.execute(f"SET LOCAL {setting} = {value}")
            found = rows(opened, FILES)
        except errors.InsufficientPrivilege:
            return
        assert found == [(house.nord,)]


def test_upkeep_without_a_passage_writes_nothing(house):
    with house.web() as opened:
        opened.execute("SET egide.maintenance = 'on'")
        for purpose in (INSTRUCTION, EVALUATION, CONTROLE):
            opened.execute(f'SET ROLE "{house.role(purpose)}"')
            with pytest.raises((errors.InsufficientPrivilege, psycopg.Error)), opened.transaction():
                opened.execute(
                    "INSERT INTO apa_ash_prestataire (id, organisme_id, nom, actif) VALUES"
                    " (gen_random_uuid(), %s, 'x', true)",
                    [house.team.departement.pk],
                )
            opened.execute("RESET ROLE")


@pytest.mark.parametrize(
    "table", ["django_session", "access_agent", "access_habilitation", "axes_accessattempt"]
)
def test_the_login_of_a_passage_knows_no_session_and_no_password(house, table):
    """Giving the role back leads to a login that reads nothing: sign-in has another one."""
    with house.web() as opened:
        house.take(opened, "alice", INSTRUCTION)
        opened.execute("RESET ROLE")
        for attack in (f"SELECT * FROM {table}", f"DELETE FROM {table}"):
            with pytest.raises(errors.InsufficientPrivilege), opened.transaction():
                opened.execute(attack)


def test_the_login_of_sign_in_becomes_no_purpose(house):
    with house.web() as opened:
        assert rows(
            opened,
            "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member"
            " WHERE r.rolname = current_database() || '_signin'",
        ) == [(0,)]


def test_a_write_cannot_take_its_own_name_off_the_trail(house):
    """The statement that writes may change the settings that its trigger reads afterwards."""
    with house.inside("alice", INSTRUCTION) as opened:
        for hidden in ("''", "'forged'"):
            with pytest.raises(errors.InsufficientPrivilege), opened.transaction():
                opened.execute(
                    "UPDATE apa_ash_coordonnees SET telephone = '0600000000' RETURNING"
                    f" set_config('egide.passage', {hidden}, true),"
                    " set_config('egide.maintenance', 'on', true)"
                )
