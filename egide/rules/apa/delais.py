"""Deadlines of the procedure: from a code and a day, the day on which the delay ends."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from egide.rules.parameters import load_yaml

MOIS_PAR_AN = 12


class DelaiInconnu(LookupError):
    """Raised for a code that no deadline has."""


@dataclass(frozen=True, slots=True)
class Delai:
    """A delay of the procedure, from an event to what must happen, with its text."""

    code: str
    libelle: str
    de: str
    vers: str
    forme: str
    nombre: int
    source: str
    verifie_jusqu_au: date
    consequence: str = ""
    confiance: str = "forte"

    def end(self, from_day: date) -> date:
        """Give the last day of the delay when it starts on a day."""
        return _FORMES[self.forme](from_day, self.nombre)


def add_months(day: date, *, months: int) -> date:
    """Move by whole months, to the last day of the month where the same day does not exist."""
    years, month = divmod(day.month - 1 + months, MOIS_PAR_AN)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def first_of_next_month(day: date) -> date:
    """Give the first day of the next month."""
    return add_months(day.replace(day=1), months=1)


def _quinzaine(day: date, second_half: int) -> date:
    # R. 131-2 counts by halves of a month; the delay gives the day that starts the second one.
    if day.day < second_half:
        return day.replace(day=second_half)
    return first_of_next_month(day)


_FORMES: Mapping[str, Callable[[date, int], date]] = {
    "jours": lambda day, count: day + timedelta(days=count),
    "mois": lambda day, count: add_months(day, months=count),
    "ans": lambda day, count: add_months(day, months=count * MOIS_PAR_AN),
    "jour du mois": lambda day, count: day.replace(day=count),
    "premier du mois suivant": lambda day, _count: first_of_next_month(day),
    "premier de la quinzaine suivante": _quinzaine,
    "premier janvier suivant": lambda day, _count: date(day.year + 1, 1, 1),
    "jour de février suivant": lambda day, count: date(day.year + 1, 2, count),
}


def load_delais(path: Path) -> Mapping[str, Delai]:
    """Read the deadlines of one file."""
    return {
        code: Delai(
            code=code,
            **{**entry, "verifie_jusqu_au": date.fromisoformat(entry["verifie_jusqu_au"])},
        )
        for code, entry in load_yaml(path, kind="delais").items()
    }


DELAIS = load_delais(Path(__file__).with_name("delais.yaml"))


def delai(code: str) -> Delai:
    """Give a deadline by its code."""
    if code not in DELAIS:
        raise DelaiInconnu(f"délai inconnu : {code}")
    return DELAIS[code]


def echeance(code: str, from_day: date) -> date:
    """Give the last day of a delay that starts on a day."""
    return delai(code).end(from_day)


def parti_depuis(code: str, *, on: date) -> date:
    """Give the first day of departure of a delay of months that still runs on a day.

    Months have no inverse: what left on 28 February or on 1 March ends on 28 March or 1 April.
    """
    day = add_months(on, months=-delai(code).nombre)
    while echeance(code, day) < on:
        day += timedelta(days=1)
    return day


def accuse_avant(recue_on: date) -> date:
    """Give the last day to acknowledge a request or to ask for what is missing."""
    return echeance("accuse_reception", recue_on)


def relance_pieces(on: date) -> date:
    """Give the day on which missing pieces come back to the worklist."""
    return echeance("relance_pieces", on)


def proposition_avant(complete_on: date) -> date:
    """Give the last day to propose a plan; the visit comes before (CASF R. 232-7, II)."""
    return echeance("proposition_plan", complete_on)


def decision_avant(complete_on: date) -> date:
    """Give the last day to notify the decision, before the lump sum is due (CASF L. 232-14)."""
    return echeance("decision", complete_on)


def paiement_avant(mois: date) -> date:
    """Give the day by which the payments of a month are mandated (CASF R. 232-30)."""
    return echeance("versement_mensuel", mois)
