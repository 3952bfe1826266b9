"""The kinds of values a CSV column may hold: one definition for the engine and for the reader."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import ibis
from ibis import _ as row

from egide.rules.aggir import MODALITES
from egide.rules.apa.bornes import AGES, GIRS
from egide.rules.apa.participation import participation
from egide.rules.ash.montants import PREMIER_JOUR
from egide.rules.engine import Column
from egide.rules.money import CENTIMES_PAR_EURO

FIRST_DAY = participation.versions[0].start


@dataclass(frozen=True)
class Sorte:
    """What a value must look like, how it is told to the user, how it becomes a typed column."""

    attendu: str
    read: Callable[[Column], Column]
    values: tuple[str, ...] = ()
    pattern: str = ""
    since: date | None = None

    def matches(self, text: str) -> bool:
        """Tell whether a value read from the file is of this kind."""
        if self.values:
            return text in self.values
        if self.since:
            return _is_day(text, since=self.since)
        return re.fullmatch(self.pattern, text, re.ASCII) is not None

    def accepted(self, column: Column) -> Column:
        """Tell the same thing on a column; an empty value is not accepted unless listed."""
        text = column.fill_null("")
        if self.values:
            return text.isin(self.values)
        if self.since:
            day = text.try_cast("date")
            return text.re_search(f"^(?:{self.pattern})$") & (day >= self.since).fill_null(False)  # noqa: FBT003
        return text.re_search(f"^(?:{self.pattern})$")


@dataclass(frozen=True)
class Champ:
    """A column of the input: its name in the file and its kind."""

    nom: str
    sorte: Sorte
    optional: bool = False


def _is_day(text: str, *, since: date) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        return False
    try:
        return date.fromisoformat(text) >= since
    except ValueError:
        return False


def _whole(column: Column) -> Column:
    return column.cast("int64")


def _cents(column: Column) -> Column:
    return (column.cast("decimal(11,2)") * CENTIMES_PAR_EURO).cast("int64")


def _text(column: Column) -> Column:
    return column.fill_null("")


def _day_since(since: date) -> Sorte:
    return Sorte(
        f"une date AAAA-MM-JJ à partir du {since.isoformat()}",
        lambda column: column.cast("date"),
        pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}",
        since=since,
    )


JOUR = _day_since(FIRST_DAY)
JOUR_ASH = _day_since(PREMIER_JOUR)
AGE = Sorte(f"un entier de 0 à {AGES[-1]}", _whole, values=tuple(str(age) for age in AGES))
GIR = Sorte("un entier de 1 à 6", _whole, values=tuple(str(gir) for gir in GIRS))
OUI_NON = Sorte("0 ou 1", lambda column: column == "1", values=("0", "1"))
MONTANT = Sorte(
    "un montant de 0 à 9999999.99, un point avant deux décimales au plus",
    _cents,
    pattern=r"[0-9]{1,7}(\.[0-9]{1,2})?",
)
MODALITE = Sorte("A, B ou C", _text, values=MODALITES)
ADVERBES = Sorte("quatre chiffres 0 ou 1 (S, T, H, C)", _text, pattern="[01]{4}")
TEXTE = Sorte("un texte", _text, pattern=r"(?s).*")
DEPARTEMENT = Sorte(
    "un code de département (01 à 95, 2A, 2B, 69M, 971 à 976) ou rien",
    _text,
    pattern="(0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|69[DM]|97[1-6])?",
)


def read_champ(champ: Champ, *, place: int | None) -> Column:
    """Make the typed column of a field, or an empty text when an optional field is absent."""
    return ibis.literal("") if place is None else champ.sorte.read(row[f"c{place}"])
