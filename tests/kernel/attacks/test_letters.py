"""Attacks on letters by the control: SQL gives it those that it writes, and no other."""

import hashlib
import re

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from egide.kernel.access.compiler.statements import sql_files
from egide.systems.apa_ash.letters import accord, content, indu, justificatifs, relais
from egide.systems.apa_ash.models import Courrier
from egide.systems.apa_ash.policy import COURRIERS
from egide.systems.apa_ash.purposes import CONTROLE
from tests import factories
from tests.kernel.attacks.trigger_hands import Hands
from tests.personas import today

WRITE = (
    "INSERT INTO apa_ash_courrier"
    " (id, service_id, dossier_id, motif, destinataire, nom_destinataire, succession, nature,"
    " cree_on, empreinte, pdf)"
    " VALUES (gen_random_uuid(), %s, %s, '', '', '', false, %s, access.today(), %s, %s)"
)
THEIRS = ("decision_accord", "decision_rejet", "compte_rendu", "suspension", "x")
OWN = ("indu", "demande_justificatifs")


@pytest.fixture
def nord(team):
    return factories.dossier(team.nord)


@pytest.fixture
def letters(team, nord):
    """A letter of each kind in a file of each service."""
    return {
        Courrier.objects.create(
            service_id=dossier.service_id, dossier=dossier, nature=nature, cree_on=today(),
            empreinte=hashlib.sha256(nature.encode()).hexdigest(), pdf=nature.encode(),
        ).pk: (dossier, nature)
        for dossier in (nord, factories.dossier(team.sud))
        for nature in (*THEIRS, *OWN)
    }  # fmt: skip


def ask(query, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount


@pytest.mark.clause("APA-17")
def test_the_control_reads_in_sql_the_letters_that_it_writes_and_no_other(
    team, nord, letters, entering
):
    reached = {pk for pk, (dossier, nature) in letters.items() if dossier == nord and nature in OWN}
    with entering(team.carole, CONTROLE) as passage:
        for column in ("nature", "pdf", "empreinte"):
            assert len(ask(f"SELECT {column} FROM apa_ash_courrier")) == len(reached)
        for pk in letters:
            found = ask("SELECT pdf FROM apa_ash_courrier WHERE id = %s", pk)
            assert len(found) == (pk in reached)
        listed = COURRIERS.rows(passage).values_list("pk", flat=True)
        assert set(listed.concerning(nord.pk)) == reached


@pytest.mark.parametrize("nature", [*THEIRS, *OWN])
def test_the_control_writes_in_sql_no_letter_of_another_kind(team, nord, entering, nature):
    sealed = hashlib.sha256(b"x").hexdigest()
    with entering(team.carole, CONTROLE):
        if nature == "indu":  # read by the control, and signed by delegation
            with pytest.raises(IntegrityError, match="signed by delegation"):
                ask(WRITE, team.nord.pk, nord.pk, nature, sealed, b"x")
        elif nature in OWN:
            assert ask(WRITE, team.nord.pk, nord.pk, nature, sealed, b"x") == 1
        else:
            with pytest.raises(ProgrammingError, match="row-level security policy"):
                ask(WRITE, team.nord.pk, nord.pk, nature, sealed, b"x")


def test_the_condition_is_what_keeps_the_others_away(team, nord, letters, entering):
    """Proof by removal: were the wall of services the only one, every kind would be read."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT qual FROM pg_policies WHERE tablename = 'apa_ash_courrier' AND policyname = %s",
            [f"purpose_{CONTROLE.key}"],
        )
        (qual,) = cursor.fetchone()
        wall = qual.split(" AND ((nature)")[0]
        assert wall != qual
        cursor.execute(
            f"ALTER POLICY purpose_{CONTROLE.key} ON apa_ash_courrier USING ({wall.strip('(')}"
        )
    with entering(team.carole, CONTROLE):
        found = ask("SELECT nature FROM apa_ash_courrier")
    assert {nature for (nature,) in found} == {*THEIRS, *OWN}


def test_postgresql_knows_the_letters_that_the_system_writes():
    (sql,) = (text for text in sql_files() if "apa_ash.keep_courrier()" in text)
    known = re.search(r"known constant text\[\] := '\{([^}]*)\}'", sql)[1]
    written = {
        each.gabarit
        for module in (accord, content, indu, justificatifs, relais)
        for each in vars(module).values()
        if isinstance(getattr(each, "gabarit", None), str)
    }
    assert sorted(map(str.strip, known.split(","))) == sorted(written)


def test_a_remission_and_an_end_are_told_by_whoever_decided_them_and_to_the_living(team):
    scene = Hands(team)
    told = [scene.play(steps)[-1] for steps in scene.remission_letters()]
    refused = "courrier_of_a_decided_remission"
    of_a_kind = [refused, refused, [], refused, refused, refused, refused, refused]
    assert told == [*of_a_kind, *of_a_kind, "courrier_not_to_the_dead", []]


def test_a_decision_is_told_once_on_its_day_by_whoever_took_it(team):
    scene = Hands(team)
    told = [scene.play(steps)[1:] for steps in scene.told_again()]
    late = ["courrier_tells_a_new_decision"]
    once = [[], "courrier_tells_once"]
    campaign = [[[], [], []], [[], [], *late]]
    assert told == [[[]], [[]], [[]], late, late, late, once, *campaign]


def test_a_revaluation_is_told_by_the_campaign_that_applied_it_and_by_nobody_else(team):
    scene = Hands(team)
    told = [scene.play(steps)[-1] for steps in scene.campaign_letters()]
    assert told == [[], "InsufficientPrivilege", *["courrier_of_its_campaign"] * 3]
