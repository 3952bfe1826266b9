"""Pay a service on what it delivered, not on what was planned (CASF L. 232-15, R. 232-17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Generic, TypeVar

from egide.rules.apa.effectivite import Prevu, Releve, montant_utilise
from egide.rules.money import round_to_cent

K = TypeVar("K")


class Reglement(StrEnum):
    """How a service is paid: its part of the plan each month, or the hours that it reported."""

    PLAN = "plan"
    SERVICE_FAIT = "service_fait"


@dataclass(frozen=True, slots=True)
class Reglements(Generic[K]):
    """From which months each service is paid in which way, the earliest first.

    A service of which nothing is said is paid on the plan.
    """

    choix: Mapping[K, Sequence[tuple[date, Reglement]]]

    def ever_service_fait(self) -> list[K]:
        """List those that a month at least pays on what they delivered."""
        return [
            who
            for who, choix in self.choix.items()
            if any(reglement is Reglement.SERVICE_FAIT for _, reglement in choix)
        ]

    def service_fait(self, who: K, *, mois: date) -> bool:
        """Tell whether a month is paid to a service on what it delivered."""
        chosen = Reglement.PLAN
        for depuis, reglement in self.choix.get(who, ()):
            if depuis <= mois:
                chosen = reglement
        return chosen is Reglement.SERVICE_FAIT


def is_received(prevu: Prevu, *, releve: Releve) -> bool:
    """Tell whether what proves the service is there: hours where hours are planned, or an invoice.

    An invoice alone does not prove hours: it says what is asked for, not what was delivered.
    """
    return releve.heures is not None if prevu.heures else not releve.empty


def montant_du_service(
    prevu: Prevu, *, releve: Releve, taux_participation: Decimal | Fraction
) -> Decimal:
    """Give what the delivered part of a plan is worth, the person's participation deducted.

    Hours count at the tariffs of the plan and up to the hours planned (`montant_utilise`); the
    person pays to the service the rate T of each of them. Rounded once, to the cent, half up.
    """
    used = montant_utilise(prevu, releve=releve)
    return round_to_cent(used * (1 - Fraction(taux_participation)))


def montant_service_fait(
    part: Decimal, *, prevu: Prevu, releve: Releve, taux_participation: Decimal
) -> Decimal:
    """Give what a service is paid for a month on what it delivered, at most its part of the month.

    The part is the service's share of what the month is due: the ceiling, a stay in hospital, a
    suspension or a death already count in it. A plan used whole is worth it to the cent: the rate
    that a right keeps has eight decimals.
    """
    if montant_utilise(prevu, releve=releve) == prevu.montant:
        return part
    worth = montant_du_service(prevu, releve=releve, taux_participation=taux_participation)
    return min(part, worth)
