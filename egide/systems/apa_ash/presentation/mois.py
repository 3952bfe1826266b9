"""What each of the last months of a file was due, and the plot of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from egide.kernel import notation
from egide.rules.apa.delais import add_months
from egide.rules.apa.dus import DuMois
from egide.rules.apa.versement import month_of, next_month
from egide.systems.apa_ash.queries.decision import Situation, dus_of

MOIS_MONTRES = 12
CHART_HEIGHT = 120
BAR_STEP = 46
BAR_WIDTH = 34


@dataclass(frozen=True, slots=True)
class Mois:
    """One month as it is due, with the place of its bar in the plot."""

    mois: date
    jours: int
    montant: Decimal
    x: int
    y: int
    height: int

    @property
    def centre(self) -> int:
        """Give the middle of the bar, under which the month is written."""
        return self.x + BAR_WIDTH // 2

    @property
    def court(self) -> str:
        """Write the month in short."""
        return notation.MOIS_COURTS[self.mois.month - 1]

    @property
    def libelle(self) -> str:
        """Write the month in full."""
        return f"{notation.MOIS[self.mois.month - 1]}\u00a0{self.mois.year}"


def list_months(situation: Situation, *, on: date) -> list[Mois]:
    """Compute what the last twelve months of the rights give, stays and suspensions included."""
    dus = dus_of(situation)
    if not dus.droits:
        return []
    last = month_of(on).debut
    first = max(
        add_months(last, months=1 - MOIS_MONTRES),
        min(droit.periode.debut for droit in dus.droits).replace(day=1),
    )
    found: list[DuMois] = []
    mois = first
    while mois <= max(last, first):
        found.append(dus.of_month(mois))
        mois = next_month(mois)
    return _draw(found)


def _draw(found: list[DuMois]) -> list[Mois]:
    highest = max(due.montant for due in found) or Decimal(1)
    drawn = []
    for rank, due in enumerate(found):
        height = int(due.montant * CHART_HEIGHT / highest)
        x = rank * BAR_STEP + (BAR_STEP - BAR_WIDTH) // 2
        drawn.append(Mois(due.mois, due.jours, due.montant, x, CHART_HEIGHT - height, height))
    return drawn
