"""The lone contributor: who is alone in a cell knows it, and the totals that hold nobody else."""

from egide.rules.secret_statistique.systeme import Systeme


class Ascendants:
    """The totals of each cell, climbed once asked."""

    def __init__(self, systeme: Systeme) -> None:
        self._valeurs = systeme.valeurs
        self._totals: dict[int, list[int]] = {}
        for total, parts in systeme.equations:
            for part in parts:
                self._totals.setdefault(part, []).append(total)

    def of(self, seul: int) -> set[int]:
        """Give the cell and the totals worth no more: its contributor is alone there too."""
        own, waiting = {seul}, [seul]
        while waiting:
            for total in self._totals.get(waiting.pop(), ()):
                if total not in own and self._valeurs[total] == self._valeurs[seul]:
                    own.add(total)
                    waiting.append(total)
        return own
