"""Attacks on what the trail keeps: a write lost among others, a change that nobody signs."""

import re
from pathlib import Path

import pytest
from django.db import connection, transaction
from psycopg import errors

import egide
from egide.kernel.access.views import ACTS
from egide.kernel.catalogue.declarations import REGISTRY
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


@pytest.mark.parametrize(
    ("verb", "fields", "motif"),
    [
        ("repeat('x', 101)", "'{a}'", "''"),
        ("'essai'", "'{a}'", "repeat('x', 1101)"),
        ("'essai'", "array_fill('a'::text, ARRAY[1001])", "''"),
        ("'essai'", "ARRAY[repeat('x', 50001)]", "''"),
    ],
)
def test_a_line_of_the_trail_holds_no_more_than_acts_write(house, verb, fields, motif):
    line = "SELECT audit.record('apa_ash', {}, ARRAY[%s::uuid], {}, {})".format
    with house.inside("alice", INSTRUCTION) as opened:
        with pytest.raises(errors.CheckViolation) as refused, opened.transaction():
            opened.execute(line(verb, fields, motif), [house.nord])
        assert refused.value.diag.constraint_name == "trail_line_bounded"
        shorter = [told.replace("01", "00") for told in (verb, fields, motif)]
        opened.execute(line(*shorter).replace("50000", "49000"), [house.nord])


def test_a_refusal_is_always_written_and_never_weighs(house):
    with house.inside("alice", INSTRUCTION) as opened:
        opened.execute("SELECT set_config('role', 'none', true)")
        opened.execute(
            "SELECT audit.record_refusal('apa_ash', repeat('r', 9000),"
            " array_fill(repeat('x', 9000), ARRAY[1001]))"
        )
        opened.commit()
    assert owner(
        "SELECT length(verb), cardinality(targets), length(targets[1000]) FROM audit.trail"
        " WHERE verb LIKE 'rrr%%'"
    ) == [(100, 1000, 100)]


def test_what_acts_and_screens_say_of_themselves_fits_in_a_line_of_the_trail():
    sources = "".join(path.read_text() for path in Path(egide.__file__).parent.rglob("*.py"))
    verbs = [*ACTS.values(), *re.findall(r'verb="([^"]+)"', sources)]
    assert 30 < max(map(len, verbs)) <= 100
    names = [
        f"{label}.{name}"
        for catalogue in REGISTRY
        for label, volet in catalogue.by_model.items()
        for name in volet.lines
    ]
    assert 100 < len(names) <= 1_000
    assert len("".join(names)) + 3 * len(names) <= 50_000
