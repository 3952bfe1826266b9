"""What the screens say of a month that several rights share: their days, and whose they are."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from egide.kernel import notation
from egide.rules.apa.versement import Periode
from egide.systems.apa_ash.calculs.droit_du_mois import PartsDePeriode, PeriodeDue

SHARED_COLUMNS = (
    ("Mois", False),
    ("Jours du droit", False),
    ("Part de", False),
    ("Part", True),
)


def shared_rows(
    partages: Mapping[date, Sequence[PartsDePeriode]], *, names: Mapping[UUID, str]
) -> list[list[object]]:
    """Give what each right of the shared months gives to each payee, the last month first."""
    return [
        [
            notation.mois_court(mois),
            _days(days.periode),
            names[who] if who else "La personne",
            notation.euros(part),
        ]
        for mois in sorted(partages, reverse=True)
        for days in partages[mois]
        for who, part in days.parts.items()
    ]


def period_sums(periodes: Sequence[PeriodeDue]) -> list[dict[str, str]]:
    """Tell what each right of a month gives the payee of a line, then its part of the month."""
    if not periodes:
        return []
    rows = [
        {
            "label": (
                f"{_days(due.periode)}\u00a0: {due.jours_dus}\u00a0j dus sur "
                f"{due.jours_du_mois}, APA de {notation.euros(due.apa)} par mois"
            ),
            "value": notation.euros(due.part),
            "weight": "",
        }
        for due in periodes
    ]
    total = notation.euros(sum((due.part for due in periodes), Decimal(0)))
    return [*rows, {"label": "Part de ce bénéficiaire", "value": total, "weight": "big"}]


def _days(periode: Periode) -> str:
    last = (periode.fin or periode.debut) - timedelta(days=1)
    return notation.du_au(periode.debut, last)
