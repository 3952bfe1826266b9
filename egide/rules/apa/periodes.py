"""The periods of constant law that a column of days meets, and the figures of each."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import ibis
from ibis import _ as row

from egide.rules.apa import montants
from egide.rules.engine import Column
from egide.rules.exact import Quantity, lookup, lookup_fractions
from egide.rules.money import CENTIMES_PAR_EURO
from egide.rules.parameters import Bareme, Parametre, Parametres


def list_breakpoints(starts: Collection[date], *, parametres: Parametres) -> tuple[date, ...]:
    """List the days on which a version, a figure or its verification changes."""
    days = {*starts, *(version.start for version in montants.jour_de_s.versions)}
    for parametre in (*parametres.values(), montants.REFERENCE["smic_horaire"]):
        days |= list_changes(parametre)
    # S is looked up on 1 January: what changes in the MTP in a year shows from the next one.
    mtp = list_changes(montants.REFERENCE["mtp"])
    days |= mtp | {day.replace(year=day.year + 1, month=1, day=1) for day in mtp}
    return tuple(sorted(day for day in days if day >= min(starts)))


def list_changes(parametre: Parametre) -> set[date]:
    """List the days on which a figure takes a value or stops being verified."""
    after = parametre.verifie_jusqu_au + timedelta(days=1)
    return {after, *(valeur.depuis for valeur in parametre.valeurs)}


def select_periods(days: tuple[date, ...], *, first: date, last: date) -> tuple[date, ...]:
    """List the starts of the periods that two days enclose."""
    return days[max(bisect_right(days, first) - 1, 0) : bisect_right(days, last)]


def number_periods(starts: tuple[date, ...]) -> Column:
    """Give each row the number of its period, counted from 1."""
    passed = [(row.on >= start).cast("int64") for start in starts[1:]]
    return sum(passed, start=1) if passed else ibis.literal(1, "int64")


def by_period(starts: tuple[date, ...], *, function: Callable[[date], Decimal]) -> Quantity:
    """Make the column of an amount from what it is in each period."""
    return lookup_fractions([Fraction(function(day)) for day in starts], index=row["_periode"])


def figures_by_period(starts: tuple[date, ...], *, parametres: Parametres) -> dict[str, Quantity]:
    """Make the columns of figures; one that is not yet in force is never used by a version."""

    def in_force(nom: str) -> Callable[[date], Decimal]:
        first = parametres[nom].valeurs[0].depuis
        return lambda day: Bareme(max(day, first), parametres)[nom]

    figures = {f"_{nom}": by_period(starts, function=in_force(nom)) for nom in parametres}
    figures["_s"] = by_period(starts, function=lambda day: montants.montant_s(day).valeur)
    return figures


def flag_by_period(values: Iterable[bool]) -> Column:
    """Make the column of a fact that each period decides."""
    whole = lookup([int(value) for value in values], index=row["_periode"])
    return ibis.literal(bool(whole.low)) if whole.fixed else whole.expr > 0


def amount(column: Column, *, parametres: Parametres) -> Quantity:
    """Make the quantity of a checked column of cents, within the declared bound."""
    maximum = parametres["montant_maximal_saisi"].valeurs[-1].valeur
    high = int(maximum * CENTIMES_PAR_EURO)
    return Quantity.column(column, low=0, high=high, scale=CENTIMES_PAR_EURO)
