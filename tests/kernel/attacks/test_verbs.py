"""Attacks by a role that reads for a purpose and has not the verb: SQL writes no more for it."""

from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.controle import MOTIF_DECES, EtatIndu
from egide.systems.apa_ash.purposes import INSTRUCTION, PAIEMENT, Role
from tests import factories
from tests.personas import grant, today

HOLD = (
    "INSERT INTO apa_ash_gel (id, service_id, dossier_id, motif, jusqu_on, pose_on, pose_par_id)"
    " VALUES (%s, %s, %s, 'x', access.today() + 9, access.today(), access.agent())"
)
LIFT = "DELETE FROM apa_ash_gel WHERE dossier_id = %s"
WITHDRAW = "UPDATE apa_ash_indu SET etat = 'retire' WHERE dossier_id = %s"


def run(query, *values):
    """Give the rows that a statement reached; None when a row policy refuses it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.rowcount
    except ProgrammingError as error:
        assert "row-level security policy" in str(error), error
        return None


@pytest.fixture
def nord(team):
    """A file of the north with a debt that follows a death, undone since."""
    dossier = factories.dossier(team.nord)
    m.Indu.objects.create(
        service=team.nord, dossier=dossier, mois=today().replace(day=1), motif=MOTIF_DECES,
        montant=10, constate_on=today(), prescrit_on=today(), etat=EtatIndu.CONSTATE,
        constate_par=team.carole,
    )  # fmt: skip
    decided = {"service": team.nord, "dossier": dossier, "prise_on": today(), "motif": "x"}
    death = m.Decision.objects.create(
        **decided, nature="fin", effet_on=today(), prise_par=team.alice, avant={"droits": {}}
    )
    m.Decision.objects.create(
        **decided, nature="annulation", effet_on=today(), prise_par=team.remi, annule=death
    )
    return dossier


@pytest.mark.parametrize(("agent", "may"), [("alice", False), ("remi", True)])
def test_only_the_head_of_the_service_holds_a_file_or_lifts_its_hold(
    team, nord, entering, agent, may
):
    with entering(team.agents[agent], INSTRUCTION):
        assert run(HOLD, uuid4(), team.nord.pk, nord.pk) == (1 if may else None)
        assert run("SELECT id FROM apa_ash_gel") == int(may)
    m.Gel.objects.all().delete()
    m.Gel.objects.create(
        service=team.nord, dossier=nord, motif="x", jusqu_on=today(), pose_on=today(),
        pose_par=team.remi,
    )  # fmt: skip
    with entering(team.agents[agent], INSTRUCTION):
        assert run("SELECT id FROM apa_ash_gel") == 1  # read alike by both
        assert run(LIFT, nord.pk) == int(may)


@pytest.mark.parametrize(("agent", "may"), [("alice", False), ("remi", True)])
def test_who_instructs_withdraws_no_debt(team, nord, entering, agent, may):
    with entering(team.agents[agent], INSTRUCTION):
        assert run("SELECT id FROM apa_ash_indu") == 1
        assert run(WITHDRAW, nord.pk) == int(may)


def test_a_role_is_played_where_it_is_held(team, nord, entering):
    """Instructor in the north and head in the south: each verb keeps to its own service."""
    both, sud = team.nora, factories.dossier(team.sud, nom="Morel")
    grant(both, Role.INSTRUCTEUR, team.nord, by=team.admin)
    grant(both, Role.RESPONSABLE, team.sud, by=team.admin)
    with entering(both, INSTRUCTION):
        assert run("SELECT id FROM apa_ash_dossier") == 2
        assert run(HOLD, uuid4(), team.nord.pk, nord.pk) is None
        assert run(WITHDRAW, nord.pk) == 0
        assert run(HOLD, uuid4(), team.sud.pk, sud.pk) == 1


def test_another_system_lends_no_role(team, nord, entering):
    """A role of the same name, held elsewhere, opens no purpose of this system."""
    grant(team.nora, Role.RESPONSABLE, team.nord, by=team.admin, system="access")
    with entering(team.nora, INSTRUCTION):
        assert run(HOLD, uuid4(), team.nord.pk, nord.pk) is None
        assert run(LIFT, nord.pk) == 0


def test_the_roles_of_one_purpose_are_nothing_under_another(team, nord, entering):
    with entering(team.remi, PAIEMENT), connection.cursor() as cursor:
        for roles in ("{instructeur}", "{}", "{instructeur,evaluateur}"):
            cursor.execute("SELECT access.services(%s), access.organismes(%s)", [roles, roles])
            assert cursor.fetchone() == (None, None)
        cursor.execute("SELECT access.services('{responsable}')")
        assert cursor.fetchone() == ([team.nord.pk],)


def test_a_policy_that_names_no_role_is_missed(team, nord, entering):
    loosened = (
        "ALTER POLICY purpose_apa_ash_instruction_insert ON apa_ash_gel WITH CHECK (array_position("
        "COALESCE((SELECT access.services()), '{}'::uuid[]), service_id) IS NOT NULL)"
    )
    with connection.cursor() as cursor:
        cursor.execute(loosened)
    with entering(team.alice, INSTRUCTION):
        assert run(HOLD, uuid4(), team.nord.pk, nord.pk) == 1
