"""Who may lead a campaign, what it costs, and what the trail keeps of it."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.policy import CAMPAGNES
from egide.systems.apa_ash.purposes import REVALORISATION
from egide.systems.apa_ash.services import campagnes as acts
from tests.systems.apa_ash.campagne.rows import EFFET, launched, population


@pytest.mark.parametrize("name", ["alice", "bruno", "chloe", "paul", "carole", "denis", "nora"])
def test_only_the_head_of_the_service_leads_its_campaign(team, simulate, passing, name):
    campagne = simulate()
    agent = team.agents[name]
    for service, arguments in [
        (acts.launch_campagne, {"campagne_id": campagne.pk}),
        (acts.apply_batch, {"campagne_id": campagne.pk}),
        (acts.abandon_campagne, {"campagne_id": campagne.pk}),
        (
            acts.simulate_campagne,
            {"jeton": uuid.uuid4(), "service_id": team.nord.pk, "effet_on": EFFET},
        ),
    ]:
        with pytest.raises(Refused):
            passing(service, agent=agent, **arguments)


def test_the_head_of_a_service_does_not_lead_another(team, simulate, passing, entering):
    with pytest.raises(Refused):
        simulate(service=team.sud)
    theirs = m.Campagne.objects.create(
        service=team.sud, effet_on=EFFET, etat="simulee", lancee_par=team.bruno, lancee_on=EFFET
    )
    with pytest.raises(Refused):
        passing(acts.launch_campagne, campagne_id=theirs.pk)
    with entering(team.remi, REVALORISATION) as passage:
        assert not CAMPAGNES.rows(passage).filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("size", [5, 50])
def test_a_batch_costs_the_same_statements_whatever_its_size(
    team, simulate, passing, entering, size
):
    """Lock the campaign, flag the lines, decide, move the rights, count, trace."""
    population(team.nord, count=size + 1)
    campagne = launched(simulate, passing)
    with (
        entering(team.remi, REVALORISATION) as passage,
        CaptureQueriesContext(connection) as seen,
    ):
        acts.apply_batch(passage, campagne_id=campagne.pk, size=size)
    statements = [q["sql"] for q in seen if "SAVEPOINT" not in q["sql"]]
    assert len(statements) == 6, statements


def test_each_batch_is_in_the_trail_with_the_files_it_changed(team, simulate, passing):
    droits = population(team.nord, count=3)
    campagne = launched(simulate, passing)
    passing(acts.apply_batch, campagne_id=campagne.pk, size=2)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT agent_id, cardinality(subjects), purpose FROM audit.trail"
            " WHERE verb = 'appliquer un lot de revalorisation'"
        )
        ((agent, subjects, purpose),) = cursor.fetchall()
        assert (agent, subjects) == (team.remi.pk, 2)
        assert purpose.endswith("apa_ash_revalorisation")
        cursor.execute(
            "SELECT operation, cardinality(row_ids) FROM audit.change"
            " WHERE model = 'apa_ash.Droit' AND purpose LIKE %s ORDER BY operation",
            ["%revalorisation"],
        )
        assert cursor.fetchall() == [("INSERT", 2), ("UPDATE", 2)]
    assert len(droits) == 3
