"""After a death: to whom the letters of the estate go, and to whom they went before."""

from datetime import timedelta

import pytest
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.purposes import CONTROLE, EVALUATION, INSTRUCTION, PAIEMENT
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.services import successions as acts
from egide.systems.apa_ash.services.lettres_indu import address_of_payee
from tests import factories
from tests.personas import today

DIED = today() - timedelta(days=10)


@pytest.fixture
def dossier(team):
    made = factories.dossier(team.nord)
    m.Identite.objects.filter(dossier=made).update(deces_on=DIED)
    return made


def notary(**fields):
    values = {
        "qualite": "notaire",
        "nom": "Maître Odile Fabre",
        "adresse": "4 place du Marché",
        "code_postal": "69003",
        "commune": "Lyon",
        "depuis_on": today(),
        "source": "famille",
    } | fields
    return acts.Correspondant(**values)


def record(passage, dossier, **fields):
    return acts.set_succession(passage, dossier_id=dossier.pk, correspondant=notary(**fields))


def addressed(passage, dossier):
    return address_of_payee(passage, open_dossier(passage, dossier.pk), None)


def test_the_letters_of_the_estate_go_to_whom_answers_for_it(team, dossier, entering):
    with entering(team.carole, CONTROLE) as passage:
        before = addressed(passage, dossier)
    assert "À l’attention des héritiers ou du notaire" in before.adresse
    with entering(team.alice, INSTRUCTION) as passage:
        record(passage, dossier)
    with entering(team.carole, CONTROLE) as passage:
        found = addressed(passage, dossier)
    assert (found.nom, found.appel) == ("Maître Odile Fabre", "Maître")
    assert found.adresse[1:] == ("4 place du Marché", "69003 Lyon")
    with entering(team.alice, INSTRUCTION) as passage:
        record(passage, dossier, qualite="heritier", nom="Max Roy")
    with entering(team.carole, CONTROLE) as passage:
        assert addressed(passage, dossier).nom == "Max Roy"
    assert m.Succession.objects.count() == 1
    with entering(team.alice, INSTRUCTION) as passage:
        acts.remove_succession(passage, dossier_id=dossier.pk)
        with pytest.raises(acts.AucuneSuccession):
            acts.remove_succession(passage, dossier_id=dossier.pk)
    with entering(team.carole, CONTROLE) as passage:
        assert addressed(passage, dossier) == before


def test_each_estate_has_its_own(team, dossier, entering):
    other = factories.dossier(team.nord, nom="Morel")
    m.Identite.objects.filter(dossier=other).update(deces_on=DIED)
    with entering(team.alice, INSTRUCTION) as passage:
        first = record(passage, dossier)
        assert record(passage, other, nom="Max Roy") != first
        acts.remove_succession(passage, dossier_id=other.pk)
    assert m.Succession.objects.get() == first


def test_nothing_is_held_on_the_heirs_of_the_living(team, entering):
    living = factories.dossier(team.nord)
    with entering(team.alice, INSTRUCTION) as passage, pytest.raises(acts.PersonneVivante):
        record(passage, living)
    assert not m.Succession.objects.exists()


@pytest.mark.parametrize(
    ("on", "refused"),
    [
        (DIED - timedelta(days=1), True),
        (DIED, False),
        (today(), False),
        (today() + timedelta(days=1), True),
    ],
)
def test_it_is_known_between_the_death_and_today(team, dossier, entering, on, refused):
    with entering(team.alice, INSTRUCTION) as passage:
        if refused:
            with pytest.raises(acts.ConnuAvantDeces):
                record(passage, dossier, depuis_on=on)
        else:
            assert record(passage, dossier, depuis_on=on).depuis_on == on


@pytest.mark.parametrize(
    ("who", "purpose"),
    [
        ("carole", CONTROLE),
        ("chloe", EVALUATION),
        ("paul", PAIEMENT),
        ("bruno", INSTRUCTION),
        ("edith", INSTRUCTION),
    ],
)
def test_only_the_instruction_of_the_service_records_it(team, dossier, entering, who, purpose):
    with entering(team.agents[who], purpose) as passage, pytest.raises(Refused):
        record(passage, dossier)
    assert not m.Succession.objects.exists()


@pytest.mark.clause("APA-17")
def test_a_third_person_is_held_by_name_and_address_alone():
    held = {field.name for field in m.Succession._meta.concrete_fields}
    assert held == {
        *("id", "service", "dossier", "qualite", "nom", "adresse", "code_postal", "commune"),
        *("depuis_on", "source"),
    }


def test_the_screen_records_and_takes_away(client, team, dossier):
    client.force_login(team.alice, backend="egide.kernel.access.backends.AgentBackend")
    page = reverse("apa_ash:succession", args=[dossier.pk])
    posted = {
        "qualite": "notaire",
        "nom": "Maître Odile Fabre",
        "adresse": "4 place du Marché",
        "code_postal": "69003",
        "commune": "Lyon",
        "depuis_on": today().isoformat(),
        "source": "mairie",
    }
    for wrong in ({"code_postal": "6900"}, {"nom": ""}, {"qualite": "cousin"}, {"depuis_on": "x"}):
        assert client.post(page, posted | wrong).status_code == 422
    assert client.post(page, posted).status_code == 302
    assert "Maître Odile Fabre" in client.get(page).content.decode()
    decision = client.get(reverse("apa_ash:decision", args=[dossier.pk])).content.decode()
    assert page in decision
    assert client.post(reverse("apa_ash:succession_retirer", args=[dossier.pk])).status_code == 302
    assert "Personne n’est enregistré" in client.get(page).content.decode()


@pytest.mark.parametrize("who", ["bruno", "carole", "chloe", "denis"])
def test_who_may_not_finds_nothing(client, team, dossier, who):
    client.force_login(team.agents[who], backend="egide.kernel.access.backends.AgentBackend")
    assert client.get(reverse("apa_ash:succession", args=[dossier.pk])).status_code == 404
