"""A month of ASH: dated cases, the règlement départemental, refusals, and what never changes."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa import montants as apa
from egide.rules.ash import montants
from egide.rules.ash.feuille import FeuilleAsh
from egide.rules.ash.hebergement import Particularites, compute_ash
from egide.rules.dated import NotInForce
from egide.rules.money import MontantRefuse
from tests.rules.cases import load_cases

D = Decimal
CASES = load_cases(text="ash", name="hebergement")
AMOUNTS = st.decimals(0, 6000, places=2)


def month(**changes):
    case = {
        "on": date(2026, 6, 15),
        "ressources_mensuelles": D("1400.00"),
        "cout_mensuel_hebergement": D("2100.00"),
        "ticket_moderateur_mensuel": D("190.00"),
        "contribution_obliges": D("0.00"),
    }
    return compute_ash(**{**case, **changes})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['le']}-{case['ressources']}")
def test_a_dated_case_gives_its_amounts(case):
    found = compute_ash(
        on=case["le"],
        ressources_mensuelles=D(case["ressources"]),
        cout_mensuel_hebergement=D(case["cout"]),
        ticket_moderateur_mensuel=D(case["ticket"]),
        contribution_obliges=D(case["obliges"]),
        conjoint_domicile="conjoint" in case,
        ressources_conjoint=D(case.get("conjoint", "0.00")),
    )
    seen = (found.laisse_a_disposition, found.contribution, found.ash, found.motif)
    assert [str(value) for value in seen] == [
        case[nom] for nom in ("laisse", "contribution", "ash", "motif")
    ]
    assert not found.provisoire
    assert found.accorde == (found.ash > 0)


def test_the_resources_of_a_spouse_do_not_count_when_nobody_stays_at_home():
    found = month(ressources_conjoint=D("9000.00"))
    assert (found.ressources_conjoint, found.ash) == (0, month().ash)


def test_what_lacks_for_the_minimum_is_told_and_never_paid_here():
    poor = month(ressources_mensuelles=D("100.00"))
    assert (poor.manque_au_minimum, poor.ash) == (D("25.00"), D("2290.00"))
    assert month().manque_au_minimum == 0


def test_charges_are_left_on_top_and_the_housing_aid_goes_to_the_costs():
    """1 400 − 140 − 60 = 1 200, and 210 of housing aid: 2 290 − 1 410 = 880."""
    found = month(particularites=Particularites(D("60.00"), D("210.00")))
    assert (found.laisse_a_disposition, found.contribution) == (D("200.00"), D("1410.00"))
    assert found.ash == D("880.00")
    assert found.provisoire
    assert "Charges laissées à la personne" in {line.libelle for line in found.lines()}
    assert any("règlements départementaux" in source for source in found.sources)


@pytest.mark.parametrize(
    ("ressources", "laisse", "contribution"),
    [
        ("1043.60", "1043.60", "0.00"),
        ("1043.65", "1043.61", "0.04"),
        ("2043.60", "1143.60", "900.00"),
        ("500.00", "500.00", "0.00"),
    ],
)
def test_a_person_lodged_only_keeps_the_floor_and_a_tenth_of_the_rest(
    ressources, laisse, contribution
):
    found = month(
        ressources_mensuelles=D(ressources), particularites=Particularites(logement_seul=True)
    )
    assert [str(found.laisse_a_disposition), str(found.contribution)] == [laisse, contribution]
    assert found.provisoire


@pytest.mark.parametrize("on", [date(2027, 1, 1), date(2031, 6, 15)])
def test_a_day_past_the_verification_is_provisional(on):
    assert month(on=on).provisoire
    assert montants.is_provisional(on)


@pytest.mark.parametrize(
    ("module", "holder", "late"),
    [(apa, "_ASPA", "aspa_annuelle"), (montants, "HEBERGEMENT", "part_laissee")],
)
def test_one_figure_past_its_verification_is_enough(monkeypatch, module, holder, late):
    figures = getattr(module, holder)
    unsure = replace(figures[late], verifie_jusqu_au=date(2026, 6, 14))
    monkeypatch.setattr(module, holder, {**figures, late: unsure})
    assert montants.is_provisional(date(2026, 6, 15))
    assert not montants.is_provisional(date(2026, 6, 14))


def test_a_day_before_the_first_amount_is_refused_with_its_reason():
    with pytest.raises(NotInForce, match="aucune valeur le 2016-03-31"):
        month(on=date(2016, 3, 31))
    with pytest.raises(NotInForce, match="somme laissée"):
        month(on=date(2001, 12, 31))


@pytest.mark.parametrize(
    "changes",
    [
        {"ressources_mensuelles": D("-0.01")},
        {"cout_mensuel_hebergement": D("1.001")},
        {"ticket_moderateur_mensuel": D(10**8)},
        {"contribution_obliges": D("NaN")},
        {"ressources_conjoint": D(-1)},
        {"particularites": Particularites(charges_mensuelles=D(-1))},
        {"particularites": Particularites(aide_logement_mensuelle=D("0.001"))},
    ],
)
def test_impossible_amounts_are_refused(changes):
    with pytest.raises(MontantRefuse):
        month(**changes)


def test_the_feuille_tells_each_step_with_its_text():
    alone = month()
    couple = month(conjoint_domicile=True, ressources_conjoint=D("500.00"))
    assert [line.valeur for line in alone.lines()] == [
        f"{amount}\u00a0€"
        for amount in (
            "1\u202f400,00", "140,00", "1\u202f260,00", "2\u202f290,00", "0,00", "1\u202f030,00",
        )
    ]  # fmt: skip
    assert len(couple.lines()) == len(alone.lines()) + 3
    assert all(line.source and line.formule for line in (*alone.lines(), *couple.lines()))
    refused = month(contribution_obliges=D("2000.00"))
    assert refused.lines()[-1].formule == refused.motif
    helped = month(particularites=Particularites(aide_logement_mensuelle=D("1.00")))
    assert "Aide au logement affectée aux frais" in {line.libelle for line in helped.lines()}


def test_a_stored_feuille_is_read_again_as_it_was():
    for found in (month(), month(conjoint_domicile=True, contribution_obliges=D("9.99"))):
        assert FeuilleAsh.from_json(json.loads(json.dumps(found.as_json()))) == found


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_nobody_pays_twice_and_nothing_is_lost(ressources, cout, ticket, obliges):
    found = month(
        ressources_mensuelles=ressources,
        cout_mensuel_hebergement=cout,
        ticket_moderateur_mensuel=ticket,
        contribution_obliges=obliges,
    )
    assert found.ash >= 0
    assert found.laisse_a_disposition >= found.minimum_laisse
    assert found.contribution + min(found.laisse_a_disposition, found.base) == found.base
    if found.accorde:
        assert found.ash + found.contribution + obliges == cout + ticket


@given(AMOUNTS, st.decimals(0, 100, places=2), st.booleans())
def test_richer_never_gets_more(ressources, more, conjoint_domicile):
    case = {"conjoint_domicile": conjoint_domicile, "ressources_conjoint": D("700.00")}
    before = month(ressources_mensuelles=ressources, **case)
    after = month(ressources_mensuelles=ressources + more, **case)
    assert after.ash <= before.ash
    assert after.laisse_a_disposition >= before.laisse_a_disposition
