"""Whole numbers on columns, each with the interval that it cannot leave."""

from dataclasses import dataclass

import ibis
from ibis.common.deferred import deferred

from egide.rules.engine import Column, divide, wide_literal, widen

BITS_64 = 2**63 - 1
BITS_128 = 2**127 - 1


class ColumnOverflow(OverflowError):
    """Raised when a formula could leave 128 bits for amounts within the declared bounds."""


@dataclass(frozen=True, eq=False, slots=True)
class Whole:
    """An integer, constant or column, with the interval it cannot leave."""

    expr: Column
    low: int
    high: int
    wide: bool = False

    @classmethod
    def constant(cls, value: int) -> "Whole":
        """Make the integer of a constant."""
        return cls(value, value, value, wide=abs(value) > BITS_64)

    @property
    def fixed(self) -> bool:
        """Tell whether the value is known when the formula is built."""
        return isinstance(self.expr, int)

    @property
    def sql(self) -> Column:
        """Give what a larger expression may hold: a constant beyond 64 bits goes as text."""
        return deferred(wide_literal(str(self.expr))) if self.fixed and self.wide else self.expr

    def _result(self, other: "Whole", low: int, high: int) -> tuple[Column, Column, bool]:
        # Widens the left operand when the result needs 128 bits and neither side has them.
        reach = max(abs(low), abs(high))
        if reach > BITS_128:
            raise ColumnOverflow(f"{reach} exceeds 128 bits")
        wide = self.wide or other.wide or reach > BITS_64
        left, right = self.sql, other.sql
        if reach > BITS_64 and not (self.wide or other.wide):
            if self.fixed:
                right = widen(right)
            else:
                left = widen(left)
        return left, right, wide

    def __add__(self, other: "Whole") -> "Whole":
        low, high = self.low + other.low, self.high + other.high
        if self.fixed and other.fixed:
            return Whole.constant(low)
        left, right, wide = self._result(other, low, high)
        return Whole(left + right, low, high, wide)

    def __sub__(self, other: "Whole") -> "Whole":
        low, high = self.low - other.high, self.high - other.low
        if self.fixed and other.fixed:
            return Whole.constant(low)
        left, right, wide = self._result(other, low, high)
        return Whole(left - right, low, high, wide)

    def __mul__(self, other: "Whole") -> "Whole":
        if other.fixed and other.low == 1:
            return self
        if self.fixed and self.low == 1:
            return other
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        low, high = min(corners), max(corners)
        if self.fixed and other.fixed:
            return Whole.constant(low)
        left, right, wide = self._result(other, low, high)
        return Whole(left * right, low, high, wide)

    def _sized(self, expr: Column, *, other: "Whole", low: int, high: int) -> "Whole":
        # A choice between two small constants is a 32-bit column for the engine, unless told.
        wide = self.wide or other.wide
        return Whole(expr if wide else expr.cast("int64"), low, high, wide)

    def least(self, other: "Whole") -> "Whole":
        """Give the smaller of two integers."""
        low, high = min(self.low, other.low), min(self.high, other.high)
        if self.fixed and other.fixed:
            return Whole.constant(low)
        return self._sized(ibis.least(self.sql, other.sql), other=other, low=low, high=high)

    def greatest(self, other: "Whole") -> "Whole":
        """Give the larger of two integers."""
        low, high = max(self.low, other.low), max(self.high, other.high)
        if self.fixed and other.fixed:
            return Whole.constant(low)
        return self._sized(ibis.greatest(self.sql, other.sql), other=other, low=low, high=high)

    def where(self, condition: Column, *, other: "Whole") -> "Whole":
        """Take this integer where a condition holds, another elsewhere."""
        low, high = min(self.low, other.low), max(self.high, other.high)
        expr = ibis.ifelse(condition, self.sql, other.sql)
        return self._sized(expr, other=other, low=low, high=high)

    def round_half_up(self, denominator: "Whole") -> "Whole":
        """Divide by a positive integer, rounding half up; both are never negative."""
        if self.low < 0 or denominator.low <= 0:
            raise ValueError("only a positive quotient is rounded on a column")
        two = Whole.constant(2)
        top, bottom = self * two + denominator, denominator * two
        high = top.high // bottom.low
        if top.fixed and bottom.fixed:
            return Whole.constant(high)
        quotient = divide(top.sql, bottom.sql)
        if high <= BITS_64:
            quotient = quotient.cast("int64")
        return Whole(quotient, 0, high, high > BITS_64)
