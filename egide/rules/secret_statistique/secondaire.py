"""Secondary secrecy: the fewest more cells to hide so that each protection can be proven."""

from dataclasses import dataclass

import numpy as np

from egide.rules.secret_statistique.bornes import PAS
from egide.rules.secret_statistique.preuves import Direction, Preuves
from egide.rules.secret_statistique.primaire import Sensibles
from egide.rules.secret_statistique.programme import Programme
from egide.rules.secret_statistique.seuls import Ascendants
from egide.rules.secret_statistique.systeme import Flags, Progress, Systeme, silent, tell

RISE, FALL = 1, -1
# Weight of a hidden cell against a published one: short proofs are the ones that survive.
SHORT = 1 / 100


class ProtectionImpossible(ValueError):
    """Raised when a cell cannot be protected, whatever is hidden: nothing may be released."""


@dataclass(frozen=True, eq=False)
class Contraintes:
    """Beside the values: cells that must stay published, cells that nobody will publish."""

    publiees: Flags
    cachees: Flags

    @classmethod
    def none(cls, systeme: Systeme) -> "Contraintes":
        """Leave every cell free."""
        return cls(np.zeros(systeme.size, np.bool_), np.zeros(systeme.size, np.bool_))


@dataclass(frozen=True, eq=False)
class Suppression:
    """Which cells are hidden, and the directions that prove it enough."""

    secretes: Flags
    directions: tuple[Direction, ...]


def find_suppression(
    systeme: Systeme,
    *,
    sensibles: Sensibles,
    contraintes: Contraintes | None = None,
    progress: Progress = silent,
) -> Suppression:
    """Hide what protects every sensitive cell, then publish again what is not needed."""
    contraintes = contraintes or Contraintes.none(systeme)
    if (bad := np.flatnonzero(sensibles.primaires & contraintes.publiees)).size:
        raise ProtectionImpossible(f"{tell(systeme.cles[bad[0]])} est à protéger et déjà publiée")
    work = _Work(systeme, sensibles, contraintes, progress)
    work.harvest()
    work.hide()
    work.publish_again()
    work.protect_from_lone_contributors()
    return Suppression(work.secretes, tuple(work.preuves.directions.values()))


def movable(systeme: Systeme, *, contraintes: Contraintes) -> Flags:
    """Tell which cells may be hidden: neither published already, nor a zero that all may know."""
    flags: Flags = ~contraintes.publiees & ((systeme.valeurs > 0) | contraintes.cachees)
    return flags


