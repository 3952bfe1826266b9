"""`egide revalorisation run`: the doors of the screen, and nothing is done twice."""

import argparse
import uuid

import pytest

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.management import revalorisation
from egide.systems.apa_ash.services import campagnes as acts
from tests.systems.apa_ash.campagne.rows import NEXT, population


def run(campagne, agent="remi"):
    pk = getattr(campagne, "pk", campagne)
    return revalorisation.run(
        argparse.Namespace(action="run", campagne=pk, agent=agent), tell=print
    )


def test_it_leads_a_campaign_to_its_end_and_then_finds_nothing_to_do(
    team, simulate, monkeypatch, capsys
):
    monkeypatch.setitem(acts.apply_batch.__wrapped__.__kwdefaults__, "size", 2)
    population(team.nord, count=3)
    campagne = simulate()
    assert run(campagne) == 0
    assert "2 droits traités sur 3\n3 droits traités sur 3\n" in capsys.readouterr().out
    assert m.Droit.objects.count() == 6
    assert run(campagne) == 0
    assert m.Droit.objects.count() == 6


def test_it_goes_on_where_the_screen_stopped(team, simulate, passing):
    population(team.nord, count=3)
    campagne = passing(acts.launch_campagne, campagne_id=simulate().pk)
    passing(acts.apply_batch, campagne_id=campagne.pk, size=1)
    assert run(campagne) == 0
    assert m.Droit.objects.count() == 6


@pytest.mark.parametrize("agent", ["alice", "denis", "edith", "nora", "victor", "personne"])
def test_it_opens_nothing_to_who_holds_no_habilitation(team, simulate, agent, capsys):
    population(team.nord, count=1)
    assert run(simulate(), agent=agent) == 1
    assert capsys.readouterr().out
    assert m.Droit.objects.count() == 1


def test_an_unknown_campaign_and_a_provisional_one_are_told(team, simulate, capsys):
    assert run(uuid.uuid4()) == 1
    assert "introuvable" in capsys.readouterr().out
    assert run(simulate(effet_on=NEXT)) == 1
    assert "ne sont pas encore vérifiés" in capsys.readouterr().out
