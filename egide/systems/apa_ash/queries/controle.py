"""What the control compares: every file of a month ranked by its gap, then one file over months."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, Count, F, Max, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, Least, NullIf

from egide.kernel.access.passage import Passage
from egide.rules.apa import versement
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.effectivite import Prevu, Releve
from egide.systems.apa_ash.calculs.effectivite import Faits, Mois, compare, constate_mais_du
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire, Droit, ServiceFait
from egide.systems.apa_ash.models import Dossier, Indu
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.plan import ModeAide, Unite
from egide.systems.apa_ash.normalisation import normalise_name
from egide.systems.apa_ash.policy import (
    DECISIONS,
    DOSSIERS,
    DROITS,
    IDENTITES,
    INDUS,
    INTERRUPTIONS,
    LIGNES_PLAN,
    PAIEMENTS,
    PRESTATAIRES,
    PRESTATIONS,
)
from egide.systems.apa_ash.queries.plan_du_droit import (
    PlanDecide,
    plan_behind,
    plan_in_force,
)
from egide.systems.apa_ash.queries.service_fait import read_reglements

PAGE = 50
MOIS_COMPARES = 12
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Search:
    """What the list of the control shows."""

    mois: date
    prestataire_id: UUID | None = None
    text: str = ""
    page: int = 1


def rank_gaps(passage: Passage, search: Search) -> tuple[list[Dossier], bool, dict[str, Any]]:
    """Give one page of files, the largest gap first, whether more follow, and the totals.

    The gap compares the totals of a file; its own page compares service by service.
    """
    rows = _compared(passage, search)
    totals = rows.aggregate(
        dossiers=Count("pk"),
        total_prevues=Coalesce(Sum("heures_prevues"), ZERO),
        total_realisees=Coalesce(Sum("heures_realisees"), ZERO),
        total_facture=Coalesce(Sum("facture"), ZERO),
        total_ecart=Coalesce(Sum("ecart"), ZERO),
    )
    start = (max(search.page, 1) - 1) * PAGE
    ordered = rows.order_by(F("ecart").desc(nulls_last=True), "identite__nom_normalise", "pk")
    found: list[Dossier] = [*ordered[start : start + PAGE + 1]]
    return found[:PAGE], len(found) > PAGE, totals


def _compared(passage: Passage, search: Search) -> QuerySet[Any]:
    month = DateRange(search.mois, versement.next_month(search.mois))
    droits = DROITS.rows(passage).filter(periode__overlap=month)
    rows: QuerySet[Any] = DOSSIERS.rows(passage, identite=IDENTITES).filter(
        pk__in=droits.values("dossier_id")
    )
    if search.text[:4].isdecimal():
        rows = rows.filter(numero__startswith=search.text)
    elif search.text:
        rows = rows.filter(identite__nom_normalise__startswith=normalise_name(search.text))
    plan = plan_in_force(passage, dossier="pk", effet_on__lt=month.upper)
    lines = LIGNES_PLAN.rows(passage).filter(
        plan_id=OuterRef("plan_en_cours"), mode=ModeAide.PRESTATAIRE
    )
    done = PRESTATIONS.rows(passage).filter(dossier_id=OuterRef("pk"), mois=search.mois)
    paid = PAIEMENTS.rows(passage).filter(
        dossier_id=OuterRef("pk"),
        mois_du=search.mois,
        facture__isnull=True,
        verse_on__isnull=False,
    )
    if search.prestataire_id:
        lines = lines.filter(prestataire_id=search.prestataire_id)
        done = done.filter(prestataire_id=search.prestataire_id)
    rows = rows.annotate(plan_en_cours=plan).annotate(
        prevu=_summed(lines, "montant_mensuel", by="plan_id"),
        heures_prevues=_summed(lines.filter(unite=Unite.HEURE), "volume_mensuel", by="plan_id"),
        heures_realisees=_summed(done, "heures_realisees", by="dossier_id"),
        facture=_summed(done, "montant_facture", by="dossier_id"),
        verse=_summed(paid, "montant_brut", by="dossier_id"),
    )
    # LEAST leaves aside what is NULL; a month without any report has no gap to show.
    by_hours = F("prevu") * F("heures_realisees") / NullIf(F("heures_prevues"), ZERO)
    rows = rows.annotate(
        ecart=Case(
            When(facture__isnull=True, heures_realisees__isnull=True, then=None),
            default=F("prevu") - Least(F("prevu"), F("facture"), by_hours),
        )
    )
    return rows.filter(prevu__isnull=False) if search.prestataire_id else rows


def _summed(rows: QuerySet[Any], column: str, *, by: str) -> Subquery:
    return Subquery(rows.order_by().values(by).annotate(total=Sum(column)).values("total"))


class Annee(NamedTuple):
    """The months of a file side by side, and the names of the services that they paid."""

    months: list[Mois]
    services: dict[UUID, str]
    # By month, what was recorded as an excess and is due since.
    constates_dus: dict[date, Decimal]


def read_months(passage: Passage, *, dossier: Dossier, indus: Sequence[Indu], until: date) -> Annee:
    """Compare the last twelve months of a file opened with its `identite`, the oldest first."""
    months = [previous_month(until, back=n) for n in range(MOIS_COMPARES - 1, -1, -1)]
    fin = versement.next_month(until)
    faits, services = _read(passage, dossier=dossier, indus=indus, debut=months[0], fin=fin)
    due = {
        month: constate_mais_du(faits, mois=month) for month in {mois for mois, _ in faits.indus}
    }
    return Annee([compare(faits, mois=month) for month in months], services, due)


def read_faits(
    passage: Passage, *, dossier: Dossier, indus: Sequence[Indu], debut: date, fin: date
) -> Faits:
    """Read what happened to one file between two days, in seven statements."""
    faits, _ = _read(passage, dossier=dossier, indus=indus, debut=debut, fin=fin)
    return faits


def _read(
    passage: Passage, *, dossier: Dossier, indus: Sequence[Indu], debut: date, fin: date
) -> tuple[Faits, dict[UUID, str]]:
    window = DateRange(debut, fin)
    plans = _Plans(passage, dossier)
    releves: dict[tuple[date, Beneficiaire], Releve] = {
        (row.mois, row.prestataire_id): Releve(row.heures_realisees, row.montant_facture)
        for row in PRESTATIONS.rows(passage).filter(dossier=dossier, mois__range=(debut, fin))
    }
    paid = _paid(passage, dossier, window)
    verses = {(row["mois_du"], row["prestataire_id"]): row["total"] for row in paid}
    last = {(row["mois_du"], row["prestataire_id"]): row["dernier"] for row in paid}
    services = {row["prestataire_id"]: row["prestataire__nom"] for row in paid}
    recorded: dict[tuple[date, Beneficiaire], Decimal] = defaultdict(Decimal)
    for indu in indus:
        if indu.etat != EtatIndu.RETIRE:
            recorded[indu.mois, indu.prestataire_id] += indu.du
    faits = Faits(
        droits=[
            Droit(
                d.pk,
                versement.Periode(d.periode.lower, d.periode.upper),
                d.apa,
                {} if d.forfait else plans.at(d.periode.lower, decision_id=d.decision_id),
                d.taux_participation,
            )
            for d in DROITS.rows(passage).filter(dossier=dossier, periode__overlap=window)
        ],
        interruptions=[
            versement.Interruption(
                versement.Nature(i.nature), versement.Periode(i.periode.lower, i.periode.upper)
            )
            for i in INTERRUPTIONS.rows(passage).filter(dossier=dossier, periode__overlap=window)
        ],
        deces_on=dossier.identite.deces_on,
        releves=releves,
        verses=verses,
        derniers_versements=last,
        indus=recorded,
        service_fait=ServiceFait(read_reglements(passage), releves),
    )
    return faits, services


def _paid(passage: Passage, dossier: Dossier, window: DateRange) -> list[Any]:
    return list(
        PAIEMENTS.rows(passage, prestataire=PRESTATAIRES)
        .filter(
            dossier=dossier,
            facture__isnull=True,
            verse_on__isnull=False,
            mois_du__range=(window.lower, window.upper),
        )
        .values("dossier_id", "mois_du", "prestataire_id", "prestataire__nom")
        .annotate(total=Sum("montant_brut"), dernier=Max("verse_on"))
        .order_by()
    )


class _Plans:
    """What each plan of a file asks of each service; the person's own aids are under None."""

    def __init__(self, passage: Passage, dossier: Dossier) -> None:
        """Read the decisions that have a plan, and the lines of all plans of the file."""
        self._decides = [
            PlanDecide(d.pk, d.effet_on, d.plan_id)
            for d in DECISIONS.rows(passage)
            .filter(dossier=dossier, plan__isnull=False)
            .order_by("effet_on", "pk")
        ]
        self._prevus: dict[UUID, dict[Beneficiaire, Prevu]] = defaultdict(dict)
        for line in LIGNES_PLAN.rows(passage).filter(dossier=dossier).order_by("pk"):
            who = line.prestataire_id if line.mode == ModeAide.PRESTATAIRE else None
            self._prevus[line.plan_id][who] = (
                self._prevus[line.plan_id]
                .get(who, Prevu())
                .plus(
                    line.montant_mensuel,
                    heures=line.volume_mensuel if line.unite == Unite.HEURE else None,
                )
            )

    def at(self, day: date, *, decision_id: UUID) -> dict[Beneficiaire, Prevu]:
        """Give the plan of a decision, or the last one before it: a revaluation has none."""
        plan_id = plan_behind(self._decides, decision_id=decision_id, on=day)
        return self._prevus.get(plan_id, {}) if plan_id else {}


def hold_indus(dossier: Dossier) -> None:
    """Wait for whoever is recording a debt of this file, and make others wait until the end.

    What is undue is what the debts already recorded leave: two reasons at once would double it. The
    control writes no file, hence a lock on its number rather than on its row.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"apa_ash.indu {dossier.pk}"]
        )


def list_indus(passage: Passage, *, dossier: Dossier) -> list[Indu]:
    """List the excess payments of a file with who was paid, the oldest month first."""
    rows = INDUS.rows(passage, prestataire=PRESTATAIRES).filter(dossier=dossier)
    return list(rows.order_by("mois", "pk"))
