"""The days on which a transfer is settled."""

from datetime import date

import pytest

from egide.systems.apa_ash.fichiers.jours_bancaires import (
    is_jour_bancaire,
    paques,
    prochain_jour_bancaire,
)


@pytest.mark.parametrize(
    "day", [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28)]
)
def test_easter(day):
    assert paques(day.year) == day


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (date(2026, 12, 10), date(2026, 12, 10)),
        (date(2026, 11, 22), date(2026, 11, 23)),
        (date(2026, 12, 24), date(2026, 12, 24)),
        (date(2026, 12, 25), date(2026, 12, 28)),
        (date(2026, 4, 3), date(2026, 4, 7)),
        (date(2026, 5, 1), date(2026, 5, 4)),
        # Closed in France, open for the banks of the euro.
        (date(2026, 7, 14), date(2026, 7, 14)),
    ],
)
def test_the_next_open_day(asked, given):
    assert prochain_jour_bancaire(asked) == given
    assert is_jour_bancaire(asked) is (asked == given)
