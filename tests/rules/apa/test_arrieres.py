"""Which months a payment brings: its own, those never paid, none that is barred."""

from datetime import date

import pytest

from egide.rules.apa.arrieres import months_due, previous_month
from egide.rules.apa.versement import Periode

MOIS = date(2026, 6, 1)


def due(*droits, paid=()):
    return list(months_due(MOIS, droits=droits, deja_payes=paid))


@pytest.mark.parametrize(
    ("day", "back", "month"),
    [
        (date(2026, 1, 31), 1, date(2025, 12, 1)),
        (date(2026, 3, 31), 13, date(2025, 2, 1)),
        (date(2026, 12, 15), -1, date(2027, 1, 1)),
    ],
)
def test_a_month_is_counted_back_or_on_from_any_day(day, back, month):
    assert previous_month(day, back=back) == month


def test_the_months_never_paid_come_first_and_a_paid_one_never_again():
    droit = Periode(date(2026, 3, 20))
    assert due(droit) == [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1), MOIS]
    assert due(droit, paid={date(2026, 4, 1), MOIS}) == [date(2026, 3, 1), date(2026, 5, 1)]


def test_a_month_without_right_is_not_due():
    ended, later = Periode(date(2026, 3, 1), date(2026, 4, 1)), Periode(date(2026, 6, 30))
    assert due(ended, later) == [date(2026, 3, 1), MOIS]
    assert due(Periode(date(2026, 7, 1))) == []


def test_an_arrear_is_barred_after_two_years():
    assert due(Periode(date(2020, 1, 1)))[0] == date(2024, 6, 1)
