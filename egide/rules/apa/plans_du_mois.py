"""Measure what one payee delivered in a month on the plans that ask it (CASF L. 232-15, R. 232-17).

Several rights may share a month, each with its own plan: a decision at home takes effect on the day
of its notification (CASF L. 232-14).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.bornes import DECIMALES_DU_TAUX
from egide.rules.apa.effectivite import Prevu, Releve, montant_utilise
from egide.rules.money import round_half_up, round_to_cent


@dataclass(frozen=True, slots=True)
class PlanDuMois:
    """One plan over the days that its right gives a month: what it asks, and the rate it bears."""

    jours: int
    prevu: Prevu
    taux_participation: Decimal


@dataclass(frozen=True, slots=True)
class PlansDuMois:
    """The plans of a month that ask something of one payee, measured as one: their mean.

    A service reports by month: nobody knows under which right an hour was delivered. Hours count
    against each plan in proportion of those that it foresees for its days: what the plans cover is
    paid whole, and once. A plan alone is its own mean. At least one has a day.
    """

    plans: Sequence[PlanDuMois]

    @property
    def jours(self) -> int:
        """Count the days over which the payee is asked something."""
        return sum(plan.jours for plan in self.plans)

    @property
    def prevu(self) -> Prevu:
        """Give what a whole month asks on the mean, to the cent and to the hundredth of an hour."""
        if len(self.plans) == 1:
            return self.plans[0].prevu
        total, jours = self._total(), self.jours
        return Prevu(
            round_to_cent(Fraction(total.heures) / jours),
            round_to_cent(Fraction(total.montant_heures) / jours),
            round_to_cent(Fraction(total.montant_autres) / jours),
            total.forfait_global,
        )

    @property
    def taux_participation(self) -> Decimal:
        """Give the rate that the mean plan bears: each plan bears its own."""
        if len(self.plans) == 1:
            return self.plans[0].taux_participation
        return round_half_up(1 - self._kept(), places=DECIMALES_DU_TAUX)

    def is_received(self, releve: Releve) -> bool:
        """Tell whether what proves the service is there: hours where hours are planned, or invoice.

        An invoice alone does not prove hours: it says what is asked for, not what was delivered.
        """
        if any(plan.prevu.heures for plan in self.plans):
            return releve.heures is not None
        return not releve.empty

    def utilise(self, releve: Releve) -> Fraction:
        """Give the part of the mean plan that was used, exactly (`montant_utilise`)."""
        jours = self.jours
        return montant_utilise(self._total(), releve=releve.times(jours)) / jours

    def worth(self, releve: Releve) -> Decimal:
        """Give what the used part is worth, the person's participation deducted.

        Hours count at the tariffs of the plans and up to the hours planned; the person pays to the
        service the rate T of each of them. Rounded once, to the cent, half up.
        """
        return round_to_cent(self.utilise(releve) * self._kept())

    def due(self, part: Decimal, *, releve: Releve) -> Decimal:
        """Give what a payee is due for a month on what it delivered, at most its part of the month.

        The part is the payee's share of what the month is due: the ceilings, the days of each
        right, a stay in hospital, a suspension or a death already count in it. Plans used whole are
        worth it to the cent: the rate that a right keeps has eight decimals.
        """
        if self.utilise(releve) * self.jours == self._total().montant:
            return part
        return min(part, self.worth(releve))

    def _total(self) -> Prevu:
        """Add what the plans ask, each as many times as it has days: nothing is rounded."""
        if len(self.plans) == 1:
            return self.plans[0].prevu.times(self.plans[0].jours)
        counted = [plan.prevu.times(plan.jours) for plan in self.plans]
        return Prevu(
            sum((prevu.heures for prevu in counted), Decimal(0)),
            sum((prevu.montant_heures for prevu in counted), Decimal(0)),
            sum((prevu.montant_autres for prevu in counted), Decimal(0)),
            all(prevu.forfait_global for prevu in counted),
        )

    def _kept(self) -> Fraction:
        """Give what the person does not pay of an euro of the mean plan."""
        if len(self.plans) == 1:
            return 1 - Fraction(self.plans[0].taux_participation)
        total = Fraction(self._total().montant)
        borne = sum(
            (Fraction(p.prevu.montant) * p.jours * Fraction(p.taux_participation))
            for p in self.plans
        )
        return 1 - borne / total if total else Fraction(1)
