"""What SQL must be told beyond Ibis: wide integers, whole division, texts of amounts."""

from datetime import date
from decimal import Decimal
from typing import Any

import ibis

# A column is an ibis expression, most often deferred (`row.name`), so that a formula does not
# know the table it will run on.
Column = Any

# To run once on a connection. Ibis has no 128-bit integer, so they say int64.
MACROS = (
    "CREATE OR REPLACE TEMP MACRO egide_wide(n) AS n::HUGEINT",
    "CREATE OR REPLACE TEMP MACRO egide_pick(l, i) AS list_extract(l, i)::BIGINT",
    "CREATE OR REPLACE TEMP MACRO egide_cents(n) AS n::DECIMAL(16,0) * 0.01::DECIMAL(2,2)",
    "CREATE OR REPLACE TEMP MACRO egide_millionths(n) AS n::DECIMAL(12,0) * 0.000001::DECIMAL(6,6)",
)


# The bodies are in the engine, and ibis gives its decorator no type.
@ibis.udf.scalar.builtin(name="egide_wide")  # type: ignore[untyped-decorator]  # see above
def widen(n: int) -> int:  # type: ignore[empty-body]  # see above
    """Make a 128-bit integer of an integer."""


@ibis.udf.scalar.builtin(name="egide_wide")  # type: ignore[untyped-decorator]  # see above
def wide_literal(n: str) -> int:  # type: ignore[empty-body]  # see above
    """Make a 128-bit integer of its digits."""


@ibis.udf.scalar.builtin(name="divide")  # type: ignore[untyped-decorator]  # see above
def divide(n: int, d: int) -> int:  # type: ignore[empty-body]  # see above
    """Divide whole numbers; ibis would go through a binary fraction."""


@ibis.udf.scalar.builtin(name="egide_pick")  # type: ignore[untyped-decorator]  # see above
def pick(values: list[int], index: int) -> int:  # type: ignore[empty-body]  # see above
    """Take an integer of a list by its place, counted from 1."""


@ibis.udf.scalar.builtin(name="egide_cents")  # type: ignore[untyped-decorator]  # see above
def cents_as_euros(n: int) -> Decimal:  # type: ignore[empty-body]  # see above
    """Write a whole number of cents as an amount with two places."""


@ibis.udf.scalar.builtin(name="egide_millionths")  # type: ignore[untyped-decorator]  # see above
def millionths_as_rate(n: int) -> Decimal:  # type: ignore[empty-body]  # see above
    """Write a whole number of millionths as a rate with six places."""


@ibis.udf.scalar.builtin(name="last_day")  # type: ignore[untyped-decorator]  # see above
def last_day(on: date) -> date:  # type: ignore[empty-body]  # see above
    """Give the last day of the month of a day."""


@ibis.udf.scalar.builtin(name="list_extract")  # type: ignore[untyped-decorator]  # see above
def pick_text(values: list[str], index: int) -> str:  # type: ignore[empty-body]  # see above
    """Take a text of a list by its place, counted from 1."""
