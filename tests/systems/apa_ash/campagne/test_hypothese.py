"""A campaign under a hypothesis: other figures are read, the law's own are not touched."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.montants import montant_s, plafond_mensuel, s_suppose
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.queries.campagne_feuille import read_feuille
from egide.systems.apa_ash.services import campagnes as acts
from tests.systems.apa_ash.campagne.rows import EFFET, NEXT, population, rights_on

HAUSSE = Decimal("0.025")


def test_s_is_supposed_from_the_year_that_ends_and_the_law_stays_as_it_is():
    # 1 266.60 × 1.025 and 1 288.13 × 0.98, to the cent.
    assert s_suppose(EFFET, hausse=HAUSSE) == Decimal("1298.27")
    assert s_suppose(NEXT, hausse=Decimal("-0.02")) == Decimal("1262.37")
    supposed = s_suppose(EFFET, hausse=HAUSSE)
    assert plafond_mensuel(EFFET, gir=1, s=supposed) == Decimal("2096.71")  # 1.615 S
    assert plafond_mensuel(EFFET, gir=1) == Decimal("2080.33")
    assert montant_s(EFFET).valeur == Decimal("1288.13")


def test_each_line_is_what_the_rule_of_one_case_says_under_the_hypothesis(team, simulate):
    before = population(team.nord, count=60)
    campagne = simulate(hausse=HAUSSE)
    assert (campagne.hypothese_s, campagne.provisoire) == (Decimal("1298.27"), True)
    lines = {line.droit_id: line for line in m.LigneCampagne.objects.filter(campagne=campagne)}
    assert len(lines) == len(before)
    moved = 0
    for droit in before:
        case = {
            "on": EFFET,
            "age": 86,
            "gir": droit.gir,
            "couple": droit.couple,
            "ressources_mensuelles": droit.ressources_mensuelles,
            "plan_mensuel": droit.plan_mensuel,
        }
        feuille = compute_apa_domicile(**case, s=campagne.hypothese_s)
        line = lines[droit.pk]
        assert (line.apa_apres, line.participation_apres, line.plan_apres) == (
            feuille.apa,
            feuille.participation,
            feuille.plan_retenu,
        )
        assert feuille.provisoire
        assert feuille.s == campagne.hypothese_s
        moved += feuille.apa != compute_apa_domicile(**case).apa
    assert moved > len(before) // 2


def test_a_hypothesis_is_never_applied_and_takes_nobody_s_place(team, simulate, passing):
    population(team.nord, count=4)
    supposed, other = simulate(hausse=HAUSSE), simulate(hausse=Decimal(0))
    for act in (acts.launch_campagne, acts.apply_batch):
        with pytest.raises((acts.HypotheseSeule, acts.CampagneFermee)):
            passing(act, campagne_id=supposed.pk)
    with pytest.raises(acts.HypotheseSeule):
        passing(acts.launch_campagne, campagne_id=other.pk)  # not even one that changes nothing
    real = simulate()
    with pytest.raises(acts.CampagneExistante):
        simulate()
    passing(acts.refresh_campagne, campagne_id=supposed.pk)
    assert not any(droit.periode.lower == EFFET for droit in rights_on(EFFET))
    assert (real.hypothese_s, real.provisoire) == (None, False)
    assert passing(acts.launch_campagne, campagne_id=real.pk).etat == "en_cours"


def test_the_sheet_of_a_line_is_that_of_the_hypothesis(team, simulate):
    population(team.nord, count=1)
    campagne = simulate(hausse=HAUSSE)
    line = m.LigneCampagne.objects.select_related("campagne", "droit", "dossier__identite").get(
        campagne=campagne
    )
    feuille = read_feuille(line, on=EFFET, s=campagne.hypothese_s)
    assert (feuille.s, feuille.apa) == (Decimal("1298.27"), line.apa_apres)


@pytest.fixture
def remi(client, team):
    client.force_login(team.remi, backend="egide.kernel.access.backends.AgentBackend")
    return client


def test_the_screens_say_what_is_supposed(remi, team):
    population(team.nord, count=3)
    page = reverse("apa_ash:campagnes")
    sent = {
        "jeton": str(uuid.uuid4()),
        "effet_on": date(EFFET.year + 1, 1, 1).isoformat(),
        "service": str(team.nord.pk),
    }
    for wrong in ("vingt", "20,01", "-20,01", "1,234"):
        assert remi.post(page, sent | {"hypothese": wrong}).status_code == 422
    assert not m.Campagne.objects.exists()
    answer = remi.post(page, sent | {"hypothese": "1,7"}, follow=True)
    html = answer.content.decode().replace("\u202f", " ")
    assert "S = 1 310,03" in html  # 1 288.13 × 1.017
    assert "elle ne s’applique jamais" in html
    assert "Lancer" not in html
    listed = remi.get(page).content.decode().replace("\u202f", " ")
    assert "Hypothèse au 1er" in listed
    assert "S = 1 310,03" in listed


@pytest.mark.parametrize(("who", "status"), [("alice", 404), ("paul", 404), ("bruno", 404)])
def test_who_may_not_simulate_supposes_nothing(client, team, who, status):
    client.force_login(team.agents[who], backend="egide.kernel.access.backends.AgentBackend")
    sent = {"effet_on": EFFET.isoformat(), "service": str(team.nord.pk), "hypothese": "1,7"}
    assert client.post(reverse("apa_ash:campagnes"), sent).status_code == status
    assert not m.Campagne.objects.exists()
