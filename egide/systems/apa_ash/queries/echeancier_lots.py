"""What the runs of a service hold already: paid, set aside, owed back; and over which days."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Max, Q, QuerySet, Sum

from egide.kernel.access.passage import Passage
from egide.rules.apa import versement
from egide.rules.apa.arrieres import MOIS_D_ARRIERE, previous_month
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.policy import DROITS, INDUS, PAIEMENTS

A_RISE = Q(anomalie__contains=Anomalie.HAUSSE)


@dataclass(frozen=True, slots=True)
class Scope:
    """One service and one month, with the window in which an arrear may lie."""

    passage: Passage
    service_id: UUID
    mois: date
    # The run that is looked at again: what it pays itself is not paid before it.
    sauf: UUID | None = None

    @property
    def window(self) -> DateRange:
        """Give the days that the run may pay."""
        debut = previous_month(self.mois, back=MOIS_D_ARRIERE)
        return DateRange(debut, versement.next_month(self.mois))

    @property
    def changes_since(self) -> date:
        """Give the day from which a new account may not have been paid yet.

        A run may be prepared a month ahead: the day of the agent counts then, not the month paid.
        """
        return previous_month(min(self.mois, self.passage.on.replace(day=1)))

    def is_new(self, entered_on: date | None, *, by: UUID | None, paid: bool) -> bool:
        """Tell whether an account that an agent entered is lately so, or was never paid.

        However long ago it was entered, nobody looked at it before a first payment.
        """
        lately = entered_on is not None and entered_on >= self.changes_since
        return lately or (not paid and (entered_on is not None or by is not None))

    def droits(self) -> QuerySet[Any]:
        """Select the rights of the window."""
        return DROITS.rows(self.passage).filter(
            service_id=self.service_id, periode__overlap=self.window
        )


class Runs:
    """What the runs that stand pay of each month to each payee, and whom they set aside."""

    def __init__(self, scope: Scope) -> None:
        """Read the lines of the window, set aside or not, in one statement."""
        self.payes: dict[UUID, dict[date, dict[Beneficiaire, Decimal]]] = defaultdict(dict)
        self.ecartes: dict[UUID, dict[date, set[Beneficiaire]]] = defaultdict(dict)
        self._mois_precedent = previous_month(scope.mois)
        self._regardes: dict[UUID, dict[Beneficiaire, Decimal]] = defaultdict(dict)
        for dossier_id, mois, who, ecarte, total, regarde in (
            _of_runs(scope)
            .filter(mois_du__gte=scope.window.lower)
            .values_list("dossier_id", "mois_du", "prestataire_id", "ecarte")
            .annotate(total=Sum("montant_brut"), regarde=Max("montant_brut", filter=~A_RISE))
            .order_by()
        ):
            if not ecarte:
                self.payes[dossier_id].setdefault(mois, {})[who] = total
                continue
            self.ecartes[dossier_id].setdefault(mois, set()).add(who)
            if mois == self._mois_precedent and regarde is not None:
                self._regardes[dossier_id][who] = regarde

    def du_mois_precedent(self, dossier_id: UUID) -> Decimal | None:
        """Total what the month before paid a file, or set aside for another reason than its rise.

        A part set aside waits: paid with the next month, it makes no rise. One set aside because it
        rose, or that nobody was given a reason to pay, is told again.
        """
        paid = self.payes.get(dossier_id, {}).get(self._mois_precedent, {})
        known = {**self._regardes.get(dossier_id, {}), **paid}
        return sum(known.values(), Decimal(0)) if known else None


def _of_runs(scope: Scope) -> QuerySet[Any]:
    """Select the lines that pay months: an invoice counts in none."""
    return (
        PAIEMENTS.rows(scope.passage)
        .filter(service_id=scope.service_id, facture__isnull=True)
        .exclude(Q(lot__etat=EtatLot.ABANDONNE) | Q(lot_id=scope.sauf))
    )


def read_debts(scope: Scope) -> dict[UUID, dict[Beneficiaire, Decimal]]:
    """Total what is still owed back, by file and payee."""
    rows = (
        INDUS.rows(scope.passage)
        .filter(
            service_id=scope.service_id,
            etat=EtatIndu.NOTIFIE,
            prescrit_on__gt=scope.passage.on,
        )
        .values("dossier_id", "prestataire_id")
        .annotate(owed=Sum(F("montant") - F("retire") - F("recouvre") - F("remis")))
        .order_by()
    )
    found: dict[UUID, dict[Beneficiaire, Decimal]] = defaultdict(dict)
    for row in rows:
        found[row["dossier_id"]][row["prestataire_id"]] = row["owed"]
    return found


def read_recorded(scope: Scope) -> dict[UUID, dict[date, Decimal]]:
    """Total what was recorded as an excess of each month, and not withdrawn since, by file."""
    rows = (
        INDUS.rows(scope.passage)
        .filter(service_id=scope.service_id, mois__gte=scope.window.lower)
        .exclude(etat=EtatIndu.RETIRE)
        .values_list("dossier_id", "mois")
        .annotate(total=Sum(F("montant") - F("retire")))
        .order_by()
    )
    found: dict[UUID, dict[date, Decimal]] = defaultdict(dict)
    for dossier_id, mois, total in rows:
        found[dossier_id][mois] = total
    return found
