"""What a perturbed table lost: how far its figures are from the true ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from egide.rules.secret_statistique.systeme import Ints, Systeme


@dataclass(frozen=True, slots=True)
class Perte:
    """The mean and the greatest distance of a cell, the changed cells, the sums that broke."""

    ecart_moyen: Fraction
    ecart_maximal: int
    cellules_changees: int
    sommes_rompues: int


def measure(systeme: Systeme, *, published: Ints) -> Perte:
    """Compare published values with the true ones."""
    gaps = np.abs(published - systeme.valeurs)
    return Perte(
        Fraction(int(gaps.sum()), max(systeme.size, 1)),
        int(gaps.max(initial=0)),
        int((gaps > 0).sum()),
        sum(
            int(published[total]) != int(published[list(parts)].sum())
            for total, parts in systeme.equations
        ),
    )


def add_up(systeme: Systeme, *, inner: Ints, known: Sequence[int]) -> Ints:
    """Compute every total from the details; the values of other cells are not read."""
    values = np.zeros(systeme.size, np.int64)
    values[list(known)] = inner
    done = np.zeros(systeme.size, np.bool_)
    done[list(known)] = True
    waiting = list(systeme.equations)
    while waiting:
        ready = [(total, list(parts)) for total, parts in waiting if done[list(parts)].all()]
        if not ready:
            raise ValueError("a total depends on cells that nobody knows")
        for total, parts in ready:
            values[total] = values[parts].sum()
            done[total] = True
        waiting = [(total, parts) for total, parts in waiting if not done[total]]
    return values
