"""The column form gives the cent of the case form, at ties and thresholds first of all."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.rules.apa import colonne, montants
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.periodes import select_periods
from tests.rules.cases import seuil_ressources
from tests.rules.columns import run_columns

SCHEMA = {
    "on": "DATE",
    "age": "INT64",
    "gir": "INT64",
    "couple": "BOOLEAN",
    "ressources": "INT64",
    "plan": "INT64",
}
LAST = 999_999_999
BREAKS = colonne.breakpoints()


def by_case(row):
    on, age, gir, couple, ressources, plan = row
    found = compute_apa_domicile(
        on=on,
        age=age,
        gir=gir,
        couple=couple,
        ressources_mensuelles=Decimal(ressources).scaleb(-2),
        plan_mensuel=Decimal(plan).scaleb(-2),
    )
    return {
        "plan_retenu": int(found.plan_retenu.scaleb(2)),
        "taux_participation": int(found.taux_participation.scaleb(6)),
        "participation": int(found.participation.scaleb(2)),
        "apa": int(found.apa.scaleb(2)),
        "motif": found.motif,
        "provisoire": found.provisoire,
    }


def by_column(rows):
    first, last = min(row[0] for row in rows), max(row[0] for row in rows)
    results = run_columns(
        rows,
        schema=SCHEMA,
        build=lambda table: colonne.apa_domicile(table, first=first, last=last),
    )
    return [{nom: value for nom, value in found.items() if nom not in SCHEMA} for found in results]


@st.composite
def days(draw):
    """Aim at the days on which the law changes, and the day before."""
    near = st.sampled_from(BREAKS).flatmap(
        lambda day: st.sampled_from([day, max(BREAKS[0], day - timedelta(days=1))])
    )
    return draw(near | st.dates(BREAKS[0], date(2032, 12, 31)))


@st.composite
def cases(draw):
    """Aim at thresholds (a cent on each side), at S itself, and at plans that make half cents."""
    on = draw(days())
    couple = draw(st.booleans())
    s = montants.montant_s(on).valeur
    edges = [seuil_ressources(on, nom=nom) for nom in ("seuil_inferieur", "seuil_superieur")]
    divisor = Fraction(17, 10) if couple else Fraction(1)
    aimed = [int(Fraction(edge) * 100 * divisor) for edge in (*edges, s)]
    ressources = draw(
        st.sampled_from(aimed).flatmap(lambda cents: st.integers(cents - 1, cents + 1))
        | st.integers(0, 600_000)
        | st.sampled_from([0, LAST])
    )
    gir = draw(st.integers(1, 6))
    plafond = int(montants.plafond_mensuel(on, gir=min(gir, 4)) * 100)
    tranches = [int(Fraction(part) * Fraction(s) * 100) for part in ("0.317", "0.498")]
    smic = int(montants.seuil_versement(on) * 100)
    plan = draw(
        st.sampled_from([plafond, *tranches, smic, 10 * smic]).flatmap(
            lambda cents: st.integers(cents - 1, cents + 1)
        )
        # At R = S the rate is 0.9 × 55 / 389 since 2016: odd multiples of 389 cents are ties.
        | st.integers(0, 90).map(lambda odd: 389 * (2 * odd + 1))
        # At the maximal rate of 90 %, plans that end with 5 cents are ties.
        | st.integers(0, 20_000).map(lambda tens: 10 * tens + 5)
        | st.integers(0, 300_000)
        | st.sampled_from([0, 1, LAST])
    )
    age = draw(st.sampled_from([59, 60, 61]) | st.integers(0, 130))
    return on, age, gir, couple, ressources, plan


@given(rows=st.lists(cases(), min_size=1, max_size=60))
@settings(max_examples=20)
def test_a_column_gives_the_cent_of_each_case(rows):
    assert by_column(rows) == [by_case(row) for row in rows]


def test_half_cents_are_met_and_go_up_in_both_forms():
    on, s = date(2026, 6, 15), 128_813
    rows = [(on, 80, 1, False, s, 389 * odd) for odd in range(1, 60, 2)]
    exact = [Fraction(9, 10) * Fraction(275, 1945) * 389 * odd for odd in range(1, 60, 2)]
    assert all(value.denominator == 2 for value in exact)
    assert [found["participation"] for found in by_column(rows)] == [
        int(value + Fraction(1, 2)) for value in exact
    ]
    assert [by_case(row)["participation"] for row in rows] == [
        found["participation"] for found in by_column(rows)
    ]


@pytest.mark.parametrize("on", [BREAKS[0], date(2010, 5, 5), date(2026, 6, 1)])
def test_the_largest_amounts_do_not_overflow(on):
    rows = [(on, 80, gir, couple, LAST, LAST) for gir in (1, 4) for couple in (False, True)]
    assert by_column(rows) == [by_case(row) for row in rows]


def test_every_day_of_change_is_a_period():
    assert date(2004, 10, 26) in BREAKS
    assert date(2016, 3, 1) in BREAKS
    assert {date(year, 1, 1) for year in range(2017, 2028)} <= set(BREAKS)


@pytest.mark.parametrize("before", BREAKS[1:])
def test_nothing_changes_inside_a_period(before):
    """The figures on the last day of a period are those of its first day."""
    last = before - timedelta(days=1)
    (start,) = select_periods(BREAKS, first=last, last=last)
    row = (80, 1, True, 250_000, 150_000)
    assert by_case((start, *row)) == by_case((last, *row))
