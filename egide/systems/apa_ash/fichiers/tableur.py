"""A table for a spreadsheet: UTF-8 with its mark, semicolons, amounts with a dot, no formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

# What makes a spreadsheet take a cell for a formula, or for the rest of another cell.
FORMULE = ("=", "+", "-", "@", "\t", "\r")

Cell = str | Decimal | None


def write_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write one line per row under the names of its columns; None is an empty cell."""
    text = io.StringIO()
    table = csv.writer(text, delimiter=";", lineterminator="\r\n")
    table.writerow(columns)
    table.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return f"'{value}" if value.startswith(FORMULE) else value
