"""Controlled rounding: every cell a multiple of a base, every sum still right, the least moved."""

from dataclasses import dataclass

import numpy as np

from egide.rules.secret_statistique.bornes import PAS
from egide.rules.secret_statistique.perte import Perte, add_up, measure
from egide.rules.secret_statistique.primaire import Sensibles, details
from egide.rules.secret_statistique.programme import load_highs
from egide.rules.secret_statistique.systeme import Flags, Ints, Systeme, tell


class BaseTropPetite(ValueError):
    """Raised when a sensitive cell keeps no sufficient interval, whichever way it is rounded."""


@dataclass(frozen=True, eq=False)
class Arrondi:
    """The rounded values, and what an attacker knows: each detail within a base of its value."""

    valeurs: Ints
    base: int
    perte: Perte


def round_table(systeme: Systeme, *, sensibles: Sensibles, base: int) -> Arrondi:
    """Round each detail down or up, so that totals, which are their sums, stay near.

    Only rounded values leave, so the details are known independently of each other: each within
    the base, and a total at least as loosely. Ways that would break a protection are closed.
    """
    inner = np.array(sorted(details(systeme)), np.int64)
    floors = systeme.valeurs[inner] // base
    lower = _allowed(systeme, sensibles, inner, floors * base, base)
    upper = _allowed(systeme, sensibles, inner, (floors + 1) * base, base)
    whole = systeme.valeurs[inner] % base == 0
    upper &= ~whole
    if (stuck := np.flatnonzero(~lower & ~upper)).size:
        raise BaseTropPetite(
            f"{tell(systeme.cles[inner[stuck[0]]])} ne garde pas son intervalle : base à augmenter"
        )
    ups = _choose(systeme, inner, floors * base, np.stack([~lower, upper]), base)
    values = add_up(systeme, inner=(floors + ups) * base, known=inner.tolist())
    return Arrondi(values, base, measure(systeme, published=values))


def _allowed(
    systeme: Systeme, sensibles: Sensibles, inner: Ints, rounded: Ints, base: int
) -> Flags:
    valeurs, low, high = systeme.valeurs[inner], sensibles.low[inner], sensibles.high[inner]
    least, most = np.maximum(rounded - base + 1, 0), rounded + base - 1
    flags: Flags = (least <= valeurs - low) & (valeurs + high <= most)
    return flags | ~sensibles.primaires[inner]


def _choose(systeme: Systeme, inner: Ints, floors: Ints, limits: Flags, base: int) -> Ints:
    """Choose which details go up, so that the totals are the nearest to the truth."""
    highs = load_highs()
    solver = highs.Highs()
    options = {"output_flag": False, "threads": 1, "mip_rel_gap": 1 / 10, "mip_max_nodes": PAS}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    low = add_up(systeme, inner=floors, known=inner.tolist())
    ranks = np.arange(len(inner), dtype=np.int32)
    gaps = (base - 2 * (systeme.valeurs[inner] - floors)).astype(np.float64)
    solver.addVars(len(inner), limits[0].astype(np.float64), limits[1].astype(np.float64))
    solver.changeColsCost(len(inner), ranks, gaps)
    solver.changeColsIntegrality(
        len(inner), ranks, np.full(len(inner), highs.HighsVarType.kInteger)
    )
    for total, members in _leaves(systeme, inner).items():
        column = solver.getNumCol()
        solver.addCol(1, 0, highs.kHighsInf, 0, [], [])
        missing = int(systeme.valeurs[total] - low[total])
        columns = np.array([*members, column], np.int32)
        for sign in (1, -1):  # the new column is at least the distance, on either side
            weights = np.array([*[-sign * base] * len(members), 1], np.float64)
            solver.addRow(-sign * missing, highs.kHighsInf, len(columns), columns, weights)
    solver.run()
    found: Ints = np.rint(np.array(solver.getSolution().col_value)[: len(inner)]).astype(np.int64)
    return found


def _leaves(systeme: Systeme, inner: Ints) -> dict[int, list[int]]:
    """Give the details of every total, by their place among the details."""
    found = {int(rank): [place] for place, rank in enumerate(inner)}
    totals: dict[int, list[int]] = {}
    waiting = list(systeme.equations)
    while waiting:
        left = []
        for total, parts in waiting:
            if all(part in found for part in parts):
                leaves = [leaf for part in parts for leaf in found[part]]
                found[total] = totals[total] = leaves
            else:
                left.append((total, parts))
        waiting = left
    return totals
