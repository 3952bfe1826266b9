"""The age reached on a day, the eve of the birthday and the 29 February included."""

from datetime import date

import pytest

from egide.rules.age import age_on


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(1966, 11, 22), date(2026, 11, 21), 59),
        (date(1966, 11, 22), date(2026, 11, 22), 60),
        (date(1966, 11, 22), date(2026, 12, 1), 60),
        (date(1966, 12, 1), date(2026, 11, 30), 59),
        (date(1964, 2, 29), date(2026, 2, 28), 61),
        (date(1964, 2, 29), date(2026, 3, 1), 62),
        (date(2026, 11, 22), date(2026, 11, 22), 0),
    ],
)
def test_an_age_is_reached_on_the_birthday_and_not_on_its_eve(born, on, age):
    assert age_on(born, on=on) == age
