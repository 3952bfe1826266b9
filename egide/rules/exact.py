"""Exact rational arithmetic on columns: one formula serves a Fraction and a column of integers.

A `Quantity` is numerator / (scale × denominators), all of them integers. Every operation carries
the interval in which the integer lies, so that the SQL uses 64 bits where they are enough, 128
where they are needed, and a formula that could overflow 128 bits fails when it is built.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import Any, TypeVar, overload

import ibis
import ibis.expr.types as ir
from ibis import _ as row

from egide.rules.engine import Column, pick, pick_text
from egide.rules.money import CENTIMES_PAR_EURO, round_to_cent
from egide.rules.whole import Whole


@dataclass(frozen=True, eq=False, slots=True)
class Quantity:
    """An exact rational number, constant or column."""

    num: Whole
    scale: int
    dens: Mapping[Whole, int]

    @classmethod
    def of(cls, value: Fraction | int) -> "Quantity":
        """Make the quantity of a constant."""
        exact = Fraction(value)
        return cls(Whole.constant(exact.numerator), exact.denominator, {})

    @classmethod
    def column(cls, expr: Column, *, low: int, high: int, scale: int) -> "Quantity":
        """Make the quantity of an integer column that counts 1/scale-ths."""
        return cls(Whole(expr, low, high), scale, {})

    def aligned(self, other: "Quantity") -> tuple[Whole, Whole, int, dict[Whole, int]]:
        """Give two numerators over one common denominator."""
        scale = lcm(self.scale, other.scale)
        dens = dict(self.dens)
        for den, power in other.dens.items():
            dens[den] = max(power, dens.get(den, 0))
        return self.over_common(scale, dens), other.over_common(scale, dens), scale, dens

    def over_common(self, scale: int, dens: Mapping[Whole, int]) -> Whole:
        """Give the numerator over a denominator that is a multiple of its own."""
        num = self.num * Whole.constant(scale // self.scale)
        for den, power in dens.items():
            for _ in range(power - self.dens.get(den, 0)):
                num = num * den
        return num

    def __add__(self, other: "Quantity | int") -> "Quantity":
        left, right, scale, dens = self.aligned(_quantity(other))
        return Quantity(left + right, scale, dens)

    def __sub__(self, other: "Quantity | int") -> "Quantity":
        left, right, scale, dens = self.aligned(_quantity(other))
        return Quantity(left - right, scale, dens)

    def __rsub__(self, other: int) -> "Quantity":
        return _quantity(other) - self

    def __mul__(self, other: "Quantity | int") -> "Quantity":
        factor = _quantity(other)
        dens = dict(self.dens)
        for den, power in factor.dens.items():
            dens[den] = dens.get(den, 0) + power
        return Quantity(self.num * factor.num, self.scale * factor.scale, dens)

    def __truediv__(self, other: "Quantity") -> "Quantity":
        if other.num.low <= 0:
            raise ValueError("a column is divided by a positive quantity only")
        common = gcd(self.scale, other.scale)
        num = self.num * Whole.constant(other.scale // common)
        dens = dict(self.dens)
        for den, power in other.dens.items():
            for _ in range(power):
                if dens.get(den, 0):
                    dens[den] -= 1
                else:
                    num = num * den
        scale = self.scale // common
        if other.num.fixed:
            return Quantity(num, scale * other.num.low, dens)
        return Quantity(num, scale, {**dens, other.num: dens.get(other.num, 0) + 1})

    def least(self, other: "Quantity") -> "Quantity":
        """Give the smaller of two quantities."""
        left, right, scale, dens = self.aligned(other)
        return Quantity(left.least(right), scale, dens)

    def greatest(self, other: "Quantity") -> "Quantity":
        """Give the larger of two quantities."""
        left, right, scale, dens = self.aligned(other)
        return Quantity(left.greatest(right), scale, dens)

    def over(self, unit: int) -> tuple[Whole, Whole]:
        """Give numerator and denominator of the quantity counted in 1/unit-ths."""
        common = gcd(unit, self.scale)
        bottom = Whole.constant(self.scale // common)
        for den, power in self.dens.items():
            bottom = reduce(Whole.__mul__, [den] * power, bottom)
        return self.num * Whole.constant(unit // common), bottom

    def round_half_up(self, *, unit: int = CENTIMES_PAR_EURO) -> Whole:
        """Count the quantity in 1/unit-ths (cents by default), rounding half up."""
        top, bottom = self.over(unit)
        return top.round_half_up(bottom)


Quantities = Mapping[str, Quantity]


def lookup(values: list[int], *, index: Column) -> Whole:
    """Take one of several constants by its number in the list, counted from 1."""
    if len(set(values)) == 1:
        return Whole.constant(values[0])
    expr = pick(ibis.literal(values, type="array<int64>"), index)
    return Whole(expr, min(values), max(values))


def lookup_text(values: list[str], *, index: Column) -> Column:
    """Take one of several texts by its number in the list, counted from 1."""
    return pick_text(ibis.literal(values, type="array<string>"), index)


def lookup_fractions(values: list[Fraction], *, index: Column) -> Quantity:
    """Take one of several exact constants by its number in the list, counted from 1."""
    scale = lcm(*(value.denominator for value in values))
    whole = lookup([int(value * scale) for value in values], index=index)
    return Quantity(whole, scale, {})


def choose(condition: Column, *, then: Quantity, other: Quantity) -> Quantity:
    """Take one quantity where a condition holds, another elsewhere."""
    left, right, scale, dens = then.aligned(other)
    return Quantity(left.where(condition, other=right), scale, dens)


def keep(table: ir.Table, *, quantities: Mapping[str, Quantity]) -> tuple[ir.Table, Quantities]:
    """Compute quantities once, as columns of the table, and give back those columns."""
    columns = {nom: item.num.expr for nom, item in quantities.items() if not item.num.fixed}
    kept = {
        nom: Quantity(replace(item.num, expr=row[nom]), item.scale, item.dens)
        if nom in columns
        else item
        for nom, item in quantities.items()
    }
    return table.mutate(**columns), kept


# A formula is written on N: mypy checks it once for a case (Fraction) and once for a column.
N = TypeVar("N", Fraction, Quantity)


def _quantity(value: "Quantity | int") -> Quantity:
    return value if isinstance(value, Quantity) else Quantity.of(value)


@overload
def least(a: Fraction, b: Fraction) -> Fraction: ...
@overload
def least(a: Quantity, b: Quantity) -> Quantity: ...
def least(a: Any, b: Any) -> Any:
    """Give the smaller of two numbers, on a case or on a column."""
    return a.least(b) if isinstance(a, Quantity) else min(a, b)


@overload
def greatest(a: Fraction, b: Fraction) -> Fraction: ...
@overload
def greatest(a: Quantity, b: Quantity) -> Quantity: ...
def greatest(a: Any, b: Any) -> Any:
    """Give the larger of two numbers, on a case or on a column."""
    return a.greatest(b) if isinstance(a, Quantity) else max(a, b)


@overload
def number(like: Fraction, *, value: int) -> Fraction: ...
@overload
def number(like: Quantity, *, value: int) -> Quantity: ...
def number(like: Any, *, value: int) -> Any:
    """Make a whole number of the same kind as another number."""
    return Quantity.of(value) if isinstance(like, Quantity) else Fraction(value)


def clamp(value: N) -> N:
    """Bring a number between 0 and 1."""
    return least(greatest(value, number(value, value=0)), number(value, value=1))


@overload
def at_cent(value: Fraction) -> Fraction: ...
@overload
def at_cent(value: Quantity) -> Quantity: ...
def at_cent(value: Any) -> Any:
    """Round to the cent, half a cent going up, where a later step rests on the rounded amount."""
    if isinstance(value, Quantity):
        return Quantity(value.round_half_up(), CENTIMES_PAR_EURO, {})
    return Fraction(round_to_cent(value))
