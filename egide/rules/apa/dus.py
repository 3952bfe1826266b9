"""What each month of one file is due: all its rights together, rounded once (CASF R. 232-30)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.versement import (
    DroitMensuel,
    Interruption,
    MontantDu,
    Periode,
    montant_du,
    month_of,
    next_month,
    part_of_month,
)
from egide.rules.money import round_to_cent


@dataclass(frozen=True, slots=True)
class DuMois:
    """What one month is due, and for how many of its days."""

    mois: date
    jours: int
    montant: Decimal


@dataclass(frozen=True, slots=True)
class Dus:
    """The rights of one file, what interrupts their payment and the death that ends them.

    A month that two rights share is one payment. Whoever rounds each right apart finds a cent that
    the run does not pay: everything that tells, pays or claims a month asks it here.
    """

    droits: Sequence[DroitMensuel]
    interruptions: Sequence[Interruption] = ()
    deces_on: date | None = None

    def of_month(self, mois: date) -> DuMois:
        """Compute what the month of a day is due, rounded to the cent, half up."""
        parts = self.by_right(mois)
        return DuMois(
            mois=month_of(mois).debut,
            jours=sum(part.jours_dus for part in parts),
            montant=round_to_cent(sum((part.exact for part in parts), Fraction(0))),
        )

    def by_right(self, mois: date) -> list[MontantDu]:
        """Compute what each right of the month of a day gives it, in the order of the rights."""
        month = month_of(mois)
        return [
            montant_du(mois, droit=droit, interruptions=self.interruptions, deces_on=self.deces_on)
            for droit in self.droits
            if droit.periode.within(month)
        ]

    def part_of(self, mois: date) -> Fraction:
        """Give the part of a whole month that is due: 1 where the right ran every day of it."""
        return part_of_month(mois, jours=self.of_month(mois).jours)

    def best_of(self, mois: date) -> Decimal:
        """Give the highest allowance of the rights of a month: it is due no more than that."""
        month = month_of(mois)
        apas = [droit.apa for droit in self.droits if droit.periode.within(month)]
        return max(apas, default=Decimal(0))

    def beyond(self, verses: Mapping[date, Decimal]) -> Decimal:
        """Add what was paid of months beyond what each is due."""
        excess = (max(paid - self.of_month(m).montant, Decimal(0)) for m, paid in verses.items())
        return sum(excess, Decimal(0))

    def between(self, start: date, *, end: date) -> Decimal:
        """Add what the months give from a day to the eve of another, each rounded once."""
        if start >= end:
            return Decimal(0)
        window = Periode(start, end)
        clipped = [
            replace(droit, periode=inside)
            for droit in self.droits
            if (inside := droit.periode.within(window))
        ]
        part, total = replace(self, droits=clipped), Decimal(0)
        mois = min((droit.periode.debut for droit in clipped), default=end).replace(day=1)
        while mois < end:
            total += part.of_month(mois).montant
            mois = next_month(mois)
        return total
