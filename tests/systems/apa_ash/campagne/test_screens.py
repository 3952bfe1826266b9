"""The screens of a campaign: simulate, read, apply with and without htmx, explain."""

import re
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.queries.campagne import MOST_BARS, slice_width
from egide.systems.apa_ash.services import campagnes as acts
from tests.systems.apa_ash.campagne.rows import EFFET, beneficiaire, population, rights_on

HTMX = {"HX-Request": "true"}


def url(name, *arguments):
    return reverse(f"apa_ash:{name}", args=arguments)


@pytest.fixture
def remi(client, team):
    client.force_login(team.remi)
    return client


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def prepare(client, team, day="2026-01-01"):
    data = {"jeton": uuid.uuid4(), "effet_on": day, "service": team.nord.pk}
    return client.post(url("campagnes"), data)


def test_from_the_simulation_to_the_end(remi, team, monkeypatch):
    monkeypatch.setattr(acts, "BATCH", 2)
    monkeypatch.setitem(acts.apply_batch.__wrapped__.__kwdefaults__, "size", 2)
    population(team.nord, count=3)
    assert "Aucune campagne" in text(remi.get(url("campagnes")))
    page = prepare(remi, team)
    campagne = m.Campagne.objects.get()
    assert page.headers["Location"] == url("campagne", campagne.pk)
    shown = text(remi.get(page.headers["Location"]))
    assert "Appliquer la revalorisation" in shown
    assert "<svg" in shown
    assert "Nombre de droits par tranche de différence" in shown

    first = remi.post(url("campagne_lancement", campagne.pk), headers=HTMX)
    assert 'hx-trigger="load, submit"' in text(first)
    assert "0 droit traité sur 3, 3 restants" in text(first)
    second = remi.post(url("campagne_lot", campagne.pk), headers=HTMX)
    assert "2 droits traités sur 3, 1 restant" in text(second)
    # The page was closed and opened again: the campaign waits for a decision to go on.
    assert "Poursuivre l’application" in text(remi.get(url("campagne", campagne.pk)))
    assert "2 droits traités" in text(remi.get(url("campagne_avancement", campagne.pk)))
    last = remi.post(url("campagne_lot", campagne.pk), headers=HTMX)
    assert last.headers["HX-Redirect"] == url("campagne", campagne.pk)
    assert "Revalorisation terminée" in text(remi.get(url("campagne", campagne.pk)))
    assert {d.decision.nature for d in rights_on(EFFET)} == {"revalorisation"}


def test_without_htmx_a_button_does_each_step(remi, team):
    population(team.nord, count=2)
    prepare(remi, team)
    pk = m.Campagne.objects.get().pk
    for name in ("campagne_lancement", "campagne_lot"):
        assert remi.post(url(name, pk)).headers["Location"] == url("campagne", pk)
    assert m.Campagne.objects.get().etat == "terminee"


def test_a_provisional_campaign_says_so_and_offers_no_application(remi, team):
    population(team.nord, count=2)
    prepare(remi, team, day="2027-01-01")
    pk = m.Campagne.objects.get().pk
    shown = text(remi.get(url("campagne", pk)))
    assert "elle ne peut pas être appliquée" in shown
    assert "Appliquer la revalorisation" not in shown
    after = remi.post(url("campagne_lancement", pk), follow=True)
    assert "ne sont pas encore vérifiés" in text(after)
    assert m.Campagne.objects.get().etat == "simulee"


def test_a_campaign_that_changes_nothing_says_so(remi, team):
    beneficiaire(team.nord, start=date(2026, 2, 1))
    page = text(remi.get(prepare(remi, team, day="2027-01-01").headers["Location"]))
    assert "Aucun droit ne change." in page
    assert "<svg" not in page
    assert "Les dix droits qui changent le plus" not in page


def test_a_line_opens_its_two_sheets(remi, team):
    beneficiaire(team.nord, gir=1, ressources="800", plan_mensuel="3000")
    prepare(remi, team)
    ligne = m.LigneCampagne.objects.get()
    assert url("campagne_ligne", ligne.pk) in text(remi.get(url("campagne", ligne.campagne_id)))
    shown = text(remi.get(url("campagne_ligne", ligne.pk)))
    for amount in ("2\u202f045,56\u00a0€", "2\u202f080,33\u00a0€", "+34,77\u00a0€"):
        assert re.sub(r"\s", " ", amount) in re.sub(r"\s", " ", shown)


