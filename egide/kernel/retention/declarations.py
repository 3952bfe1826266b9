"""The words in which a system states how long it keeps what it holds, and under which text."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from egide.kernel.catalogue.declarations import Catalogue, Purpose, Volet


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
    """A file is left while its own column holds one of these values."""

    label: str
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A file is left while a row of another model about it holds one of these values."""

    label: str
    model: str
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A file is left until a day, that day included, which a row of another model about it says."""

    label: str
    model: str
    until: str


Condition = Among | Standing | Held


@dataclass(frozen=True, slots=True)
class Keep:
    """One clock on the subject of a system: how long, from what, unless what, and then."""

    model: str
    for_: Delay
    after: Event
    then: Fate
    source: str
    unless: tuple[Condition, ...] = ()

    def until(self, days: Mapping[Event, date | None]) -> date | None:
        """Give the last day on which the file is kept; None while its clock has not started."""
        start = days.get(self.after)
        return None if start is None else self.for_.end(start)

    def falls_due(self, days: Mapping[Event, date | None], *, on: date) -> bool:
        """Tell whether the time of the file has passed on a day, conditions apart."""
        until = self.until(days)
        return until is not None and until < on


@dataclass(frozen=True, slots=True)
class FallsWith:
    """Rows that are destroyed with the row that they name: said for each model."""

    model: str
    parent: str
    by: str
    """The column of the model that names the parent, or that both share (a run and its file)."""
    of: str = "id"
    """The column of the parent that it equals."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """A model that tells nothing of a person whom a file is about, and why it stays."""

    model: str
    because: str
    source: str


Rule = Keep | FallsWith | Lasting


@dataclass(frozen=True, slots=True)
class Schedule:
    """The retention of one system: a rule a model, and how its subject dates each event."""

    system: str
    subject: str
    purpose: Purpose
    days: Mapping[Event, tuple[str, ...]]
    """For each event, the columns of the subject that date it: the first that is known counts."""
    rules: tuple[Rule, ...]
    trail: Delay
    """How long the lines of its trail are kept: whole months are dropped."""
    connections: Delay
    """How long what the agents' connections leave is kept; the shortest of the instance counts."""
    clocks: tuple[Keep, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Set the clocks apart; each must be dated, and each model said once."""
        object.__setattr__(self, "clocks", tuple(r for r in self.rules if isinstance(r, Keep)))
        if undated := [clock.after for clock in self.clocks if clock.after not in self.days]:
            raise ValueError(f"{self.system}: no column dates {undated[0]}")
        said = [rule.model for rule in self.rules if not isinstance(rule, Keep)]
        if len(said) != len(set(said)) or {clock.model for clock in self.clocks} & set(said):
            raise ValueError(f"{self.system}: a model has two retention rules")

    def days_of(self, row: object) -> dict[Event, date | None]:
        """Date the events of one file that is in memory."""
        return {
            event: next((day for name in names if (day := getattr(row, name)) is not None), None)
            for event, names in self.days.items()
        }

    def missing(self, catalogue: Catalogue) -> list[str]:
        """Name the catalogued models that no rule speaks of, and the rules of no model."""
        said = {rule.model for rule in self.rules}
        return sorted(said ^ catalogue.by_model.keys())

    def falling(self) -> Iterator[FallsWith]:
        """Walk the models that fall with another."""
        return (rule for rule in self.rules if isinstance(rule, FallsWith))

    def opened(self, volets: Iterable[Volet]) -> tuple[Volet, ...]:
        """Let the purpose of the schedule delete what falls, reading what dates it and no more."""
        return tuple(self._opened(volet) for volet in volets)

    def _opened(self, volet: Volet) -> Volet:
        columns = self._columns(volet.model)
        lines = {
            name: replace(
                line, reads=(*(volet.reads if line.reads is None else line.reads), self.purpose)
            )
            if name in columns
            else line
            for name, line in volet.lines.items()
        }
        falls = {self.subject, *(rule.model for rule in self.falling())}
        deletes = (*volet.deletes, self.purpose) if volet.model in falls else volet.deletes
        return replace(volet, lines=lines, deletes=deletes)

    def _columns(self, model: str) -> set[str]:
        found: set[str] = set()
        for rule in self.falling():
            found |= {rule.by} if rule.model == model else set()
            found |= {rule.of} if rule.parent == model else set()
        if model == self.subject:
            found |= {"id", "service_id"}
            found |= {name for names in self.days.values() for name in names}
        for condition in (c for clock in self.clocks for c in clock.unless):
            if isinstance(condition, Among):
                found |= {condition.column} if model == self.subject else set()
            elif condition.model == model:
                found |= {condition.until if isinstance(condition, Held) else condition.column}
        return found


class Schedules:
    """The schedules of the systems that this instance activates."""

    def __init__(self) -> None:
        """Start empty; each system registers its own as its catalogue is read."""
        self._by_system: dict[str, Schedule] = {}

    def register(self, schedule: Schedule) -> None:
        """Add the schedule of a system."""
        self._by_system[schedule.system] = schedule

    def __iter__(self) -> Iterator[Schedule]:
        """Walk the schedules in a stable order."""
        return iter(sorted(self._by_system.values(), key=lambda s: s.system))


SCHEDULES = Schedules()
