"""What is paid upon invoices: yearly and single ceilings, and how an invoice is shared."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.ponctuel import (
    annee,
    partager_facture,
    plafond_ponctuel,
    taux_de_la_facture,
)

D = Decimal
ON = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ("1000.00", "863.96"),  # four times the 215.99 that the ceiling of 1 215.99 leaves
        ("1215.99", "0.00"),
        ("1300.00", "0.00"),
    ],
)
def test_four_instalments_of_what_the_plan_leaves_free_may_be_grouped(plan, expected):
    assert plafond_ponctuel(ON, gir=3, plan_mensuel=D(plan)) == D(expected)


def test_a_year_is_the_calendar_s():
    year = annee(date(2026, 12, 31))
    assert (year.debut, year.fin) == (date(2026, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("montant", "reste", "expected"),
    [
        ("100.00", "500.00", ("100.00", "13.54", "86.46")),
        ("100.00", "99.99", ("99.99", "13.54", "86.45")),
        ("100.00", "0.00", ("0.00", "0.00", "0.00")),
        ("100.00", "-5.00", ("0.00", "0.00", "0.00")),
    ],
)
def test_an_invoice_is_shared_within_what_is_left(montant, reste, expected):
    found = partager_facture(D(montant), reste=D(reste), taux=D("0.135421"))
    assert (found.retenu, found.participation, found.apa) == tuple(map(D, expected))


@given(
    st.decimals("0.01", 99999, places=2),
    st.decimals(0, 99999, places=2),
    st.decimals(0, 1, places=8),
)
def test_nothing_of_an_invoice_is_lost(montant, reste, taux):
    found = partager_facture(montant, reste=reste, taux=taux)
    assert found.participation + found.apa == found.retenu <= min(montant, reste)
    assert found.participation >= 0


@pytest.mark.parametrize(
    ("taux", "majore", "expected"),
    [("0.20000000", False, "0.2"), ("0.20000000", True, "0.22"), ("0.95", True, "1")],
)
def test_a_service_not_approved_raises_the_rate_by_a_tenth(taux, majore, expected):
    assert taux_de_la_facture(D(taux), majore=majore, on=ON) == D(expected)
