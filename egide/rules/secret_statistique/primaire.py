"""Primary secrecy: which cells are too small or too concentrated, and how wide they must stay."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np

from egide.rules.secret_statistique.systeme import Flags, Ints, Systeme

CENT = 100


@dataclass(frozen=True, slots=True)
class Contributions:
    """Who makes a cell: how many, and the largest contributions in decreasing order."""

    nombre: int
    plus_grandes: tuple[int, ...] = ()

    @classmethod
    def merge(cls, parts: Iterable["Contributions"], *, keep: int) -> "Contributions":
        """Make the contributions of a total whose parts share no contributor."""
        items = list(parts)
        largest = nlargest(keep, (x for item in items for x in item.plus_grandes))
        return cls(sum(item.nombre for item in items), tuple(largest))


@dataclass(frozen=True, slots=True)
class Protection:
    """The attacker's interval must contain [value - low, value + high], zero at the lowest."""

    low: int
    high: int


Regle = Callable[[int, Contributions], Protection | None]


def frequency(seuil: int, *, protection: Protection) -> Regle:
    """Hide a cell of fewer contributors than the threshold, unless it is empty."""

    def judge(_valeur: int, contributions: Contributions) -> Protection | None:
        return protection if 0 < contributions.nombre < seuil else None

    return judge


def dominance(n: int, *, k: int) -> Regle:
    """Hide a cell whose n largest contributors make more than k % of it."""

    def judge(valeur: int, contributions: Contributions) -> Protection | None:
        largest = sum(contributions.plus_grandes[:n])
        if largest * CENT <= k * valeur:
            return None
        return _symmetric(-(-largest * CENT // k) - valeur)

    return judge


def p_percent(p: int) -> Regle:
    """Hide a cell whose second contributor could know the first one within p %."""

    def judge(valeur: int, contributions: Contributions) -> Protection | None:
        first, second = (*contributions.plus_grandes, 0, 0)[:2]
        missing = p * first - CENT * (valeur - first - second)
        return _symmetric(-(-missing // CENT)) if missing > 0 else None

    return judge


def _symmetric(width: int) -> Protection:
    width = max(width, 1)
    return Protection(width, width)


@dataclass(frozen=True, eq=False)
class Sensibles:
    """By cell: must it be hidden, and how far below and above must the attacker stay in doubt."""

    primaires: Flags
    low: Ints
    high: Ints
    seuls: Ints


def find_sensibles(
    systeme: Systeme,
    *,
    regles: Sequence[Regle],
    contributions: Mapping[int, Contributions] | None = None,
    internes: Iterable[int] | None = None,
) -> Sensibles:
    """Apply every rule to every cell; the widest protection wins. Counts contribute one each.

    `internes` are the cells that no other cell details: a contributor alone there knows it.
    """
    low, high = np.zeros(systeme.size, np.int64), np.zeros(systeme.size, np.int64)
    primaires = np.zeros(systeme.size, np.bool_)
    seuls = []
    inner = set(internes) if internes is not None else details(systeme)
    for rank, valeur in enumerate(systeme.valeurs.tolist()):
        who = contributions[rank] if contributions else Contributions(valeur, (1, 1)[:valeur])
        if who.nombre == 1 and rank in inner:
            seuls.append(rank)
        for found in (regle(valeur, who) for regle in regles):
            if found is not None:
                primaires[rank] = True
                low[rank] = max(low[rank], min(found.low, valeur))
                high[rank] = max(high[rank], found.high)
    return Sensibles(primaires, low, high, np.array(seuls, np.int64))


def details(systeme: Systeme) -> set[int]:
    """Give the cells that are a total of nothing."""
    return set(range(systeme.size)) - {total for total, _ in systeme.equations}


def merge_contributions(
    systeme: Systeme, *, inner: Mapping[int, Contributions], keep: int
) -> dict[int, Contributions]:
    """Compute the contributions of every total from those of the inner cells."""
    found = dict(inner)
    parts_of = dict(reversed(systeme.equations))

    def of(rank: int) -> Contributions:
        if rank not in found:
            parts = parts_of.get(rank, ())
            found[rank] = Contributions.merge((of(part) for part in parts), keep=keep)
        return found[rank]

    return {rank: of(rank) for rank in range(systeme.size)}
