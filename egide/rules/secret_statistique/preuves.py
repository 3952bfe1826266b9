"""Exact proofs: whole-number directions along which an attacker cannot tell the true table."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from egide.rules.secret_statistique.bornes import DENOMINATEUR_MAX, PAS
from egide.rules.secret_statistique.primaire import Sensibles
from egide.rules.secret_statistique.programme import Vector
from egide.rules.secret_statistique.systeme import Flags, Ints, Systeme

EXACT = 2**62
# Beyond, the solver's numbers have no whole part left to trust.
LARGEST = 2**50


@dataclass(frozen=True, eq=False)
class Direction:
    """Moves that keep every equation; the table may go along them until a cell reaches zero."""

    cells: Ints
    moves: Ints

    def opposite(self) -> "Direction":
        """Give the same direction the other way."""
        return Direction(self.cells, -self.moves)


def make_exact(systeme: Systeme, *, moves: Vector) -> Direction | None:
    """Turn a solution of the solver into whole numbers that satisfy every equation, or nothing.

    A vertex is a fraction: its denominator is built from that of the cell furthest from whole,
    until all are whole. Only the check that follows, in whole numbers, is a proof.
    """
    denominator = 1
    while denominator <= DENOMINATEUR_MAX:
        scaled = moves * denominator
        if np.abs(scaled).max(initial=0) >= LARGEST:
            return None
        whole = np.rint(scaled).astype(np.int64)
        gaps = np.abs(scaled - whole)
        if gaps.max(initial=0) < 1 / PAS and systeme.holds(whole):
            cells = np.flatnonzero(whole)
            return Direction(cells, whole[cells]) if len(cells) else None
        furthest = Fraction(scaled[int(gaps.argmax())]).limit_denominator(PAS**2)
        if furthest.denominator == 1:
            return None
        denominator *= furthest.denominator
    return None


def reach(direction: Direction, *, valeurs: Ints) -> tuple[int, int] | None:
    """Give how many times (a fraction) the moves can be made, or nothing without an end."""
    falling = direction.moves < 0
    held, fall = valeurs[direction.cells[falling]], -direction.moves[falling]
    if not len(fall):
        return None
    if held.max() * int(fall.max()) >= EXACT or fall.max() >= EXACT // int(held.max() + 1):
        held, fall = held.astype(object), fall.astype(object)
    best = int(np.argmin(held.astype(np.float64) / fall.astype(np.float64)))
    while (worse := np.flatnonzero(held * fall[best] < held[best] * fall)).size:
        best = int(worse[0])
    return int(held[best]), int(fall[best])


def proven_high(direction: Direction, *, valeurs: Ints, sensibles: Sensibles) -> Ints:
    """Give the cells that may be as high as their protection asks, along the direction."""
    times = reach(direction, valeurs=valeurs)
    return _enough(direction, times=times, needed=sensibles.high, sensibles=sensibles, sign=1)


def proven_low(direction: Direction, *, valeurs: Ints, sensibles: Sensibles) -> Ints:
    """Give the cells that may be as low as their protection asks, along the direction."""
    times = reach(direction, valeurs=valeurs)
    return _enough(direction, times=times, needed=sensibles.low, sensibles=sensibles, sign=-1)


def _enough(
    direction: Direction,
    *,
    times: tuple[int, int] | None,
    needed: Ints,
    sensibles: Sensibles,
    sign: int,
) -> Ints:
    moves = direction.moves * sign
    right = (moves > 0) & sensibles.primaires[direction.cells]
    cells, moves = direction.cells[right], moves[right]
    if times is None:
        return cells
    numerator, denominator = times
    wanted = needed[cells]
    if len(cells) and (
        int(moves.max()) * numerator >= EXACT or int(wanted.max()) * denominator >= EXACT
    ):
        moves, wanted = moves.astype(object), wanted.astype(object)
    return cells[(moves * numerator >= wanted * denominator).astype(np.bool_)]


class Preuves:
    """The directions found so far, and what is still to be proven once some cells are published."""

    def __init__(self, systeme: Systeme, *, sensibles: Sensibles) -> None:
        self._systeme, self._sensibles = systeme, sensibles
        self.directions: dict[int, Direction] = {}
        self._proofs: dict[int, tuple[Ints, Ints]] = {}
        self._users: dict[int, set[int]] = {}
        self._next = 0
        self._high = np.zeros(systeme.size, np.int64)
        self._low = np.zeros(systeme.size, np.int64)
        self._moved = np.zeros(systeme.size, np.int64)

    def add(self, moves: Vector) -> None:
        """Keep a solution, once it is exact, with all that it proves in both ways."""
        direction = make_exact(self._systeme, moves=moves)
        if direction is None:
            return
        valeurs, sensibles = self._systeme.valeurs, self._sensibles
        both = (direction, direction.opposite())
        high = [proven_high(way, valeurs=valeurs, sensibles=sensibles) for way in both]
        low = [proven_low(way, valeurs=valeurs, sensibles=sensibles) for way in both]
        number, self._next = self._next, self._next + 1
        self.directions[number] = direction
        self._proofs[number] = (np.concatenate(high), np.concatenate(low))
        for cell in direction.cells.tolist():
            self._users.setdefault(cell, set()).add(number)
        self._count(number, 1)

    def _count(self, number: int, sign: int) -> None:
        high, low = self._proofs[number]
        np.add.at(self._high, high, sign)
        np.add.at(self._low, low, sign)
        self._moved[self.directions[number].cells] += sign

    def set_aside(self, cell: int) -> set[int]:
        """Count no more the directions that move a cell."""
        numbers = set(self._users.get(cell, ()))
        for number in numbers:
            self._count(number, -1)
        return numbers

    def restore(self, numbers: Iterable[int]) -> None:
        """Count again directions that were set aside."""
        for number in numbers:
            self._count(number, 1)

    def forget(self, numbers: Iterable[int]) -> None:
        """Leave for good directions that were set aside."""
        for number in numbers:
            for cell in self.directions.pop(number).cells.tolist():
                self._users[cell].discard(number)
            del self._proofs[number]

    def bound_to(self, cell: int) -> Ints:
        """Give the sensitive cells that no known direction moves without moving this one."""
        together = np.zeros(self._systeme.size, np.int64)
        for number in self._users.get(cell, ()):
            together[self.directions[number].cells] += 1
        bound = self._sensibles.primaires & (together == self._moved)
        bound[cell] = False
        return np.flatnonzero(bound)

    @property
    def missing_high(self) -> Flags:
        """Tell the sensitive cells that no direction takes high enough."""
        flags: Flags = self._sensibles.primaires & (self._sensibles.high > 0) & (self._high == 0)
        return flags

    @property
    def missing_low(self) -> Flags:
        """Tell the sensitive cells that no direction takes low enough."""
        flags: Flags = self._sensibles.primaires & (self._sensibles.low > 0) & (self._low == 0)
        return flags