@pytest.mark.parametrize(
    ("filtre", "count"), [("", 2), ("hausses", 1), ("non-versees", 1), ("plafonnes", 1), ("x", 2)]
)
def test_lines_are_filtered(remi, team, filtre, count):
    beneficiaire(team.nord, nom="Plafond", gir=1, ressources="800", plan_mensuel="3000")
    beneficiaire(team.nord, nom="Petit", gir=1, ressources="800", plan_mensuel="30")
    prepare(remi, team)
    page = remi.get(url("campagne_lignes", m.Campagne.objects.get().pk), {"filtre": filtre})
    assert len(page.context["rows"]) == count


@pytest.mark.parametrize("number", ["0", "-1", "x", "9999999999999999999"])
def test_a_page_that_does_not_exist_is_no_error(remi, team, number):
    prepare(remi, team)
    pk = m.Campagne.objects.get().pk
    assert remi.get(url("campagne_lignes", pk), {"page": number}).status_code == 200


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"effet_on": "2026-07-01"}, "Choisissez le 1er janvier"),
        ({"effet_on": ""}, "Choisissez une date d’effet"),
        ({"service": uuid.uuid4()}, "Choisissez un de vos services"),
    ],
)
def test_a_wrong_entry_is_told_at_its_field(remi, team, changed, said):
    data = {"jeton": uuid.uuid4(), "effet_on": "2026-01-01", "service": team.nord.pk} | changed
    page = remi.post(url("campagnes"), data)
    assert page.status_code == 422
    assert said in text(page)
    assert not m.Campagne.objects.exists()


@pytest.mark.parametrize("name", ["alice", "chloe", "paul", "carole", "denis", "edith", "nora"])
def test_the_purpose_is_closed_to_other_roles(client, remi, team, name):
    prepare(remi, team)
    campagne = m.Campagne.objects.get()
    client.force_login(team.agents[name])
    assert client.get(url("campagnes")).status_code == 404
    assert client.get(url("campagne", campagne.pk)).status_code == 404
    assert client.post(url("campagne_lancement", campagne.pk)).status_code == 404
    campagne.refresh_from_db()
    assert campagne.etat == "simulee"


def test_another_service_and_a_forged_id_look_the_same_and_are_recorded(remi, team):
    theirs = m.Campagne.objects.create(
        service=team.sud, effet_on=EFFET, etat="simulee", lancee_par=team.bruno, lancee_on=EFFET
    )
    for pk in (theirs.pk, uuid.uuid4()):
        assert remi.get(url("campagne", pk)).status_code == 404
        assert remi.post(url("campagne_lot", pk)).status_code == 404
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.trail WHERE outcome = 'refus'")
        assert cursor.fetchone() == (4,)


@pytest.mark.parametrize("count", [3, 60])
def test_the_page_costs_the_same_whatever_the_campaign(remi, team, count):
    """Door, campaign, totals, slices, GIR, largest changes, what is apart, trail."""
    population(team.nord, count=count)
    prepare(remi, team)
    pk = m.Campagne.objects.get().pk
    remi.get(url("campagne", pk))
    with CaptureQueriesContext(connection) as seen:
        remi.get(url("campagne", pk))
    assert len(statements(seen)) <= 15, statements(seen)
    with CaptureQueriesContext(connection) as seen:
        remi.get(url("campagne_lignes", pk))
    assert len(statements(seen)) <= 12, statements(seen)


def statements(seen):
    return [q["sql"] for q in seen if "SAVEPOINT" not in q["sql"]]


def test_slices_stay_readable():
    for extent in ("0", "0.01", "23", "23.01", "46", "2345.67", "99999"):
        width = slice_width(Decimal(extent))
        assert Decimal(extent) / width <= MOST_BARS - 1


@pytest.mark.parametrize("page", ["²", "9" * 4_500, "-1", "0", ""])
def test_a_wrong_page_is_the_first(remi, team, page):
    prepare(remi, team)
    answer = remi.get(url("campagne_lignes", m.Campagne.objects.get().pk), {"page": page})
    assert answer.status_code == 200
    assert answer.context["shown"].startswith("Page 1,")
