"""What its rights alone give a month, period by period, and what pays a payee next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from egide.rules.apa.repartition import split_montant
from egide.rules.apa.versement import DroitMensuel, Periode, montant_du, month_of, next_month
from egide.systems.apa_ash.calculs.effectivite import Faits
from egide.systems.apa_ash.calculs.hors_droit import Cause, find_causes
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire, Droit

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PeriodeDue:
    """The days of one right in a month: those that are due, the monthly allowance, the amount."""

    periode: Periode
    jours_dus: int
    jours_du_mois: int
    apa: Decimal
    montant: Decimal


@dataclass(frozen=True, slots=True)
class DroitDuMois:
    """What the rights of a month give to all its payees, and why it is no whole month."""

    periodes: Sequence[PeriodeDue]
    montant: Decimal
    causes: Sequence[Cause]


def tell_month(faits: Faits, *, mois: date) -> DroitDuMois:
    """Tell what the rights of a month give, one period a right, in the order of its days."""
    found = []
    for droit in sorted(faits.droits, key=lambda right: right.periode.debut):
        inside = droit.periode.within(month_of(mois))
        if inside:
            du = montant_du(
                mois,
                droit=DroitMensuel(droit.periode, droit.apa),
                interruptions=faits.interruptions,
                deces_on=faits.deces_on,
            )
            found.append(PeriodeDue(inside, du.jours_dus, du.jours_du_mois, droit.apa, du.montant))
    return DroitDuMois(found, faits.dus.of_month(mois).montant, find_causes(faits, mois=mois))


def next_payment(faits: Faits, payee: Beneficiaire, *, on: date) -> Decimal | None:
    """Give the most that a payee is paid next for a month; nothing once no right pays it.

    The right of the next month says it, whatever interrupts its payment for now; so does the
    current month, as long as it was not paid.
    """
    if faits.deces_on:
        return None
    following = month_of(next_month(on))
    ahead = [d for d in faits.droits if d.periode.within(following)]
    amounts = [_part(droit.apa, droit, payee) for droit in ahead]
    if not any(amounts):
        return None
    month = month_of(on)
    current = [d for d in faits.droits if d.periode.within(month)]
    if current and (month.debut, payee) not in faits.verses:
        last = max(current, key=lambda droit: droit.periode.debut)
        amounts.append(_part(faits.dus.of_month(on).montant, last, payee))
    return max(amounts)


def _part(montant: Decimal, droit: Droit, payee: Beneficiaire) -> Decimal:
    if not sum(droit.parts.values()):
        return ZERO if payee else montant
    return split_montant(montant, parts=droit.parts).get(payee, ZERO)
