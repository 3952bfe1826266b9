"""What a system offers beside its screens: commands of the terminal, and a demonstration."""

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand of `egide`: `run` is a name, resolved once Django is set up."""

    name: str
    help: str
    run: str
    add_arguments: Callable[[ArgumentParser], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What an instance does by itself: at its hours, under a name that no person bears."""

    name: str
    label: str
    cron: str
    """Minute, hour, day of the month, month, day of the week, as cron writes them (UTC)."""
    run: str
    """A callable, resolved once Django is set up: it takes `tell` and gives an `Outcome`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: an exit code, and how much it did (lines sealed, files destroyed)."""

    code: int = 0
    effect: int = 0


class BaseOccupee(Exception):
    """The database serves a real organisme: invented people never mix with its own."""


class Create(Protocol):
    """Load invented people; tell false when they are there already."""

    def __call__(self, *, on: date, people: int) -> bool:
        """Load as many people, as they would be on this day."""


@dataclass(frozen=True, slots=True)
class Demo:
    """Invented data of a system, and the accounts that open it: a name, what it does."""

    place: str
    create: Create
    accounts: tuple[tuple[str, str], ...]
    password: str
