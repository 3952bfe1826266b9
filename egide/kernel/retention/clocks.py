"""How long something is kept: the event that starts a clock, what holds it, what comes then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Protocol

from django.db.models import Q


class Event(StrEnum):
    """What starts a clock; the value is what the screens say."""

    DERNIER_CONTACT = "dernier contact"
    ENREGISTREMENT = "enregistrement"
    DECISION = "décision"
    FIN_DROIT = "fin du droit"
    DECES = "décès"
    FIN_LITIGE = "fin du litige"


class Fate(StrEnum):
    """What becomes of a file once its time has passed."""

    DELETE = "destruction"
    ARCHIVE = "archivage"
    ANONYMISE = "anonymisation"


class Delay(Protocol):
    """A dated figure of the law, as the rules read it beside its source."""

    @property
    def forme(self) -> str:
        """In what it is counted: `jours`, `mois` or `ans`."""

    @property
    def nombre(self) -> int:
        """How many."""

    def end(self, from_day: date) -> date:
        """Give the last day of the delay when it starts on a day."""


@dataclass(frozen=True, slots=True)
class Among:
    """A file is left while its own column holds one of these values, at most until a day of it."""

    label: str
    column: str
    values: tuple[str, ...]
    until: str = ""

    @property
    def columns(self) -> set[str]:
        """Name the columns of the file that it reads."""
        return {self.column, self.until} - {""}

    def met(self, on: date) -> Q:
        """Say of the file itself when it is left; the day included, and no day holds for ever."""
        held = Q(**{f"{self.column}__in": self.values})
        if not self.until:
            return held
        return held & (Q(**{f"{self.until}__isnull": True}) | Q(**{f"{self.until}__gte": on}))


@dataclass(frozen=True, slots=True)
class Standing:
    """A file is left while a row of another model about it holds one of these values."""

    label: str
    model: str
    column: str
    values: tuple[str, ...]

    def met(self, on: date) -> Q:  # noqa: ARG002 -- as the others
        """Say of a row of the model when it holds the file."""
        return Q(**{f"{self.column}__in": self.values})


@dataclass(frozen=True, slots=True)
class Held:
    """A file is left until a day, that day included, which a row of another model about it says."""

    label: str
    model: str
    until: str

    def met(self, on: date) -> Q:
        """Say of a row of the model when it holds the file."""
        return Q(**{f"{self.until}__gte": on})


@dataclass(frozen=True, slots=True)
class Running:
    """A file is left while a period of another model about it has not ended."""

    label: str
    model: str
    period: str

    def met(self, on: date) -> Q:
        """Say of a row of the model when it holds the file; no day at all holds nothing."""
        endless, ends_later = (
            Q(**{f"{self.period}__upper_inf": True}),
            f"{self.period}__endswith__gt",
        )
        return Q(**{f"{self.period}__isempty": False}) & (endless | Q(**{ends_later: on}))


# Each says once, for the purge and for the page, when it holds: `met`. A trigger keeps the holds a
# second time (gel.sql), whatever the purge believes.
Condition = Among | Standing | Held | Running


@dataclass(frozen=True, slots=True)
class Keep:
    """One clock on the subject of a system: how long, from what, unless what, and then."""

    model: str
    for_: Delay
    after: Event
    then: Fate
    source: str
    unless: tuple[Condition, ...] = ()

    @property
    def label(self) -> str:
        """Say the clock in words: « 6 ans après fin du droit : destruction (CASF R. 232-46) »."""
        return (
            f"{self.for_.nombre} {self.for_.forme} après {self.after} : {self.then} ({self.source})"
        )

    def until(self, days: Mapping[Event, date | None]) -> date | None:
        """Give the last day on which the file is kept; None while its clock has not started."""
        start = days.get(self.after)
        return None if start is None else self.for_.end(start)

    def falls_due(self, days: Mapping[Event, date | None], *, on: date) -> bool:
        """Tell whether the time of the file has passed on a day, conditions apart."""
        until = self.until(days)
        return until is not None and until < on


@dataclass(frozen=True, slots=True)
class First:
    """The day of an event is the first of these that is known."""

    columns: "tuple[str | Dating, ...]"
    sql: ClassVar = "COALESCE"

    def of(self, row: object) -> date | None:
        """Date the event of a file that is in memory."""
        return next((day for part in self.columns if (day := _day_of(part, row))), None)


@dataclass(frozen=True, slots=True)
class Latest:
    """The day of an event is the latest of these that are known."""

    columns: "tuple[str | Dating, ...]"
    sql: ClassVar = "GREATEST"

    def of(self, row: object) -> date | None:
        """Date the event of a file that is in memory."""
        return max((day for part in self.columns if (day := _day_of(part, row))), default=None)


Dating = First | Latest


def _day_of(part: str | Dating, row: object) -> date | None:
    day: date | None = getattr(row, part) if isinstance(part, str) else part.of(row)
    return day


def columns_of(dating: Dating) -> Iterator[str]:
    """Walk the columns that date an event."""
    for part in dating.columns:
        yield from (part,) if isinstance(part, str) else columns_of(part)
