"""Read at once, in a constant number of statements, all that the monthly run of a service needs."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, QuerySet

from egide.kernel.access.passage import Passage
from egide.rules.apa import versement
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.controle import vigilance
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.calculs.echeancier import AUCUN_COMPTE, Compte, Situation
from egide.systems.apa_ash.calculs.parts_du_mois import ServiceFait
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.policy import (
    COMPTES,
    IDENTITES,
    INTERRUPTIONS,
    PAIEMENTS,
    PRESTATAIRES,
    PRESTATIONS,
)
from egide.systems.apa_ash.queries.echeancier_lots import (
    Runs,
    Scope,
    read_debts,
    read_recorded,
)
from egide.systems.apa_ash.queries.echeancier_plans import RIGHT, Plans
from egide.systems.apa_ash.queries.service_fait import read_service_fait

Rows = dict[UUID, list[dict[str, Any]]]


def read_situations(
    passage: Passage, *, service_id: UUID, mois: date, sauf: UUID | None = None
) -> list[Situation]:
    """Give the situation of every file of the service that may be paid for the month.

    With `sauf`, as if that run had not been prepared.
    """
    scope = Scope(passage, service_id, mois, sauf)
    droits = _by_dossier(scope.droits().values(*RIGHT))
    plans = Plans(scope, dossiers=scope.droits().values("dossier_id"))
    people = _People(scope)
    interruptions = _by_dossier(
        INTERRUPTIONS.rows(passage)
        .filter(service_id=service_id, periode__overlap=scope.window)
        .values("dossier_id", "nature", "periode")
    )
    runs = Runs(scope)
    debts = read_debts(scope)
    recorded = read_recorded(scope)
    services = _accounts_of_services(scope)
    delivered = _delivered(scope)
    reglements, reported = read_service_fait(
        passage, service_id=service_id, since=scope.window.lower
    )
    silent = ServiceFait(reglements)
    return [
        Situation(
            dossier_id=dossier_id,
            droits=[plans.droit(row) for row in sorted(rows, key=lambda row: row["periode"].lower)],
            interruptions=[
                versement.Interruption(versement.Nature(i["nature"]), _periode(i["periode"]))
                for i in interruptions.get(dossier_id, ())
            ],
            deces_on=people.deces.get(dossier_id),
            deja_payes=runs.payes.get(dossier_id, {}),
            constates=recorded.get(dossier_id, {}),
            ecartes=runs.ecartes.get(dossier_id, {}),
            reste_a_recouvrer=debts.get(dossier_id, {}),
            du_mois_precedent=runs.du_mois_precedent(dossier_id),
            signalements=people.anomalies(dossier_id)
            | _without_hours(rows, mois=mois, delivered=delivered, dossier_id=dossier_id),
            compte=people.compte(dossier_id),
            comptes_des_services=services,
            service_fait=reported.get(dossier_id, silent),
            mois_en_cours=passage.on.replace(day=1),
        )
        for dossier_id, rows in droits.items()
    ]


class _People:
    """Deaths, accounts, and what looks like the same person or the same account twice."""

    def __init__(self, scope: Scope) -> None:
        """Read identities and accounts of the files that have a right."""
        dossiers = scope.droits().values("dossier_id")
        identities = list(
            IDENTITES.rows(scope.passage)
            .filter(dossier_id__in=dossiers)
            .values("dossier_id", "nom_normalise", "naissance_on", "deces_on")
        )
        accounts = list(
            COMPTES.rows(scope.passage)
            .filter(dossier_id__in=dossiers)
            .annotate(paye=Exists(_issued(scope, dossier_id="dossier_id", titulaire="titulaire")))
            .values("dossier_id", "titulaire", "iban", "saisi_on", "saisi_par_id", "paye")
        )
        self.deces = {i["dossier_id"]: i["deces_on"] for i in identities if i["deces_on"]}
        self._names = Counter((i["nom_normalise"], i["naissance_on"]) for i in identities)
        self._identity = {i["dossier_id"]: i for i in identities}
        self._ibans = Counter(a["iban"] for a in accounts)
        self._account = {a["dossier_id"]: a for a in accounts}
        self._is_new = scope.is_new

    def compte(self, dossier_id: UUID) -> Compte:
        """Give the account of the person as it is now."""
        account = self._account.get(dossier_id)
        if account is None:
            return AUCUN_COMPTE
        return Compte(account["titulaire"], account["iban"], saisi_par_id=account["saisi_par_id"])

    def anomalies(self, dossier_id: UUID) -> frozenset[Anomalie]:
        """Give what is to be looked at about the person and her account."""
        account, identity = self._account.get(dossier_id), self._identity.get(dossier_id)
        found = set()
        if identity and self._names[identity["nom_normalise"], identity["naissance_on"]] > 1:
            found.add(Anomalie.DOUBLE_DOSSIER)
        if account is None:
            return frozenset(found | {Anomalie.COMPTE_ABSENT})
        if self._ibans[account["iban"]] > 1:
            found.add(Anomalie.COMPTE_PARTAGE)
        if self._is_new(account["saisi_on"], by=account["saisi_par_id"], paid=account["paye"]):
            found.add(Anomalie.COMPTE_MODIFIE)
        return frozenset(found)


def _accounts_of_services(scope: Scope) -> dict[UUID, Compte]:
    rows = (
        PRESTATAIRES.rows(scope.passage)
        .annotate(paye=Exists(_issued(scope, prestataire_id="pk", titulaire="nom")))
        .values("id", "nom", "iban", "iban_saisi_on", "iban_saisi_par_id", "paye")
    )
    return {
        row["id"]: Compte(
            row["nom"],
            row["iban"],
            modifie=scope.is_new(
                row["iban_saisi_on"], by=row["iban_saisi_par_id"], paid=row["paye"]
            ),
            saisi_par_id=row["iban_saisi_par_id"],
        )
        for row in rows
    }


def _issued(scope: Scope, **payee: str) -> QuerySet[Any]:
    """Select what was issued to the account, and to the payee, of an outer row."""
    rows = PAIEMENTS.rows(scope.passage).filter(
        lot__etat=EtatLot.EMIS,
        ecarte=False,
        iban=OuterRef("iban"),
        **{name: OuterRef(outer) for name, outer in payee.items()},
    )
    return rows if "prestataire_id" in payee else rows.filter(prestataire__isnull=True)


def _delivered(scope: Scope) -> frozenset[UUID]:
    silent = vigilance(scope.mois).mois_sans_heures
    months = [previous_month(scope.mois, back=n + 1) for n in range(silent)]
    return frozenset(
        PRESTATIONS.rows(scope.passage)
        .filter(service_id=scope.service_id, mois__in=months, heures_realisees__gt=0)
        .values_list("dossier_id", flat=True)
        .distinct()
    )


def _without_hours(
    droits: list[dict[str, Any]], *, mois: date, delivered: frozenset[UUID], dossier_id: UUID
) -> frozenset[Anomalie]:
    # Where no service reports at all, silence says nothing about one file.
    since = previous_month(mois, back=vigilance(mois).mois_sans_heures)
    if not delivered or dossier_id in delivered:
        return frozenset()
    old_enough = any(row["periode"].lower <= since for row in droits)
    return frozenset({Anomalie.SANS_HEURES}) if old_enough else frozenset()


def _by_dossier(rows: QuerySet[Any, Any]) -> Rows:
    found: Rows = defaultdict(list)
    for row in rows:
        found[row["dossier_id"]].append(row)
    return found


def _periode(days: DateRange) -> versement.Periode:
    return versement.Periode(days.lower, days.upper)
