"""Rules that change on a day: each version declares its start and its text, ends are computed."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, NoReturn, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


class NotInForce(LookupError):
    """Raised for a day before the first version of a rule."""


class NotImplementedEra(LookupError):
    """Raised for a day whose text is known to exist but is not written here."""


@dataclass(frozen=True, slots=True)
class Version(Generic[F]):
    """One state of a rule: the day it starts, the text that made it, the formula."""

    start: date
    source: str
    apply: F


class Dated(Generic[F]):
    """A rule with its versions in order; the version of a day is found, never chosen."""

    def __init__(self, libelle: str) -> None:
        self.libelle = libelle
        self._versions: list[Version[F]] = []

    @property
    def versions(self) -> tuple[Version[F], ...]:
        """Give the versions in order of their start."""
        return tuple(self._versions)

    def since(self, start: date, *, source: str) -> Callable[[F], F]:
        """Register the decorated formula from a day on; a start out of order fails at import."""

        def register(formula: F) -> F:
            if self._versions and start <= self._versions[-1].start:
                raise ValueError(f"{self.libelle}: {start} does not follow the version before it")
            self._versions.append(Version(start, source, formula))
            return formula

        return register

    def absent_since(self, start: date, *, source: str, reason: str) -> None:
        """Declare an era that is not written here: asking for it raises with its reason."""

        def refuse(*_args: object, **_kwargs: object) -> NoReturn:
            raise NotImplementedEra(f"{self.libelle} : {reason}")

        self.since(start, source=source)(cast("F", refuse))

    def version(self, day: date) -> Version[F]:
        """Give the version in force on a day."""
        index = bisect_right(self._versions, day, key=lambda version: version.start)
        if not index:
            raise NotInForce(f"{self.libelle} : aucune règle en vigueur le {day.isoformat()}")
        return self._versions[index - 1]

    def at(self, day: date) -> F:
        """Give the formula in force on a day."""
        return self.version(day).apply

    def end(self, version: Version[F]) -> date | None:
        """Compute the last day of a version, or None while nothing follows it."""
        later = [other.start for other in self._versions if other.start > version.start]
        return later[0] - timedelta(days=1) if later else None
