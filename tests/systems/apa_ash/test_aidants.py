"""Relatives who help: the team that meets them at home keeps them up to date as well."""

import uuid

import pytest
from django.db import connection
from django.urls import reverse

from egide.systems.apa_ash.models import Aidant
from tests import factories


@pytest.fixture
def dossier(team):
    return factories.dossier(team.nord)


@pytest.fixture
def aidant(dossier):
    return Aidant.objects.create(
        service=dossier.service, dossier=dossier, nom="Luc Lefèvre", lien="fils"
    )


def typed(**changes):
    return {
        "jeton": str(uuid.uuid4()),
        "nom": "Luc Lefèvre",
        "lien": "fils",
        "telephone": "",
    } | changes


def verbs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT verb FROM audit.trail WHERE verb LIKE '%%aidant' ORDER BY at")
        return [verb for (verb,) in cursor.fetchall()]


def test_the_team_adds_corrects_and_takes_away_a_relative(team, dossier, client):
    client.force_login(team.chloe)
    home = reverse("apa_ash:evaluation_dossier", args=[dossier.pk])
    add = reverse("apa_ash:evaluation_aidant_nouveau", args=[dossier.pk])
    sent = typed()
    for _ in range(2):  # a replay adds nobody twice
        assert client.post(add, sent).url == home
    other = factories.dossier(team.nord, nom="Morel")
    elsewhere = reverse("apa_ash:evaluation_aidant_nouveau", args=[other.pk])
    assert client.post(elsewhere, sent).status_code == 404
    row = Aidant.objects.get()
    edit = reverse("apa_ash:evaluation_aidant", args=[dossier.pk, row.pk])
    assert edit in client.get(home).content.decode()
    assert client.post(edit, typed(telephone="06 12 34 56 78")).status_code == 302
    row.refresh_from_db()
    assert row.telephone == "06 12 34 56 78"
    remove = reverse("apa_ash:evaluation_aidant_retirer", args=[dossier.pk, row.pk])
    assert client.post(remove).status_code == 302
    assert not Aidant.objects.exists()
    assert "modifier un aidant" in verbs()


def test_instruction_corrects_a_relative_too(team, dossier, aidant, client):
    client.force_login(team.alice)
    edit = reverse("apa_ash:aidant", args=[dossier.pk, aidant.pk])
    assert edit in client.get(reverse("apa_ash:personne", args=[dossier.pk])).content.decode()
    assert client.post(edit, typed(lien="neveu")).status_code == 302
    aidant.refresh_from_db()
    assert aidant.lien == "neveu"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("alice", "evaluation_aidant"),
        ("bruno", "aidant"),
        ("chloe", "aidant"),
        ("paul", "aidant"),
        ("carole", "evaluation_aidant"),
        ("denis", "evaluation_aidant"),
        ("victor", "aidant"),
    ],
)
def test_another_purpose_or_another_service_changes_nothing(
    team, dossier, aidant, client, name, address
):
    client.force_login(team.agents[name])
    url = reverse(f"apa_ash:{address}", args=[dossier.pk, aidant.pk])
    assert client.get(url).status_code == 404
    assert client.post(url, typed(nom="Autre")).status_code == 404
    aidant.refresh_from_db()
    assert aidant.nom == "Luc Lefèvre"


def test_the_relative_of_another_file_is_absent_from_this_one(team, aidant, client):
    other = factories.dossier(team.nord, nom="Morel")
    client.force_login(team.chloe)
    url = reverse("apa_ash:evaluation_aidant", args=[other.pk, aidant.pk])
    assert client.post(url, typed(nom="Autre")).status_code == 404


def test_bad_input_is_told_at_its_field(team, dossier, aidant, client):
    client.force_login(team.chloe)
    url = reverse("apa_ash:evaluation_aidant", args=[dossier.pk, aidant.pk])
    answer = client.post(url, typed(lien="", telephone="abc"))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"lien", "telephone"}
