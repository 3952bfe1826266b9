"""Cells and the additivity that ties them: what an attacker knows of a table beside its figures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# (dimension, code) pairs in order, totals left out: the same in every table that holds the cell.
Cle = tuple[tuple[str, str], ...]
Equation = tuple[int, tuple[int, ...]]


class ValeursIncompatibles(ValueError):
    """Raised when two tables give different values to one cell, or a total is not its sum."""


@dataclass(frozen=True, eq=False)
class Systeme:
    """Cells with their true values (never negative) and equations « total = sum of parts »."""

    cles: tuple[Cle, ...]
    valeurs: Ints
    equations: tuple[Equation, ...]

    @property
    def size(self) -> int:
        """Count the cells."""
        return len(self.cles)

    @cached_property
    def place(self) -> dict[Cle, int]:
        """Give the rank of each cell."""
        return {cle: rank for rank, cle in enumerate(self.cles)}

    @cached_property
    def entries(self) -> tuple[Ints, Ints, Ints]:
        """Give the equations as (equation, cell, sign), totals with 1 and parts with -1."""
        sizes = [1 + len(parts) for _, parts in self.equations]
        rows = np.repeat(np.arange(len(sizes)), sizes)
        members = [cell for total, parts in self.equations for cell in (total, *parts)]
        signs = np.full(len(members), -1, np.int64)
        signs[np.cumsum([0, *sizes[:-1]])[: len(sizes)]] = 1
        return rows, np.array(members, np.int64), signs

    def holds(self, moves: Ints) -> bool:
        """Tell whether whole moves of the cells keep every equation, exactly."""
        rows, members, signs = self.entries
        if not len(self.equations):
            return True
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        return not np.add.reduceat(signs * moves[members], starts).any()

    def check(self) -> None:
        """Refuse a system whose values do not add up: nothing could be proven from it."""
        for total, parts in self.equations:
            found = int(self.valeurs[list(parts)].sum())
            if found != self.valeurs[total]:
                raise ValeursIncompatibles(
                    f"{tell(self.cles[total])} : {self.valeurs[total]}, "
                    f"mais ses parties font {found}"
                )


def tell(cle: Cle) -> str:
    """Write a cell for a person."""
    return ", ".join(f"{dimension}={code}" for dimension, code in cle) or "total général"


def link(systemes: Sequence[Systeme], *, relations: Iterable["Relation"] = ()) -> Systeme:
    """Unite tables: a cell that several hold is one cell, and every equation stays."""
    valeurs: dict[Cle, int] = {}
    for systeme in systemes:
        for cle, valeur in zip(systeme.cles, systeme.valeurs.tolist(), strict=True):
            if valeurs.setdefault(cle, valeur) != valeur:
                raise ValeursIncompatibles(f"{tell(cle)} : {valeurs[cle]} et {valeur}")
    cles = tuple(valeurs)
    place = {cle: rank for rank, cle in enumerate(cles)}
    equations = {
        (place[systeme.cles[total]], tuple(sorted(place[systeme.cles[part]] for part in parts)))
        for systeme in systemes
        for total, parts in systeme.equations
    }
    equations |= {
        (place[total], tuple(sorted(place[part] for part in parts))) for total, parts in relations
    }
    united = Systeme(cles, np.array(list(valeurs.values()), np.int64), tuple(sorted(equations)))
    united.check()
    return united


Relation = tuple[Cle, tuple[Cle, ...]]
Progress = Callable[[str, int, int], None]


def silent(_step: str, _done: int, _all: int) -> None:
    """Tell nobody how far the work is."""
