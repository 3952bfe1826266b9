"""A protected table: what is published of each cell, once the audit has found nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from egide.rules.secret_statistique.audit import (
    Intervalle,
    Violation,
    find_intervals,
    find_violations,
)
from egide.rules.secret_statistique.primaire import Sensibles
from egide.rules.secret_statistique.secondaire import Contraintes, find_suppression
from egide.rules.secret_statistique.systeme import Flags, Progress, Systeme, silent, tell


class Statut(StrEnum):
    """What becomes of a cell."""

    PUBLIE = "publie"
    SECRET_PRIMAIRE = "secret_primaire"  # noqa: S105 - a status, not a password
    SECRET_SECONDAIRE = "secret_secondaire"  # noqa: S105 - a status, not a password


class PublicationRefusee(ValueError):
    """Raised when the audit finds a cell that the release would betray: nothing is released."""

    def __init__(self, systeme: Systeme, violations: Sequence[Violation]) -> None:
        first = violations[0]
        super().__init__(
            f"{len(violations)} cellule(s) sans protection prouvée, "
            f"dont {tell(systeme.cles[first.rank])} : {first.motif}"
        )
        self.violations = tuple(violations)


@dataclass(frozen=True, eq=False)
class Masque:
    """The statuses of the cells of a system, proven; intervals where they were asked for."""

    systeme: Systeme
    sensibles: Sensibles
    secretes: Flags
    intervalles: Mapping[int, Intervalle]

    def statut(self, rank: int) -> Statut:
        """Give the status of a cell."""
        if not self.secretes[rank]:
            return Statut.PUBLIE
        primaire = self.sensibles.primaires[rank]
        return Statut.SECRET_PRIMAIRE if primaire else Statut.SECRET_SECONDAIRE

    def valeur(self, rank: int) -> int | None:
        """Give the value of a published cell."""
        return None if self.secretes[rank] else int(self.systeme.valeurs[rank])

    @property
    def primaires(self) -> int:
        """Count the cells under primary secrecy."""
        return int(self.sensibles.primaires.sum())

    @property
    def secondaires(self) -> int:
        """Count the cells hidden to protect others."""
        return int(self.secretes.sum()) - self.primaires

    @property
    def perte(self) -> tuple[int, int]:
        """Sum what secondary secrecy hides, and what could have been published."""
        open_cells = ~self.sensibles.primaires
        hidden = self.systeme.valeurs[open_cells & self.secretes].sum()
        return int(hidden), int(self.systeme.valeurs[open_cells].sum())


def protect(
    systeme: Systeme,
    *,
    sensibles: Sensibles,
    contraintes: Contraintes | None = None,
    audit: bool = False,
    progress: Progress = silent,
) -> Masque:
    """Hide what must be hidden, attack the result, and give it only if the attack fails."""
    systeme.check()
    found = find_suppression(
        systeme, sensibles=sensibles, contraintes=contraintes, progress=progress
    )
    violations = find_violations(
        systeme, secretes=found.secretes, sensibles=sensibles, directions=found.directions
    )
    if violations:
        raise PublicationRefusee(systeme, violations)
    intervalles = (
        find_intervals(systeme, secretes=found.secretes, progress=progress) if audit else {}
    )
    masque = Masque(systeme, sensibles, found.secretes, intervalles)
    if narrow := _too_narrow(masque):
        raise PublicationRefusee(systeme, narrow)
    return masque


def _too_narrow(masque: Masque) -> list[Violation]:
    """Compare the intervals, when they were computed, with what each protection asks."""
    valeurs, low, high = masque.systeme.valeurs, masque.sensibles.low, masque.sensibles.high
    return [
        Violation(rank, "l’intervalle recalculé est plus étroit que la protection")
        for rank, found in masque.intervalles.items()
        if masque.sensibles.primaires[rank]
        and (
            found.bas > int(valeurs[rank] - low[rank])
            or (found.haut is not None and found.haut < int(valeurs[rank] + high[rank]))
        )
    ]
