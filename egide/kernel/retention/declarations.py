"""The words in which a system states how long it keeps what it holds, and under which text."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from egide.kernel.catalogue.declarations import Catalogue, Purpose, Volet
from egide.kernel.retention.archives import Archive
from egide.kernel.retention.clocks import (
    Among,
    Dating,
    Delay,
    Event,
    Fate,
    Held,
    Keep,
    Running,
    Standing,
    columns_of,
)


@dataclass(frozen=True, slots=True)
class FallsWith:
    """Rows that are destroyed with the row that they name: said for each model."""

    model: str
    parent: str
    by: str
    """The column of the model that names the parent, or that both share (a run and its file)."""
    of: str = "id"
    """The column of the parent that it equals."""
    last: bool = False
    """It names several parents: it waits for the last of them, and goes with it."""


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
    days: Mapping[Event, Dating]
    """For each event, the columns of the subject that date it."""
    rules: tuple[Rule, ...]
    trail: Delay
    """How long the lines of its trail are kept: whole months are dropped."""
    connections: Delay
    """How long what the agents' connections leave is kept; the shortest of the instance counts."""
    archive: Archive | None = None
    clocks: tuple[Keep, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Set the clocks apart; each must be dated, and each model said once."""
        object.__setattr__(self, "clocks", tuple(r for r in self.rules if isinstance(r, Keep)))
        if self.archive is None and any(clock.then is Fate.ARCHIVE for clock in self.clocks):
            raise ValueError(f"{self.system}: a clock archives and no archive is declared")
        if undated := [clock.after for clock in self.clocks if clock.after not in self.days]:
            raise ValueError(f"{self.system}: no column dates {undated[0]}")
        said = [rule.model for rule in self.rules if not isinstance(rule, Keep)]
        if len(said) != len(set(said)) or {clock.model for clock in self.clocks} & set(said):
            raise ValueError(f"{self.system}: a model has two retention rules")

    def days_of(self, row: object) -> dict[Event, date | None]:
        """Date the events of one file that is in memory."""
        return {event: dating.of(row) for event, dating in self.days.items()}

    def missing(self, catalogue: Catalogue) -> list[str]:
        """Name the catalogued models that no rule speaks of, and the rules of no model."""
        said = {rule.model for rule in self.rules}
        return sorted(said ^ catalogue.by_model.keys())

    def falling(self) -> Iterator[FallsWith]:
        """Walk the models that fall with another."""
        return (rule for rule in self.rules if isinstance(rule, FallsWith))

    def link(self, model: str) -> str:
        """Name the column by which a model names the subject, its own key for the subject."""
        if model == self.subject:
            return "id"
        return next(
            rule.by for rule in self.falling() if (rule.model, rule.parent) == (model, self.subject)
        )

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
        archived = self._archived(volet.model)
        return replace(volet, lines=lines, deletes=deletes, archived=archived)

    def _archived(self, model: str) -> tuple[str, ...]:
        parts = () if self.archive is None else self.archive.parts
        return next((part.columns for part in parts if part.model == model), ())

    def _columns(self, model: str) -> set[str]:
        found: set[str] = set()
        for rule in self.falling():
            found |= {rule.by} if rule.model == model else set()
            found |= {rule.of} if rule.parent == model else set()
        if model == self.subject:
            found |= {"id", "service_id"}
            found |= {name for dating in self.days.values() for name in columns_of(dating)}
        found |= set(self._archived(model))
        for condition in (c for clock in self.clocks for c in clock.unless):
            if isinstance(condition, Among):
                found |= condition.columns if model == self.subject else set()
            elif condition.model == model:
                found |= {_read_by(condition)}
        return found


def _read_by(condition: Standing | Held | Running) -> str:
    """Name the column of another model that a condition reads."""
    if isinstance(condition, Running):
        return condition.period
    return condition.until if isinstance(condition, Held) else condition.column


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
