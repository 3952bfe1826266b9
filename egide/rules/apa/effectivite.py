"""Only the used part of a plan is due (CASF L. 232-4, R. 232-11, R. 232-17)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from egide.rules.money import round_to_cent

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Prevu:
    """What the plan asks of one service in a month: hours with their amount, and other aids."""

    heures: Decimal = ZERO
    montant_heures: Decimal = ZERO
    montant_autres: Decimal = ZERO

    @property
    def montant(self) -> Decimal:
        """Give the whole amount planned with the service."""
        return self.montant_heures + self.montant_autres


@dataclass(frozen=True, slots=True)
class Releve:
    """What the service reported for the month; None where it reported nothing of the kind."""

    heures: Decimal | None = None
    facture: Decimal | None = None

    @property
    def empty(self) -> bool:
        """Tell whether nothing at all was reported."""
        return self.heures is None and self.facture is None


def montant_utilise(prevu: Prevu, *, releve: Releve) -> Fraction:
    """Give the part of what was planned with one service that was used, exactly.

    Hours count at the tariffs of the plan, up to the hours planned; what is not counted in hours is
    proven by the invoice. Of hours and invoice, the lower binds: an hour invoiced and not delivered
    is not due, nor one delivered and not invoiced. Without any report nothing can be said: the plan
    stands, until proofs are asked for (CASF R. 232-15, R. 232-16).
    """
    used = Fraction(prevu.montant)
    if releve.heures is not None and prevu.heures:
        part = min(Fraction(releve.heures) / Fraction(prevu.heures), Fraction(1))
        used = part * Fraction(prevu.montant_heures) + Fraction(prevu.montant_autres)
    if releve.facture is not None:
        used = min(used, Fraction(releve.facture))
    return used


def montant_justifie(
    utilises: Iterable[Fraction], *, taux_participation: Decimal, du: Decimal
) -> Decimal:
    """Give what is really due for a month: used × (1 − T), never above what was due at most.

    `du` is what the right gave for the month, hospital stays, suspensions and death deducted.
    Rounded once, to the cent, half up.
    """
    used = sum(utilises, Fraction(0))
    return min(du, round_to_cent(used * (1 - Fraction(taux_participation))))
