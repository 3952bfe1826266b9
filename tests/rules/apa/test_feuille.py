"""The feuille de calcul explains itself: whoever follows its figures finds the amounts."""

import json
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.forfait import compute_forfait
from egide.rules.money import format_exact, round_to_cent
from tests.rules.cases import load_cases

P = "Participation de la personne (P)"
T = "Taux de participation (T)"
X = "Place des ressources entre les seuils (x)"
R = "Ressources prises en compte (R)"
A = "Plan d’aide retenu (A)"
BAS = "Seuil jusqu’auquel rien n’est à payer"
HAUT = "Seuil à partir duquel la part est la plus forte"
TRANCHES = {f"A{n}": f"Tranche\u00a0{n} du plan (A{n})" for n in (1, 2, 3)}
WRITTEN = str.maketrans({",": ".", "×": "*", "÷": "/", "−": "-", "[": "(", "]": ")"})


def compute(on, *, couple, ressources, plan, gir):
    return compute_apa_domicile(
        on=on,
        age=80,
        gir=gir,
        couple=couple,
        ressources_mensuelles=Decimal(ressources),
        plan_mensuel=Decimal(plan),
    )


def follow(written, **letters):
    """Do by hand, exactly, the operations that a row writes."""
    figures = re.sub("[\u00a0\u202f €]", "", written).translate(WRITTEN)
    exact = re.sub(r"(?<![A-Z\d.])\d+(\.\d+)?", lambda found: f"Fraction('{found[0]}')", figures)
    return eval(exact, {"Fraction": Fraction, **letters})


def rows_of(feuille):
    return {row.libelle: row for row in feuille.lines()}


def told_by(rows):
    return {name: follow(row.valeur) for name, row in rows.items() if "€" in row.valeur}


def check(feuille):
    """Follow every row from the one before, as a reader would; all agree to the cent."""
    rows = rows_of(feuille)
    told = told_by(rows)
    check_base(feuille, rows=rows, told=told)
    x = check_place(feuille, rows=rows, told=told)
    letters = {name: told[label] for name, label in TRANCHES.items() if label in told}
    assert sum(letters.values()) == (told[A] if letters else 0)
    general, _, figures = rows[P].formule.partition(", soit ")
    due = follow(general.partition("\u00a0: rien")[0], x=x, A=told[A], **letters)
    assert round_to_cent(due) == told[P] == feuille.participation
    assert bool(figures) == bool(follow(rows[X].valeur))
    if figures:
        # The figures as they are printed, x rounded: a reader with a calculator finds the cent.
        assert round_to_cent(follow(figures.partition(", arrondi")[0])) == feuille.participation
    if feuille.accorde:
        assert told[A] - told[P] == told["Allocation mensuelle"]


def check_base(feuille, *, rows, told):
    plafond = f"Plafond du plan d’aide, GIR\u00a0{feuille.gir}"
    assert round_to_cent(follow(rows[plafond].formule)) == told[plafond] == feuille.plafond
    assert told[A] == min(feuille.plan_mensuel, feuille.plafond)
    for seuil in (BAS, HAUT):
        assert follow(rows[seuil].formule) == told[seuil]


def check_place(feuille, *, rows, told):
    """Follow the resources to their place between the thresholds; give it before any rounding."""
    ressources = Fraction(feuille.ressources_mensuelles)
    if feuille.couple:
        assert rows[R].formule.endswith("÷ 1,7")
        ressources = follow(rows[R].formule.partition("\u00a0: ")[2])
    assert round_to_cent(ressources) == told[R]
    x = min(1, max(0, (ressources - told[BAS]) / (told[HAUT] - told[BAS])))
    assert abs(follow(rows[X].valeur) - x) <= Fraction(1, 10**6)
    if rows[X].formule.startswith("("):
        assert follow(rows[X].formule) == x
    else:
        assert x in {0, 1}
    return x


CASES = [
    pytest.param(case, id=f"{case['le']}-{case['plan']}")
    for case in load_cases(text="apa", name="domicile")
    if case["age"] >= 60 and case["gir"] <= 4
]


@pytest.mark.parametrize("case", CASES)
def test_a_dated_case_is_found_again_by_following_its_rows(case):
    feuille = compute(
        case["le"],
        couple=bool(case["couple"]),
        ressources=case["ressources"],
        plan=case["plan"],
        gir=case["gir"],
    )
    check(feuille)
    assert str(feuille.participation) == case["participation"]


amounts = st.decimals(0, 6000, places=2)


