"""The months that a payment brings: its own, and the earlier ones that were never paid."""

from collections.abc import Collection, Iterator
from datetime import date
from functools import cache

from egide.rules.apa.delais import MOIS_PAR_AN, add_months, delai
from egide.rules.apa.versement import Periode, month_of

# An arrear is barred for the person as a debt is for the département (CASF L. 232-25).
MOIS_D_ARRIERE = delai("prescription_indu").nombre * MOIS_PAR_AN


def previous_month(mois: date, *, back: int = 1) -> date:
    """Give the first day of the month that is `back` months before."""
    return add_months(mois.replace(day=1), months=-back)


def months_due(
    mois: date, *, droits: Collection[Periode], deja_payes: Collection[date]
) -> Iterator[date]:
    """Yield the month of a run and the earlier ones that were never paid, oldest first.

    The first payment holds the arrears since the right opened (CASF R. 232-30); so does the one
    that follows a line set aside, or a suspension lifted back to its first day.
    """
    for month in _reach(mois):
        if month.debut not in deja_payes and any(droit.within(month) for droit in droits):
            yield month.debut


@cache
def _reach(mois: date) -> tuple[Periode, ...]:
    backwards = range(MOIS_D_ARRIERE, -1, -1)
    return tuple(month_of(previous_month(mois, back=back)) for back in backwards)
