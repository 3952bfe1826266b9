"""Delays of the procedure, and the days from which one still runs."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.delais import echeance, parti_depuis

PREUVES = "production_justificatifs"


@pytest.mark.parametrize(
    ("on", "left"),
    [
        (date(2026, 3, 28), date(2026, 2, 28)),
        (date(2026, 3, 29), date(2026, 3, 1)),  # what left on 28 February ended the day before
        (date(2026, 3, 31), date(2026, 3, 1)),
        (date(2026, 4, 1), date(2026, 3, 1)),
        (date(2028, 3, 29), date(2028, 2, 29)),
    ],
)
def test_a_month_still_runs_from_the_first_day_that_its_term_reaches(on, left):
    assert parti_depuis(PREUVES, on=on) == left


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_the_day_before_is_over_and_that_day_is_not(on):
    left = parti_depuis(PREUVES, on=on)
    assert echeance(PREUVES, left - timedelta(days=1)) < on <= echeance(PREUVES, left)
