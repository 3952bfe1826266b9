"""What the control compares: every file of a month ranked by its gap, then one file over months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, Least, NullIf

from egide.kernel.access.passage import Passage
from egide.rules.apa import versement
from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash.calculs.droit_du_mois import PartsDePeriode, tell_payees
from egide.systems.apa_ash.calculs.effectivite import Mois, compare, constate_mais_du
from egide.systems.apa_ash.models import Dossier, Indu
from egide.systems.apa_ash.models.plan import ModeAide, Unite
from egide.systems.apa_ash.normalisation import normalise_name
from egide.systems.apa_ash.policy import (
    DOSSIERS,
    DROITS,
    IDENTITES,
    INDUS,
    LIGNES_PLAN,
    PAIEMENTS,
    PRESTATAIRES,
    PRESTATIONS,
)
from egide.systems.apa_ash.queries.dossiers import named
from egide.systems.apa_ash.queries.faits import read_all
from egide.systems.apa_ash.queries.plan_du_droit import plan_in_force

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
    elif name := normalise_name(search.text):
        rows = rows.filter(named(name, of="identite__"))
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
    """The months of a file side by side, and the names of the services that they may pay."""

    months: list[Mois]
    services: dict[UUID, str]
    # By month, what was recorded as an excess and is due since.
    constates_dus: dict[date, Decimal]
    # The months that several rights share, right by right.
    partages: dict[date, list[PartsDePeriode]]


def compared_months(until: date) -> list[date]:
    """Give the last twelve months up to the one that begins on a day, the oldest first."""
    return [previous_month(until, back=n) for n in range(MOIS_COMPARES - 1, -1, -1)]


def read_months(passage: Passage, *, dossier: Dossier, indus: Sequence[Indu], until: date) -> Annee:
    """Compare the last twelve months of a file opened with its `identite`, the oldest first."""
    months = compared_months(until)
    fin = versement.next_month(until)
    read = read_all(
        passage,
        deaths={dossier.pk: dossier.identite.deces_on},
        indus=indus,
        window=versement.Periode(months[0], fin),
    )
    faits = read.faits[dossier.pk]
    due = {
        month: constate_mais_du(faits, mois=month) for month in {mois for mois, _ in faits.indus}
    }
    cut = {month: faits.parts_of(month) for month in months}
    shared = {month: tell_payees(cut[month]) for month in months if len(cut[month].droits) > 1}
    return Annee([compare(faits, mois=month) for month in months], read.services, due, shared)


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
