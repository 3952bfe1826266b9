"""The words of the restricted archive: what a file leaves there, and what outlives it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from egide.kernel.retention.clocks import Keep


class Grain(StrEnum):
    """How finely an anonymous row tells something; a day is told by no archive."""

    EXACT = "exact"
    MOIS = "mois"
    ANNEE = "année"
    CINQ_ANS = "cinq ans"
    DIX_ANS = "dix ans"


@dataclass(frozen=True, slots=True)
class Archived:
    """What a row leaves in the restricted archive: these columns, their days at the month."""

    model: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that an anonymous row tells, from the archive: the least value of a file."""

    name: str
    model: str
    column: str
    grain: Grain = Grain.EXACT


@dataclass(frozen=True, slots=True)
class Anonymous:
    """What outlives the archive: a row a file, that at least `k` others of its month share."""

    k: Callable[[date], int]
    """The figure in force on a day."""
    levels: tuple[tuple[Fact, ...], ...]
    """From the finest telling to the coarsest; a file that no level hides leaves no row."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What the restricted archive of a system holds, the clock that ends it, what is left."""

    parts: tuple[Archived, ...]
    end: Keep
    """Counted as a file enters, cut to whole months: those of one month leave together."""
    anonymous: Anonymous
