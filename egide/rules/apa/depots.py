"""From when a posted letter runs against whoever receives it, when its post is told late."""

from dataclasses import dataclass
from datetime import date, timedelta

from egide.rules.apa.controle import jours_pour_noter_un_depot


@dataclass(frozen=True, slots=True)
class Depot:
    """The day on which a letter was posted, and the one on which an agent said so."""

    poste_on: date
    constate_on: date

    @property
    def opposable_on(self) -> date:
        """Give the day from which its delays run: told late, no earlier than a few days before."""
        few = timedelta(days=jours_pour_noter_un_depot(self.constate_on))
        return max(self.poste_on, self.constate_on - few)