@given(
    on=st.dates(date(2002, 1, 1), date(2030, 12, 31)),
    gir=st.integers(1, 4),
    couple=st.booleans(),
    plan=amounts,
    r=amounts,
)
@example(on=date(2012, 6, 1), gir=1, couple=False, plan=Decimal("1060.16"), r=Decimal("1000.01"))
def test_the_figures_told_give_the_amount_to_the_cent(on, gir, couple, plan, r):
    check(compute(on, couple=couple, ressources=r, plan=plan, gir=gir))


BY_SLICES = "0,9 × x × [A1 + A2 × (0,4 + 0,6 × x) + A3 × (0,2 + 0,8 × x)]"
# Worked by hand from the texts, not from the code.
REGIMES = [
    (
        *(date(2003, 6, 15), False, "1500", "700", 2),
        "0,8 × x × A, soit 0,8 × 0,249083 × 700,00\u00a0€",
        ["948,651\u00a0€", "3\u202f162,17\u00a0€", "0,249083", "139,49\u00a0€"],
    ),
    (
        *(date(2012, 6, 15), False, "1500", "700", 2),
        "0,9 × x × A, soit 0,9 × 0,357885 × 700,00\u00a0€",
        ["725,2281\u00a0€", "2\u202f890,0881\u00a0€", "0,357885", "225,47\u00a0€"],
    ),
    (
        *(date(2026, 6, 15), True, "3000", "2000", 1),
        (
            f"{BY_SLICES}, soit 0,9 × 0,331607 × [408,33721\u00a0€ + 233,15153\u00a0€ × (0,4 + 0,6 "
            "× 0,331607) + 1\u202f358,51126\u00a0€ × (0,2 + 0,8 × 0,331607)]"
        ),
        ["933,89425\u00a0€", "3\u202f439,3071\u00a0€", "0,331607", "352,19\u00a0€"],
    ),
    (
        *(date(2026, 6, 15), False, "8000", "500", 4),
        f"{BY_SLICES}, soit 0,9 × 1 × [408,33721\u00a0€ + 91,66279\u00a0€ × (0,4 + 0,6 × 1)]",
        ["933,89425\u00a0€", "3\u202f439,3071\u00a0€", "1", "450,00\u00a0€"],
    ),
]


@pytest.mark.parametrize(
    ("on", "couple", "ressources", "plan", "gir", "formule", "values"), REGIMES
)
def test_each_regime_tells_its_own_formula(on, couple, ressources, plan, gir, formule, values):
    rows = rows_of(compute(on, couple=couple, ressources=ressources, plan=plan, gir=gir))
    assert rows[P].formule.startswith(formule + ", arrondi au centime")
    assert [rows[name].valeur for name in (BAS, HAUT, X, P)] == values
    assert list(rows).index(P) < list(rows).index(T)  # the rate follows from it, never before


def test_resources_under_the_threshold_owe_nothing_in_words():
    rows = rows_of(compute(date(2026, 6, 15), couple=False, ressources="800", plan="300", gir=4))
    assert rows[X].formule == "R ne dépasse pas le premier seuil"
    assert rows[P].formule.endswith("rien, car x est nul")


def test_a_kept_feuille_tells_the_figures_of_its_day_whatever_the_law_becomes():
    kept = compute(date(2026, 6, 15), couple=True, ressources="3000", plan="2000", gir=1)
    stored = json.loads(json.dumps(kept.as_json()))
    assert FeuilleDeCalcul.from_json(stored).lines() == kept.lines()
    stored["chiffres"]["seuil_inferieur"] = "0.700"
    rows = rows_of(FeuilleDeCalcul.from_json(stored))
    assert rows[BAS].formule == "0,7 × 1\u202f288,13\u00a0€"


@given(on=st.dates(date(2002, 1, 1), date(2030, 12, 31)))
def test_the_lump_sum_is_found_from_its_rows(on):
    feuille = compute_forfait(on)
    plafond, montant = feuille.lines()
    factors = plafond.formule.replace("S (", "").replace(")", "")
    assert round_to_cent(follow(factors)) == follow(plafond.valeur) == feuille.plafond
    assert f"({plafond.valeur})" in montant.formule


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        ("0.90", 0, "0,9"),
        ("3.40", 0, "3,4"),
        ("0.000000", 0, "0"),
        ("1", 2, "1,00"),
        ("1288.13000", 2, "1\u202f288,13"),
        ("933.89425", 2, "933,89425"),
        ("0.0000003", 0, "0,0000003"),
        ("100", 0, "100"),
    ],
)
def test_an_exact_number_is_written_with_its_digits_and_no_idle_zero(value, places, written):
    assert format_exact(Decimal(value), places=places) == written
