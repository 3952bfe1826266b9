"""Bounds by additivity alone: a part is at most its total less the least of the other parts."""

import numpy as np

from egide.rules.secret_statistique.bornes import PAS
from egide.rules.secret_statistique.systeme import Ints, Systeme

NO_END = 2**61


def outer_bounds(systeme: Systeme, *, cells: Ints) -> tuple[Ints, Ints]:
    """Give for each cell a value that it cannot go under, and one it cannot exceed (-1: none)."""
    hidden = np.zeros(systeme.size, np.bool_)
    hidden[cells] = True
    low = np.where(hidden, 0, systeme.valeurs)
    high = np.where(hidden, NO_END, systeme.valeurs)
    if systeme.equations:
        rows, members, signs = systeme.entries
        for _ in range(PAS):
            before = low.copy(), high.copy()
            _tighten(rows, members, signs, low, high)
            if np.array_equal(before, (low, high)):
                break
    return low, np.where(high >= NO_END, -1, high)


def _tighten(rows: Ints, members: Ints, signs: Ints, low: Ints, high: Ints) -> None:
    # Terms are signed so that those of a row sum to nothing; endless ones are counted apart.
    open_end = high[members] >= NO_END
    known = np.where(open_end, 0, high[members])
    least = np.where(signs > 0, low[members], -known)
    most = np.where(signs > 0, known, -low[members])
    count = int(rows[-1]) + 1
    below, above = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(below, rows, least)
    np.add.at(above, rows, most)
    open_below = np.bincount(rows, weights=open_end & (signs < 0), minlength=count)
    open_above = np.bincount(rows, weights=open_end & (signs > 0), minlength=count)
    # term <= -(least of the others), term >= -(most of the others)
    ceiling, floor = least - below[rows], most - above[rows]
    has_ceiling = open_below[rows] - (open_end & (signs < 0)) == 0
    has_floor = open_above[rows] - (open_end & (signs > 0)) == 0
    up, down = signs > 0, signs < 0
    np.minimum.at(high, members[has_ceiling & up], ceiling[has_ceiling & up])
    np.minimum.at(high, members[has_floor & down], -floor[has_floor & down])
    np.maximum.at(low, members[has_floor & up], floor[has_floor & up])
    np.maximum.at(low, members[has_ceiling & down], -ceiling[has_ceiling & down])
