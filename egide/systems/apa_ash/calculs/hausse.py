"""Tell a true rise from one month to the next: whole months are compared, not their days."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.controle import vigilance
from egide.rules.apa.dus import Dus

HALF_CENT = Fraction(1, 200)
"""What the rounding of a month may have taken or given: no rise is told of it."""


def rises(dus: Dus, *, mois: date, du: Decimal, paye_avant: Decimal) -> bool:
    """Tell whether a month is due far more than what was paid of the one before.

    A right opened, stopped or ended on a day gives a part of a month: it is told what a whole one
    would give. What was paid is what counts, not what its month is due by now: a right decided
    since, from an earlier day, is a rise that nobody looked at.
    """
    usual = vigilance(mois).hausse
    # No month gives more than its best right: most files are told from that alone.
    if dus.best_of(mois) <= Fraction(paye_avant) * usual:
        return False
    avant = previous_month(mois)
    whole = min(_whole(dus, avant, paye_avant, HALF_CENT), Fraction(dus.best_of(avant)))
    before = max(whole, Fraction(paye_avant))
    return _whole(dus, mois, du, -HALF_CENT) > before * usual


def _whole(dus: Dus, mois: date, montant: Decimal, rounding: Fraction) -> Fraction:
    """Give what an amount would be for the whole of its month."""
    part = dus.part_of(mois)
    return Fraction(montant) if part in (0, 1) else (Fraction(montant) + rounding) / part
