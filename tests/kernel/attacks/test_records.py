"""Attacks on what the trail keeps: a write lost among others, a change that nobody signs."""

import pytest
from django.db import connection, transaction
from psycopg import errors

from egide.systems.apa_ash.purposes import INSTRUCTION
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
