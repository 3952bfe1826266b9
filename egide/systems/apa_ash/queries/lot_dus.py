"""What the months of a run are due today: stays, suspensions, ended rights, new hours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from egide.kernel.access.passage import Passage
from egide.rules.apa.versement import Interruption, Nature, Periode
from egide.systems.apa_ash.calculs.echeancier import Situation
from egide.systems.apa_ash.calculs.parts_du_mois import (
    Beneficiaire,
    ServiceFait,
    left_of_month,
)
from egide.systems.apa_ash.models import LotPaiement
from egide.systems.apa_ash.policy import INTERRUPTIONS, LIGNES_PLAN
from egide.systems.apa_ash.queries.echeancier_lots import Scope, read_recorded
from egide.systems.apa_ash.queries.echeancier_plans import RIGHT, Plans
from egide.systems.apa_ash.queries.service_fait import read_service_fait

Rows = Mapping[UUID, list[dict[str, Any]]]
DEATH = "dossier__identite__deces_on"


class DusDuLot:
    """The due of each month as a preparation would compute it now, without its debts and accounts.

    Plans are read for the files alone that a service paid on its hours may concern, or of which an
    excess was recorded: elsewhere who is paid does not move what is due.
    """

    def __init__(self, passage: Passage, lot: LotPaiement) -> None:
        """Read all at once, in seven statements at most."""
        scope = Scope(passage, lot.service_id, lot.mois)
        self._stops = _rows(
            INTERRUPTIONS.rows(passage)
            .filter(service_id=lot.service_id, periode__overlap=scope.window)
            .values("dossier_id", "nature", "periode")
        )
        # A death that the preparation saw shortens what is due even where the right still runs.
        self._rights = _rows(scope.droits().values(*RIGHT, DEATH))
        reglements, self._reported = read_service_fait(
            passage, service_id=lot.service_id, since=scope.window.lower
        )
        self._silent = ServiceFait(reglements)
        self._recorded = read_recorded(scope)
        on_hours = [who for who in reglements.ever_service_fait() if who]
        concerned = LIGNES_PLAN.rows(passage).filter(
            Q(prestataire_id__in=on_hours) | Q(dossier_id__in=list(self._recorded)),
            service_id=lot.service_id,
        )
        self._plans = Plans(scope, dossiers=concerned.values("dossier_id"))
        self._situations: dict[UUID, Situation] = {}

    def may_move(self, dossier_id: UUID) -> bool:
        """Tell whether something may have moved: one right that runs on owes what it owed."""
        rights = self._rights.get(dossier_id, ())
        lasting = [row for row in rights if row["periode"].upper is None]
        return (
            dossier_id in self._stops
            or not lasting
            or len(rights) > 1
            or dossier_id in self._plans.dossiers
        )

    def of(self, dossier_id: UUID, mois: date) -> Decimal:
        """Give what a month is due, to all its payees."""
        return sum(self._situation(dossier_id).shares(mois).values(), Decimal(0))

    def left_of(
        self,
        dossier_id: UUID,
        mois: date,
        *,
        paid: Mapping[Beneficiaire, Decimal],
        waiting: Set[Beneficiaire],
    ) -> Decimal:
        """Give what a month that others were paid of still owes those who wait, as a run shares it.

        Where no service is paid on its hours, nor any excess recorded, who is paid does not matter:
        the month alone bounds.
        """
        situation = self._situation(dossier_id)
        recorded = self._recorded.get(dossier_id, {}).get(mois, Decimal(0))
        left = situation.dus.of_month(mois).montant - sum(paid.values()) + recorded
        if dossier_id not in self._plans.dossiers:
            return max(left, Decimal(0))
        shares = situation.shares(mois)
        found = left_of_month(shares, paid=paid, left=left, waiting=waiting)
        return sum(found.values(), Decimal(0))

    def _situation(self, dossier_id: UUID) -> Situation:
        found = self._situations.get(dossier_id)
        if found is None:
            found = self._situations[dossier_id] = Situation(
                dossier_id=dossier_id,
                droits=[self._plans.droit(row) for row in self._rights.get(dossier_id, ())],
                interruptions=stops_of(self._stops.get(dossier_id, ())),
                deces_on=next((row[DEATH] for row in self._rights.get(dossier_id, ())), None),
                service_fait=self._reported.get(dossier_id, self._silent),
            )
        return found


def stops_of(rows: Iterable[Mapping[str, Any]]) -> list[Interruption]:
    """Give the stays and suspensions that rows hold."""
    return [
        Interruption(Nature(row["nature"]), Periode(row["periode"].lower, row["periode"].upper))
        for row in rows
    ]


def _rows(rows: QuerySet[Any, Any]) -> Rows:
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.order_by(F("periode").asc()):
        found[row["dossier_id"]].append(row)
    return found