class _Work:
    def __init__(
        self,
        systeme: Systeme,
        sensibles: Sensibles,
        contraintes: Contraintes,
        progress: Progress,
    ) -> None:
        self.systeme, self.sensibles, self.progress = systeme, sensibles, progress
        self.cachees = contraintes.cachees
        self.secretes = sensibles.primaires | contraintes.cachees
        self.free = np.flatnonzero(movable(systeme, contraintes=contraintes))
        self.preuves = Preuves(systeme, sensibles=sensibles)
        self.reason: dict[int, tuple[int, int]] = {}

    def harvest(self) -> None:
        """Find at once what the cells under primary secrecy already do for one another."""
        cells = np.flatnonzero(self.secretes)
        programme = Programme(self.systeme, cells=cells)
        draw = np.random.default_rng(0)
        before = 2 * self.systeme.size + 1
        while (left := self._left()) * PAS < before * (PAS - 1):
            before = left
            for sign, missing, wanted in (
                (RISE, self.preuves.missing_high, self.sensibles.high),
                (FALL, self.preuves.missing_low, self.sensibles.low),
            ):
                asked = missing[cells]
                low = np.where(asked & (sign == FALL), -wanted[cells], -self.systeme.valeurs[cells])
                high = np.where(asked & (sign == RISE), wanted[cells], -1)
                programme.limit(cells, low=low, high=high)
                weights = sign * asked * (1 + draw.random(len(cells)))
                programme.aim(cells, weights=weights)
                if (moves := programme.solve()) is not None:
                    self.preuves.add(moves)

    def _left(self) -> int:
        return int(self.preuves.missing_high.sum() + self.preuves.missing_low.sum())

    def hide(self) -> None:
        """For each missing proof, hide the cheapest set of cells that gives it."""
        costs = np.where(self.secretes, 0, np.sqrt(self.systeme.valeurs))[self.free]
        programme = Programme(self.systeme, cells=self.free, costs=costs)
        ranks = np.flatnonzero(self.sensibles.primaires)
        ranks = ranks[np.argsort(-self.systeme.valeurs[ranks], kind="stable")]
        for done, rank in enumerate(ranks.tolist()):
            if done % PAS == 0:
                self.progress("secret secondaire", done, len(ranks))
            for sign in (RISE, FALL):
                if self._missing(rank, sign):
                    self._hide_for(programme, rank, sign)

    def _missing(self, rank: int, sign: int) -> bool:
        missing = self.preuves.missing_high if sign == RISE else self.preuves.missing_low
        return bool(missing[rank])

    def _amount(self, rank: int, sign: int) -> int:
        wanted = self.sensibles.high if sign == RISE else self.sensibles.low
        return sign * int(wanted[rank])

    def _hide_for(self, programme: Programme, rank: int, sign: int) -> None:
        programme.pin(rank, amount=self._amount(rank, sign))
        moves = programme.solve()
        programme.release(rank)
        if moves is not None:
            self.preuves.add(moves)
            self._hide(programme, np.abs(moves) > SHORT / PAS, (rank, sign))
        if moves is None or self._missing(rank, sign):
            raise ProtectionImpossible(f"{tell(self.systeme.cles[rank])} ne peut pas être protégée")

    def _hide(self, programme: Programme, used: Flags, reason: tuple[int, int]) -> None:
        for cell in np.flatnonzero(used & ~self.secretes).tolist():
            self.secretes[cell] = True
            self.reason[cell] = reason
            programme.price(cell, cost=SHORT)

    def publish_again(self) -> None:
        """Try to publish each secondary cell, the largest first, while all stays proven."""
        cells = np.flatnonzero(self.secretes)
        costs = np.where(self._secondary()[cells], 1, 0).astype(np.float64)
        programme = Programme(self.systeme, cells=cells, costs=costs)
        ranks = np.flatnonzero(self._secondary())
        ranks = ranks[np.argsort(-self.systeme.valeurs[ranks], kind="stable")]
        for done, rank in enumerate(ranks.tolist()):
            if done % PAS == 0:
                self.progress("nettoyage", done, len(ranks))
            programme.pin(rank, amount=0)
            aside = self.preuves.set_aside(rank)
            if self._prove_all(programme, self.reason.get(rank)):
                self.preuves.forget(aside)
                self.secretes[rank] = False
            else:
                self.preuves.restore(aside)
                programme.release(rank)

    def _secondary(self) -> Flags:
        secondary: Flags = self.secretes & ~self.sensibles.primaires & ~self.cachees
        return secondary

    def _prove_all(self, programme: Programme, first: tuple[int, int] | None) -> bool:
        # The proof for which the cell was hidden is the likeliest to fail: it is tried first.
        missing = [(rank, RISE) for rank in np.flatnonzero(self.preuves.missing_high).tolist()]
        missing += [(rank, FALL) for rank in np.flatnonzero(self.preuves.missing_low).tolist()]
        for rank, sign in sorted(missing, key=lambda item: item != first):
            if not self._missing(rank, sign):
                continue
            programme.pin(rank, amount=self._amount(rank, sign))
            moves = programme.solve()
            programme.release(rank)
            if moves is None:
                return False
            self.preuves.add(moves)
            if self._missing(rank, sign):
                return False
        return True

    def protect_from_lone_contributors(self) -> None:
        """Hide more where a contributor alone in its cell would know another one exactly."""
        if not len(self.sensibles.seuls):
            return
        self._mix()
        costs = np.where(self.secretes, SHORT, np.sqrt(self.systeme.valeurs))[self.free]
        programme = Programme(self.systeme, cells=self.free, costs=costs)
        above = Ascendants(self.systeme)
        for done, seul in enumerate(self.sensibles.seuls.tolist()):
            if done % PAS == 0:
                self.progress("contributeurs seuls", done, len(self.sensibles.seuls))
            own = above.of(seul)
            programme.pin(seul, amount=0)
            for rank in self.preuves.bound_to(seul).tolist():
                if rank not in own and rank in self.preuves.bound_to(seul):
                    self._hide_from(programme, seul, rank)
            programme.release(seul)

    def _mix(self) -> None:
        # Directions drawn at random untie most cells from each other before any is looked at.
        cells = np.flatnonzero(self.secretes)
        programme = Programme(self.systeme, cells=cells)
        programme.limit(cells, low=np.full(len(cells), -1), high=np.full(len(cells), 1))
        draw = np.random.default_rng(0)
        for _ in range(12):
            programme.aim(cells, weights=draw.random(len(cells)) - 1 / 2)
            if (moves := programme.solve()) is not None:
                self.preuves.add(moves)

    def _hide_from(self, programme: Programme, seul: int, rank: int) -> None:
        for amount in (RISE, FALL):
            programme.pin(rank, amount=amount)
            moves = programme.solve()
            programme.release(rank)
            if moves is not None:
                self.preuves.add(moves)
                self._hide(programme, np.abs(moves) > SHORT / PAS, (rank, amount))
                return
        raise ProtectionImpossible(
            f"{tell(self.systeme.cles[rank])} reste connue du contributeur de "
            f"{tell(self.systeme.cles[seul])}"
        )
