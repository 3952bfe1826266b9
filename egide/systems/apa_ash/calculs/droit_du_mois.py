"""What its rights alone give a month, period by period, and what pays a payee next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.repartition import split_montant
from egide.rules.apa.versement import Periode, month_of, next_month
from egide.rules.money import round_to_cent
from egide.systems.apa_ash.calculs.effectivite import Faits
from egide.systems.apa_ash.calculs.hors_droit import Cause, find_causes
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire, PartsDuMois

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PeriodeDue:
    """The days of one right in a month: those that are due, the monthly allowance, the amount.

    `part` is what of this amount is the payee's that is asked about.
    """

    periode: Periode
    jours_dus: int
    jours_du_mois: int
    apa: Decimal
    montant: Decimal
    part: Decimal


@dataclass(frozen=True, slots=True)
class PartsDePeriode:
    """The days of one right in a month, and what they give to each of those that it names."""

    periode: Periode
    parts: Mapping[Beneficiaire, Decimal]


@dataclass(frozen=True, slots=True)
class DroitDuMois:
    """What the rights of a month give to all its payees, and why it is no whole month."""

    periodes: Sequence[PeriodeDue]
    montant: Decimal
    causes: Sequence[Cause]
    # Whether a plan of the month names the payee: where none does, it is held to no part.
    nomme: bool


def tell_month(faits: Faits, payee: Beneficiaire, *, mois: date) -> DroitDuMois:
    """Tell what the rights of a month give, one period a right, in the order of its days."""
    shared = faits.parts_of(mois)
    return DroitDuMois(
        tell_periods(shared, payee),
        shared.montant,
        find_causes(faits, mois=mois),
        shared.planned and payee in shared.parts(),
    )


def tell_periods(shared: PartsDuMois, payee: Beneficiaire) -> list[PeriodeDue]:
    """Give what each right of a month gives, and to a payee: its parts add up to its share."""
    month = month_of(shared.mois)
    exact = dict(enumerate(shared.exact_of(payee)))
    share = shared.parts().get(payee, ZERO)
    parts = split_montant(share, parts=exact) if share else {}
    return [
        PeriodeDue(
            tranche.droit.periode.within(month) or month,
            tranche.jours,
            len(month.days()),
            tranche.droit.apa,
            round_to_cent(tranche.exact),
            parts.get(rank, ZERO),
        )
        for rank, tranche in enumerate(shared.tranches)
    ]


def tell_payees(shared: PartsDuMois) -> list[PartsDePeriode]:
    """Give whose the days of each right of a month are: to each payee, the parts of its share."""
    payees = shared.parts()
    told = {who: tell_periods(shared, who) for who in payees}
    return [
        PartsDePeriode(
            days.periode, {who: told[who][rank].part for who in told if told[who][rank].part}
        )
        for rank, days in enumerate(next(iter(told.values())))
    ]


def next_payment(faits: Faits, payee: Beneficiaire, *, on: date) -> Decimal | None:
    """Give the most that a payee is paid next for a month; nothing once no right pays it.

    The rights of the next month say it, whatever interrupts their payment for now; so do those of
    the current month, as long as it was not paid.
    """
    if faits.deces_on:
        return None
    ahead = replace(faits, interruptions=()).parts_of(next_month(on))
    amount = _whole(ahead, payee) if len(ahead.droits) == 1 else ahead.parts().get(payee, ZERO)
    if not amount:
        return None
    current = faits.parts_of(on)
    unpaid = current.droits and (current.mois, payee) not in faits.verses
    return max(amount, current.parts().get(payee, ZERO)) if unpaid else amount


def _whole(ahead: PartsDuMois, payee: Beneficiaire) -> Decimal:
    """Give what one right pays of a whole month, even where it ends within."""
    (droit,) = ahead.droits
    parts = droit.split(Fraction(droit.apa))
    return split_montant(droit.apa, parts=parts).get(payee, ZERO) if droit.apa else ZERO
