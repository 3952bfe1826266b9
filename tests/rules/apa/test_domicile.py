"""The APA at home: dated cases, published amounts, refusals, and what never changes."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa import domicile, montants
from egide.rules.apa.bornes import ValeurRefusee
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.dated import NotInForce
from egide.rules.money import MontantRefuse
from tests.rules.cases import load_cases, seuil_ressources

CASES = load_cases(text="apa", name="domicile")
PLAFONDS = load_cases(text="apa", name="plafonds")


def feuille(**changes):
    case = {
        "on": date(2026, 6, 15),
        "age": 80,
        "gir": 2,
        "couple": False,
        "ressources_mensuelles": Decimal("1500.00"),
        "plan_mensuel": Decimal("1000.00"),
    }
    return compute_apa_domicile(**{**case, **changes})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['le']}-{case['plan']}")
def test_a_dated_case_gives_its_amounts(case):
    result = compute_apa_domicile(
        on=case["le"],
        age=case["age"],
        gir=case["gir"],
        couple=bool(case["couple"]),
        ressources_mensuelles=Decimal(case["ressources"]),
        plan_mensuel=Decimal(case["plan"]),
    )
    seen = (result.taux_participation, result.participation, result.apa, result.motif)
    assert [str(value) for value in seen] == [
        case["taux"],
        case["participation"],
        case["apa"],
        case["motif"],
    ]


@pytest.mark.parametrize("on", PLAFONDS)
def test_published_ceilings_and_thresholds_are_found(on):
    expected = PLAFONDS[on]
    assert montants.montant_s(on).valeur == Decimal(expected["s"])
    assert [str(montants.plafond_mensuel(on, gir=gir)) for gir in (1, 2, 3, 4)] == expected["gir"]
    names = ("seuil_inferieur", "seuil_superieur")
    assert [str(seuil_ressources(on, nom=nom)) for nom in names] == expected["seuils"]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("repit", montants.majoration_repit_annuelle),
        ("relais", montants.majoration_hospitalisation_aidant),
        ("forfait", montants.forfait_domicile),
        ("seuil_versement", montants.seuil_versement),
    ],
)
def test_other_published_amounts_are_found(name, function):
    amounts = load_cases(text="apa", name=name)
    assert amounts
    assert {on: str(function(on)) for on in amounts} == amounts


def test_figures_of_2026_are_verified_and_those_of_2027_are_provisional():
    assert not feuille(on=date(2026, 12, 31)).provisoire
    assert feuille(on=date(2027, 1, 1)).provisoire


def test_there_is_no_apa_before_2002():
    with pytest.raises(NotInForce, match="2001-12-31"):
        feuille(on=date(2001, 12, 31))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gir": 7}, "gir : trouvé 7"),
        ({"gir": 0}, "gir : trouvé 0"),
        ({"age": -1}, "age : trouvé -1"),
        ({"age": 131}, "age : trouvé 131"),
        ({"age": 59, "gir": 7}, "gir : trouvé 7"),
    ],
)
def test_an_impossible_value_is_refused(changes, message):
    with pytest.raises(ValeurRefusee, match=message):
        feuille(**changes)


@pytest.mark.parametrize("name", ["ressources_mensuelles", "plan_mensuel"])
@pytest.mark.parametrize("value", ["-0.01", "10000000.00", "12.345", "NaN", "Infinity"])
def test_an_impossible_amount_is_refused_by_its_name(name, value):
    with pytest.raises(MontantRefuse, match=name):
        feuille(**{name: Decimal(value)})


@pytest.mark.parametrize(
    "changes",
    [{}, {"age": 40}, {"on": date(2010, 1, 1)}, {"couple": True}, {"plan_mensuel": Decimal(1)}],
)
def test_a_feuille_is_read_back_as_it_was_stored(changes):
    kept = feuille(**changes)
    assert FeuilleDeCalcul.from_json(json.loads(json.dumps(kept.as_json()))) == kept


def test_the_lines_are_in_french_and_carry_their_text():
    lines = feuille(couple=True).lines()
    assert lines[2].valeur == "1\u202f288,13\u00a0€"
    assert [line.libelle for line in lines][-3:] == [
        "Participation de la personne (P)",
        "Taux de participation (T)",
        "Allocation mensuelle",
    ]
    assert all(line.source for line in lines)


def test_the_lines_of_a_closed_right_stop_at_its_reason():
    lines = feuille(gir=6).lines()
    assert [line.libelle for line in lines] == [
        "Âge",
        "Groupe iso-ressources",
        "Allocation mensuelle",
    ]
    assert lines[-1].formule == domicile.GIR_NON_ELIGIBLE


def test_the_linear_formula_has_no_slices():
    kept = feuille(on=date(2015, 5, 5))
    assert (kept.a1, kept.a2, kept.a3) == (None, None, None)
    assert not any("tranche" in line.libelle for line in kept.lines())


amounts = st.decimals(0, 6000, places=2)
days = st.dates(date(2002, 1, 1), date(2030, 12, 31))


@given(on=days, gir=st.integers(1, 4), couple=st.booleans(), plan=amounts, r=amounts, more=amounts)
def test_the_richer_never_pays_less(on, gir, couple, plan, r, more):
    case = {"on": on, "gir": gir, "couple": couple, "plan_mensuel": plan}
    poor = feuille(ressources_mensuelles=r, **case)
    rich = feuille(ressources_mensuelles=r + more, **case)
    assert poor.participation <= rich.participation
    assert poor.apa >= rich.apa


@given(on=days, gir=st.integers(1, 4), couple=st.booleans(), plan=amounts, r=amounts)
def test_participation_and_allowance_share_the_plan(on, gir, couple, plan, r):
    case = feuille(on=on, gir=gir, couple=couple, plan_mensuel=plan, ressources_mensuelles=r)
    assert 0 <= case.taux_exact <= Decimal("0.9")
    assert case.plan_retenu <= case.plafond
    assert case.apa in (0, case.plan_retenu - case.participation)
    assert case.accorde == (case.apa > case.seuil_versement)
