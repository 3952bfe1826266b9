"""The attacker: what can be computed of each hidden cell from all that is published.

It starts from what is released and from nothing that the protection believed: directions are
checked again in whole numbers, what they leave unproven is attacked, and a doubt is a violation.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from egide.rules.secret_statistique.bornes import DENOMINATEUR_MAX, PAS
from egide.rules.secret_statistique.preuves import Direction, Preuves
from egide.rules.secret_statistique.primaire import Sensibles
from egide.rules.secret_statistique.programme import Programme, Vector
from egide.rules.secret_statistique.propagation import outer_bounds
from egide.rules.secret_statistique.seuls import Ascendants
from egide.rules.secret_statistique.systeme import Flags, Ints, Progress, Systeme, silent

TIRAGES = 10 * 2
PUBLIEE = "publiée alors qu’elle est à protéger"
TROP_ETROIT = "l’intervalle de l’attaquant est plus étroit que la protection"
CONNUE_D_UN_SEUL = "un contributeur seul dans sa cellule la connaît exactement"


@dataclass(frozen=True, slots=True)
class Violation:
    """A cell that a release would betray, and how."""

    rank: int
    motif: str


@dataclass(frozen=True, slots=True)
class Intervalle:
    """What an attacker computes of a hidden cell; no upper bound where nothing gives one."""

    bas: Fraction
    haut: Fraction | None


def find_violations(
    systeme: Systeme,
    *,
    secretes: Flags,
    sensibles: Sensibles,
    directions: Iterable[Direction] = (),
) -> tuple[Violation, ...]:
    """Give the cells whose protection is not proven by exact directions within hidden cells."""
    found = [
        Violation(int(rank), PUBLIEE) for rank in np.flatnonzero(sensibles.primaires & ~secretes)
    ]
    attack = _Attack(systeme, secretes, sensibles)
    for direction in directions:
        attack.take(direction)
    attack.try_to_prove()
    narrow = (attack.preuves.missing_high | attack.preuves.missing_low) & secretes
    found += [Violation(int(rank), TROP_ETROIT) for rank in np.flatnonzero(narrow)]
    return (*found, *attack.known_to_lone_contributors())


class _Attack:
    def __init__(self, systeme: Systeme, secretes: Flags, sensibles: Sensibles) -> None:
        self.systeme, self.secretes, self.sensibles = systeme, secretes, sensibles
        self.preuves = Preuves(systeme, sensibles=sensibles)
        self.cells = np.flatnonzero(secretes)
        self.programme = Programme(systeme, cells=self.cells, costs=np.ones(len(self.cells)))

    def take(self, direction: Direction) -> None:
        """Count a direction given as a proof, if it moves hidden cells only."""
        if self.secretes[direction.cells].all():
            moves = np.zeros(self.systeme.size)
            moves[direction.cells] = direction.moves
            self.preuves.add(moves)

    def try_to_prove(self) -> None:
        """Look for what no direction proved, at random first, then one cell and way at a time."""
        if (self.preuves.missing_high | self.preuves.missing_low).any():
            for moves in draw_vertices(self.systeme, cells=self.cells):
                self.preuves.add(moves)
        for sign, missing in ((1, "missing_high"), (-1, "missing_low")):
            wanted = self.sensibles.high if sign > 0 else self.sensibles.low
            for rank in np.flatnonzero(getattr(self.preuves, missing) & self.secretes).tolist():
                if getattr(self.preuves, missing)[rank]:
                    self._push(rank, amount=sign * int(wanted[rank]))

    def _push(self, rank: int, *, amount: int) -> None:
        self.programme.pin(rank, amount=amount)
        moves = self.programme.solve()
        self.programme.release(rank)
        if moves is not None:
            self.preuves.add(moves)

    def known_to_lone_contributors(self) -> list[Violation]:
        """Give the sensitive cells that somebody alone in another one computes exactly."""
        found: set[int] = set()
        above = Ascendants(self.systeme)
        for seul in self.sensibles.seuls[self.secretes[self.sensibles.seuls]].tolist():
            own = above.of(seul)
            self.programme.pin(seul, amount=0)
            for rank in self.preuves.bound_to(seul).tolist():
                if rank not in own and self.secretes[rank] and self._is_bound(rank, seul):
                    found.add(rank)
            self.programme.release(seul)
        return [Violation(rank, CONNUE_D_UN_SEUL) for rank in sorted(found)]

    def _is_bound(self, rank: int, seul: int) -> bool:
        for amount in (1, -1):
            if rank in self.preuves.bound_to(seul):
                self._push(rank, amount=amount)
        return rank in self.preuves.bound_to(seul)


def draw_vertices(systeme: Systeme, *, cells: Ints) -> Iterator[Vector]:
    """Give what the hidden cells can be, furthest in ways drawn at random, always the same."""
    programme, draw = Programme(systeme, cells=cells), np.random.default_rng(0)
    for _ in range(TIRAGES):
        programme.aim(cells, weights=draw.random(len(cells)) - 1 / 2)
        if (moves := programme.solve()) is not None:
            yield moves


def find_intervals(
    systeme: Systeme, *, secretes: Flags, progress: Progress = silent
) -> Mapping[int, Intervalle]:
    """Compute the interval of every hidden cell: the least and the greatest it could be."""
    cells = np.flatnonzero(secretes)
    bounds = _Bounds(systeme, cells)
    bounds.draw()
    for done, rank in enumerate(cells.tolist()):
        if done % PAS == 0:
            progress("audit", done, len(cells))
        bounds.settle(rank)
    return {rank: bounds.interval(rank) for rank in cells.tolist()}


class _Bounds:
    """Between what propagation excludes and what a solution attains, only gaps are solved."""

    def __init__(self, systeme: Systeme, cells: Ints) -> None:
        self.systeme, self.cells = systeme, cells
        self.programme = Programme(systeme, cells=cells)
        self.outer = outer_bounds(systeme, cells=cells)
        self.least, self.most = np.zeros(systeme.size), np.zeros(systeme.size)
        self.endless: set[int] = set()

    def draw(self) -> None:
        """Attain many bounds at once."""
        for moves in draw_vertices(self.systeme, cells=self.cells):
            self._see(moves)

    def _see(self, moves: Vector | None) -> None:
        if moves is not None:
            np.minimum(self.least, moves, out=self.least)
            np.maximum(self.most, moves, out=self.most)

    def settle(self, rank: int) -> None:
        """Solve for the bounds of a cell that are not attained yet."""
        valeur, margin = self.systeme.valeurs[rank], 1 / PAS**2
        if valeur + self.least[rank] > self.outer[0][rank] + margin:
            self.programme.aim(np.array([rank]), weights=-np.ones(1))
            self._see(self.programme.solve())
        if self.outer[1][rank] < 0 or valeur + self.most[rank] < self.outer[1][rank] - margin:
            self.programme.aim(np.array([rank]), weights=np.ones(1))
            moves = self.programme.solve()
            self._see(moves)
            if moves is None:
                self.endless.add(rank)

    def interval(self, rank: int) -> Intervalle:
        """Give the bounds of a cell as fractions."""
        valeur = int(self.systeme.valeurs[rank])
        low, high = (
            Fraction(found[rank]).limit_denominator(DENOMINATEUR_MAX)
            for found in (self.least, self.most)
        )
        return Intervalle(valeur + low, None if rank in self.endless else valeur + high)
