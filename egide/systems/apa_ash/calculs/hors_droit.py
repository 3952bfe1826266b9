"""Why a month gives less than what was paid of it: the end, the stop, the lower right."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from egide.rules.apa.versement import (
    Nature,
    Periode,
    month_of,
    next_month,
    suspended_by_hospital,
)
from egide.systems.apa_ash.calculs.effectivite import Faits

ONE_DAY = timedelta(days=1)
WHOLE = Fraction(1)


class Raison(StrEnum):
    """What takes away from a month."""

    FIN = "fin"
    BAISSE = "baisse"
    PLAN = "plan"
    SUSPENSION = "suspension"
    SEJOUR = "sejour"
    SANS_DROIT = "sans_droit"


@dataclass(frozen=True, slots=True)
class Cause:
    """One of the reasons of a month, and the day from which it counts."""

    raison: Raison
    depuis: date | None = None
    avant: Decimal | None = None
    apres: Decimal | None = None


def find_causes(faits: Faits, *, mois: date) -> list[Cause]:
    """Tell why a month gives less than a whole right would, in the order of its days."""
    month = month_of(mois)
    found = [*_rights(faits, mois=mois), *_stops(faits, month=month)]
    return found or [Cause(Raison.SANS_DROIT)]


def _rights(faits: Faits, *, mois: date) -> Iterator[Cause]:
    """Yield the ends that nothing follows, the lower rights, and the plans that name others."""
    fin = next_month(mois)
    rights = sorted(faits.droits, key=lambda droit: droit.periode.debut)
    for rank, right in enumerate(rights, start=1):
        after = rights[rank] if rank < len(rights) else None
        ended = right.periode.fin
        if ended is None or ended >= fin:
            continue
        if after is None or after.periode.debut > ended:
            # A gap that is over before the month takes nothing from it.
            if after is None or after.periode.debut > mois:
                yield Cause(Raison.FIN, ended - ONE_DAY)
        elif after.periode.within(month_of(mois)):
            if after.apa < right.apa:
                yield Cause(Raison.BAISSE, ended, right.apa, after.apa)
            # The days before keep the plan that they had: the month is shared, right by right.
            if ended > mois and after.split(WHOLE) != right.split(WHOLE):
                yield Cause(Raison.PLAN, ended)


def _stops(faits: Faits, *, month: Periode) -> Iterator[Cause]:
    for stop in faits.interruptions:
        if stop.nature == Nature.SUSPENSION and stop.periode.within(month):
            yield Cause(Raison.SUSPENSION, stop.periode.debut)
    stays = [i.periode for i in faits.interruptions if i.nature == Nature.HOSPITALISATION]
    for unpaid in suspended_by_hospital(stays, on=month.debut):
        if unpaid.within(month):
            yield Cause(Raison.SEJOUR, unpaid.debut)
