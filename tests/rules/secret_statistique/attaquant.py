"""Attackers that share nothing with the engine: an exact simplex, and the list of all tables."""

from fractions import Fraction
from itertools import product


def equations_of(shape_codes, groups):
    """List « total = parts » of a product of dimensions, from their groups, by plain loops."""
    found = []
    for axis, parts_of in enumerate(groups):
        for total, parts in parts_of.items():
            others = [codes if n != axis else [total] for n, codes in enumerate(shape_codes)]
            for cell in product(*others):
                moved = [(*cell[:axis], part, *cell[axis + 1 :]) for part in parts]
                found.append((cell, moved))
    return found


class Attaquant:
    """Who knows the published cells, that parts add up to totals, and that nothing is negative."""

    def __init__(self, published, equations):
        self.published = published
        self.hidden = sorted(
            {cell for total, parts in equations for cell in (total, *parts)} - set(published)
        )
        self.rows = []
        for total, parts in equations:
            row, known = dict.fromkeys(self.hidden, 0), 0
            for cell, sign in [(total, 1), *((part, -1) for part in parts)]:
                if cell in published:
                    known -= sign * published[cell]
                else:
                    row[cell] += sign
            self.rows.append(([Fraction(row[cell]) for cell in self.hidden], Fraction(known)))

    def interval(self, cell, *, knowing=None):
        """Compute the least and the greatest that a hidden cell can be, exactly."""
        rows = list(self.rows)
        for name, value in (knowing or {}).items():
            rows.append(([Fraction(name == other) for other in self.hidden], Fraction(value)))
        goal = [Fraction(name == cell) for name in self.hidden]
        low = maximum([-g for g in goal], rows)
        high = maximum(goal, rows)
        return -low, high


def whole_squares(published, *, codes, most):
    """List by brute force the two-by-two tables of whole numbers with the published cells."""
    rows, columns = codes
    for values in product(range(most + 1), repeat=4):
        square = dict(zip(product(rows[1:], columns[1:]), values, strict=True))
        for row in rows[1:]:
            square[row, columns[0]] = sum(square[row, column] for column in columns[1:])
        for column in columns:
            square[rows[0], column] = sum(square[row, column] for row in rows[1:])
        if all(square[cell] == value for cell, value in published.items()):
            yield square


def maximum(goal, rows):
    """Maximise over equations and x >= 0 by the two-phase simplex, Bland's rule, fractions."""
    table = [[*(x if known >= 0 else -x for x in row), abs(known)] for row, known in rows]
    count, width = len(table), len(goal)
    for n, row in enumerate(table):
        row[width:width] = [Fraction(n == m) for m in range(count)]
    basis = [width + n for n in range(count)]
    first = [Fraction(0)] * width + [Fraction(-1)] * count + [Fraction(0)]
    assert _climb(table, basis, first, width + count) == 0, "the published table is impossible"
    for n in range(
        count
    ):  # an artificial variable left at zero leaves the basis, or its row is void
        if basis[n] >= width:
            entering = next((j for j in range(width) if table[n][j]), None)
            if entering is not None:
                _pivot(table, basis, n, entering)
    kept = [n for n in range(count) if basis[n] < width]
    table = [table[n][:width] + table[n][-1:] for n in kept]
    basis = [basis[n] for n in kept]
    return _climb(table, basis, [*goal, Fraction(0)], width)


def _climb(table, basis, goal, width):
    while True:
        reduced = list(goal)
        for row, name in zip(table, basis, strict=True):
            if goal[name]:
                reduced = [r - goal[name] * x for r, x in zip(reduced, row, strict=True)]
        entering = next((j for j in range(width) if reduced[j] > 0), None)
        if entering is None:
            return -reduced[-1]
        ratios = [
            (row[-1] / row[entering], basis[n], n)
            for n, row in enumerate(table)
            if row[entering] > 0
        ]
        if not ratios:
            return float("inf")
        _pivot(table, basis, min(ratios)[2], entering)


def _pivot(table, basis, leaving, entering):
    pivot = table[leaving][entering]
    table[leaving] = [x / pivot for x in table[leaving]]
    for n, row in enumerate(table):
        if n != leaving and row[entering]:
            factor = row[entering]
            table[n] = [x - factor * y for x, y in zip(row, table[leaving], strict=True)]
    basis[leaving] = entering
