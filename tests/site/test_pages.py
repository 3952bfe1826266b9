"""The pages that belong to no system, as the server answers them to a visitor."""

import pytest
from django.test import Client

from egide.kernel.access.passage import openings_of
from egide.site.context import navigation
from egide.site.middleware import POLICY
from tests.personas import today


@pytest.fixture(autouse=True)
def collected(settings, tmp_path):
    """Whitenoise warns of a folder of collected files that a test run does not make."""
    settings.STATIC_ROOT = tmp_path


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get("/").headers["Location"] == "/connexion"
    answer = client.get("/connexion")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == POLICY
    page = answer.content.decode()
    assert '<label for="id_username">' in page
    assert "eg-nav" not in page


def test_an_address_that_leads_nowhere_says_so_in_french(client):
    answer = client.get("/nulle-part")
    assert answer.status_code == 404
    assert "Page introuvable" in answer.content.decode()


def test_a_form_without_its_token_is_refused_with_a_way_out():
    answer = Client(enforce_csrf_checks=True).post("/connexion", {"username": "a"})
    assert answer.status_code == 403
    assert "Formulaire expiré" in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "path", "current"),
    [
        ("remi", "/apa-ash/instruction/dossiers/x", ["Dossiers"]),
        ("remi", "/apa-ash/instruction/a-signer", ["Ma journée"]),
        ("remi", "/apa-ash/paiement/comptes", ["Paiements"]),
        ("chloe", "/apa-ash/evaluation/dossiers/x", ["Évaluations"]),
        ("chloe", "/apa-ash/instruction/dossiers/x", []),
        ("denis", "/conformite", []),
        ("denis", "/protection/destructions", ["Destructions"]),
    ],
)
def test_the_menu_says_where_one_is(team, who, path, current):
    entries = navigation(openings_of(team.agents[who], on=today()), path=path)
    assert [entry["label"] for entry in entries if entry["current"]] == current
