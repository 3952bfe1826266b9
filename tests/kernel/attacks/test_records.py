"""Attacks on what the trail keeps: a write lost among others, a change that nobody signs."""

import pytest
from django.db import connection, transaction
from psycopg import errors

from egide.systems.apa_ash.purposes import INSTRUCTION, PAIEMENT
from tests import factories

pytestmark = pytest.mark.django_db
CROWD = 120


def owner(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


@pytest.fixture(scope="module")
def crowd(house, django_db_blocker):
    """Commit more files than the trail keeps values for."""
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
        return [factories.dossier(house.team.nord).pk for _ in range(CROWD)]


def changes(house):
    return owner(
        "SELECT subjects, row_ids, fields FROM audit.change WHERE agent_id = %s"
        " AND model = 'apa_ash.Coordonnees' ORDER BY at DESC LIMIT 1",
        house.team.alice.pk,
    )


def test_a_change_does_not_hide_among_rows_written_back_as_they_were(house, crowd):
    with house.inside("alice", INSTRUCTION) as opened:
        opened.execute(
            "UPDATE apa_ash_coordonnees SET telephone ="
            " CASE WHEN dossier_id = %s THEN '0600000001' ELSE telephone END",
            [crowd[-1]],
        )
        opened.commit()
    ((subjects, row_ids, fields),) = changes(house)
    assert (subjects, len(row_ids), fields) == ([crowd[-1]], 1, ["telephone"])


def test_a_bulk_write_names_every_column_that_it_changed(house, crowd):
    with house.inside("alice", INSTRUCTION) as opened:
        opened.execute(
            "UPDATE apa_ash_coordonnees SET telephone = telephone || '2', courriel ="
            " CASE WHEN dossier_id = %s THEN 'a@exemple.fr' ELSE courriel END",
            [crowd[-1]],
        )
        opened.commit()
    ((subjects, row_ids, fields),) = changes(house)
    assert set(crowd) <= set(subjects)
    assert len(row_ids) > CROWD
    assert fields == ["telephone", "courriel"]


def test_a_write_that_changes_nothing_still_needs_its_passage(house):
    with house.inside("alice", INSTRUCTION) as opened, pytest.raises(errors.InsufficientPrivilege):
        opened.execute(
            "UPDATE apa_ash_coordonnees SET telephone = telephone RETURNING"
            " set_config('egide.passage', '', true)"
        )


@pytest.mark.parametrize("column", ["password", "last_login"])
def test_the_login_of_sign_in_changes_no_account_in_silence(house, column):
    value = {"password": "'argon2$forged'", "last_login": "now()"}[column]
    alice = house.team.alice.pk
    with house.sign_in() as opened:
        opened.execute(f"UPDATE access_agent SET {column} = {value} WHERE id = %s", [alice])
        opened.commit()
    assert owner(
        "SELECT purpose, agent_id, row_ids, fields, differences::text FROM audit.change"
        " WHERE system = 'access' ORDER BY at DESC LIMIT 1"
    ) == [(f"{house.name}_signin", None, [alice], [column], "{}")]


def test_many_lines_push_nobody_out_of_who_consulted_the_file(house):
    """An agent may write lines of any words about a file in reach: they make one row a day."""
    line = "SELECT audit.record('apa_ash', 'essai ' || n, ARRAY[%s::uuid], '{a}', '')"
    with house.inside("paul", PAIEMENT) as opened:
        opened.execute(f"{line} FROM generate_series(1, 1) n", [house.nord])
        opened.commit()
    with house.inside("alice", INSTRUCTION) as opened:
        for lines in (400, 3):
            opened.execute(f"{line} FROM generate_series(1, {lines}) n", [house.nord])
        found = opened.execute("SELECT agent, verb FROM audit.readers(%s)", [house.nord]).fetchall()
    told = dict(found)
    assert len(found) == len(told) == 2
    assert "Paul" in " ".join(told)
    (flood,) = (verb for agent, verb in found if agent.startswith("Alice"))
    assert "(2 fois)" in flood
    assert flood.endswith("et 380 autres")
