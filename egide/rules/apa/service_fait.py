"""Which services are paid on what they delivered, and from which month (CASF L. 232-15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

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
