"""The linear programs of the engine, solved by HiGHS, which is loaded at the first one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from egide.rules.secret_statistique.systeme import Ints, Systeme

Vector = NDArray[np.float64]


class SolveurAbsent(RuntimeError):
    """Raised when HiGHS is not installed: nothing can be proven, so nothing is released."""


def load_highs() -> Any:  # noqa: ANN401 - a compiled module without types
    """Load the solver, or say that nothing can be proven without it."""
    try:
        import highspy  # noqa: PLC0415 - half a second that only a protection pays
    except ImportError as error:
        raise SolveurAbsent("le solveur HiGHS (paquet highspy) n’est pas installé") from error
    return highspy


class Programme:
    """Deviations of some cells that keep every equation and no negative value.

    `costs` splits each deviation in a rise and a fall, so that both have a price; without it a
    deviation is one variable and only `aim` gives it a weight. All others cells do not move.
    """

    def __init__(self, systeme: Systeme, *, cells: Ints, costs: Vector | None = None) -> None:
        self._highs = load_highs()
        self._size, self._cells, self._split = systeme.size, cells, costs is not None
        self._column = np.full(systeme.size, -1, np.int64)
        self._column[cells] = np.arange(len(cells))
        self._depth = systeme.valeurs[cells].astype(np.float64)
        self._solver = self._highs.Highs()
        primal = {} if self._split else {"simplex_strategy": 2 + 2}  # primal: only aims change
        options = {"output_flag": False, "presolve": "off", "solver": "simplex", "threads": 1}
        for name, value in (options | primal).items():
            self._solver.setOptionValue(name, value)
        self._solver.passModel(self._model(systeme, costs))

    def _model(self, systeme: Systeme, costs: Vector | None) -> Any:  # noqa: ANN401 - see load_highs
        rows, columns, signs = self._entries(systeme)
        kept, rows = np.unique(rows, return_inverse=True)
        count, endless = len(self._cells), np.full(len(self._cells), self._highs.kHighsInf)
        lp = self._highs.HighsLp()
        if costs is None:
            lp.col_cost_ = np.zeros(count)
            lp.col_lower_, lp.col_upper_ = -self._depth, endless
        else:
            rows, columns = np.tile(rows, 2), np.concatenate([columns, columns + count])
            signs = np.concatenate([signs, -signs])
            lp.col_cost_ = np.tile(costs, 2)
            lp.col_lower_ = np.zeros(2 * count)
            lp.col_upper_ = np.concatenate([endless, self._depth])
        lp.num_col_, lp.num_row_ = len(lp.col_cost_), len(kept)
        lp.row_lower_ = lp.row_upper_ = np.zeros(len(kept))
        order = np.argsort(columns, kind="stable")
        lp.a_matrix_.format_ = self._highs.MatrixFormat.kColwise
        counts = np.bincount(columns, minlength=lp.num_col_)
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(counts)])
        lp.a_matrix_.index_, lp.a_matrix_.value_ = rows[order], signs[order].astype(np.float64)
        return lp

    def _entries(self, systeme: Systeme) -> tuple[Ints, Ints, Ints]:
        rows, members, signs = systeme.entries
        columns = self._column[members]
        inside = columns >= 0
        return rows[inside], columns[inside], signs[inside]

    def pin(self, rank: int, *, amount: int) -> None:
        """Force the deviation of a cell."""
        self._bound(rank, rise=(max(amount, 0), max(amount, 0)), fall=(-min(amount, 0),) * 2)

    def release(self, rank: int) -> None:
        """Let a cell move again."""
        depth = self._depth[self._column[rank]]
        self._bound(rank, rise=(0, self._highs.kHighsInf), fall=(0, depth))

    def limit(self, ranks: Sequence[int] | Ints, *, low: Ints, high: Ints) -> None:
        """Bound many deviations at once (programs of one variable a cell)."""
        columns = self._column[ranks].astype(np.int32)
        least = np.maximum(low.astype(np.float64), -self._depth[columns])
        most = np.where(high < 0, self._highs.kHighsInf, high.astype(np.float64))
        self._solver.changeColsBounds(len(columns), columns, least, most)

    def _bound(self, rank: int, *, rise: tuple[Any, Any], fall: tuple[Any, Any]) -> None:
        column = int(self._column[rank])
        if self._split:
            self._solver.changeColBounds(column, *rise)
            self._solver.changeColBounds(column + len(self._cells), *fall)
        else:
            forced = rise[0] == rise[1]
            self._solver.changeColBounds(column, rise[0] - fall[1], rise[1] - fall[0] * forced)

    def price(self, rank: int, *, cost: Any) -> None:  # noqa: ANN401 - a number of the solver
        """Change what moving a cell costs."""
        column = int(self._column[rank])
        for place in (column, column + len(self._cells)):
            self._solver.changeColCost(place, cost)

    def aim(self, ranks: Ints, *, weights: Vector) -> None:
        """Look for the largest weighted sum of some deviations."""
        weight = np.zeros(len(self._cells))
        weight[self._column[ranks]] = -weights
        columns = np.arange(len(self._cells), dtype=np.int32)
        self._solver.changeColsCost(len(columns), columns, weight)

    def solve(self) -> Vector | None:
        """Give the best deviation of every cell, or nothing where there is none or no end."""
        if self._split:  # from rest, the dual simplex only touches the neighbours of what is forced
            self._solver.clearSolver()
        self._solver.run()
        if self._solver.getModelStatus() != self._highs.HighsModelStatus.kOptimal:
            return None
        found = np.array(self._solver.getSolution().col_value)
        count = len(self._cells)
        moves = np.zeros(self._size)
        moves[self._cells] = found[:count] - found[count:] if self._split else found
        return moves
