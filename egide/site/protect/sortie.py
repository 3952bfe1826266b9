"""Writes a protected table: every cell, its status, its value where it is published."""

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from egide.rules.money import round_half_up
from egide.rules.secret_statistique.audit import Intervalle

PLACES = 6
SANS_FIN = "inf"


def write_rows(target: Path, *, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write the rows of a table under their titles."""
    with target.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_bornes(found: Intervalle | None, *, valeur: int | None) -> list[str]:
    """Give the bounds of a cell: those of the attacker, or its value where it is published."""
    if found is None:
        return [str(valeur), str(valeur)]
    return [_plain(found.bas), SANS_FIN if found.haut is None else _plain(found.haut)]


def _plain(bound: Fraction) -> str:
    number = round_half_up(bound, places=PLACES)
    return f"{number.normalize() if number % 1 else number.quantize(Decimal(1))}"
