"""What services report beyond the plans, or that none asks of them, and what is not delivered."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import DateField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest

from egide.kernel.access.passage import Passage
from egide.rules.apa import versement
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.controle import SousConsommation
from egide.systems.apa_ash.models import Import, Prestation
from egide.systems.apa_ash.models.droit import NatureInterruption
from egide.systems.apa_ash.models.plan import ModeAide, Unite
from egide.systems.apa_ash.policy import (
    DOSSIERS,
    DROITS,
    IDENTITES,
    INTERRUPTIONS,
    LIGNES_PLAN,
    PRESTATAIRES,
    PRESTATIONS,
)
from egide.systems.apa_ash.queries.plan_du_droit import plan_in_force

PAGE = 50
MOIS_REGARDES = 12
ZERO = Decimal(0)
# What is reported, and what the plan foresees of it.
PLANNED = {"heures_realisees": "prevues", "montant_facture": "prevu"}


def list_unplanned(
    passage: Passage, *, since: date, page: int = 1
) -> tuple[list[Prestation], bool]:
    """Give what services outside the plan reported, the last month first, and whether more does."""
    rows = _unplanned(passage, dossier=DOSSIERS, dossier__identite=IDENTITES).filter(
        mois__gte=previous_month(since, back=MOIS_REGARDES)
    )
    start = (page - 1) * PAGE
    found = [*rows.order_by("-mois", "dossier__numero", "pk")[start : start + PAGE + 1]]
    return found[:PAGE], len(found) > PAGE


def list_in_hospital(
    passage: Passage, *, since: date, page: int = 1
) -> tuple[list[tuple[Prestation, int, int]], bool]:
    """Give the help reported for a month spent whole in hospital, the last month first.

    Each with its days in hospital, and those among them that are not due: thirty days stay due, so
    that no day is interrupted but in such a month. Two statements. Stays that follow one another
    may cover a month together: they are added here.
    """
    stays = INTERRUPTIONS.rows(passage).filter(
        nature=NatureInterruption.HOSPITALISATION, periode__isempty=False
    )
    reported = Q(heures_realisees__gt=0) | Q(montant_facture__gt=0)
    rows = (
        PRESTATIONS.rows(
            passage,
            prestataire=PRESTATAIRES,
            dossier=DOSSIERS,
            dossier__identite=IDENTITES,
        )
        .filter(reported, mois__gte=previous_month(since, back=MOIS_REGARDES))
        .filter(Exists(stays.filter(dossier_id=OuterRef("dossier_id"))))
        .order_by("-mois", "dossier__numero", "pk")
    )
    by_file: dict[UUID, list[versement.Interruption]] = defaultdict(list)
    for stay in stays.filter(dossier_id__in=rows.order_by().values("dossier_id")):
        days = versement.Periode(stay.periode.lower, stay.periode.upper)
        by_file[stay.dossier_id].append(versement.Interruption(versement.Nature(stay.nature), days))
    found = [
        (row, *versement.days_in_hospital(row.mois, interruptions=by_file[row.dossier_id]))
        for row in rows
        if versement.whole_month_in_hospital(row.mois, interruptions=by_file[row.dossier_id])
    ]
    start = (page - 1) * PAGE
    return found[start : start + PAGE], len(found) > start + PAGE


def list_excessive(
    passage: Passage, *, since: date, facteur: Decimal, page: int = 1
) -> tuple[list[Any], bool]:
    """Give the reports far above the plan, the last month first, and whether more."""
    rows = _with_planned(passage, dossier=DOSSIERS, dossier__identite=IDENTITES).filter(
        _exceeds("heures_realisees", facteur) | _exceeds("montant_facture", facteur),
        mois__gte=previous_month(since, back=MOIS_REGARDES),
    )
    start = (page - 1) * PAGE
    found = [*rows.order_by("-mois", "dossier__numero", "pk")[start : start + PAGE + 1]]
    return found[:PAGE], len(found) > PAGE


def excessive_of(
    passage: Passage, taken: Import, *, facteur: Decimal, column: str
) -> dict[tuple[UUID, UUID, date], Decimal]:
    """Give what is planned where the column of an import is far above: file, service and month."""
    rows = _with_planned(passage).filter(_exceeds(column, facteur), recu_dans=taken)
    return {
        (row.dossier_id, row.prestataire_id, row.mois): getattr(row, PLANNED[column])
        for row in rows
    }


def _exceeds(column: str, facteur: Decimal) -> Q:
    return Q(**{f"{column}__gt": F(PLANNED[column]) * facteur})


def _with_planned(passage: Passage, **joined: Any) -> QuerySet[Any]:
    """Read reports with the hours and the amount of the larger plan of the month."""
    rows = _with_plans(passage, **joined)
    for moment in ("debut", "fin"):
        planned = LIGNES_PLAN.rows(passage).filter(
            plan_id=OuterRef(f"plan_{moment}"),
            prestataire_id=OuterRef("prestataire_id"),
            mode=ModeAide.PRESTATAIRE,
        )
        hours = planned.filter(unite=Unite.HEURE)
        rows = rows.annotate(
            **{
                f"prevues_{moment}": _sum(hours, "volume_mensuel", by="plan_id"),
                f"prevu_{moment}": _sum(planned, "montant_mensuel", by="plan_id"),
            }
        )
    larger: QuerySet[Any] = rows.annotate(
        prevues=Greatest("prevues_debut", "prevues_fin"),
        prevu=Greatest("prevu_debut", "prevu_fin"),
    )
    return larger


def unplanned_of(passage: Passage, taken: Import) -> set[tuple[UUID, UUID, date]]:
    """Give the files, services and months of an import that no plan foresees."""
    rows = _unplanned(passage).filter(recu_dans=taken)
    return {(row.dossier_id, row.prestataire_id, row.mois) for row in rows}


def _unplanned(passage: Passage, **joined: Any) -> QuerySet[Prestation]:
    """Select reports of services in neither plan of the month: at its beginning, at its end."""
    rows: QuerySet[Prestation] = _with_plans(passage, **joined)
    for name in ("plan_debut", "plan_fin"):
        planned = LIGNES_PLAN.rows(passage).filter(
            plan_id=OuterRef(name),
            prestataire_id=OuterRef("prestataire_id"),
            mode=ModeAide.PRESTATAIRE,
        )
        rows = rows.exclude(Exists(planned))
    reported = Q(heures_realisees__gt=0) | Q(montant_facture__gt=0)
    return rows.filter(reported)


def _with_plans(passage: Passage, **joined: Any) -> QuerySet[Any]:
    """Read reports with the plans in force at the beginning and at the end of their month."""
    month_end: Func = Func(
        OuterRef("mois"),
        template="(%(expressions)s + interval '1 month')::date",
        output_field=DateField(),
    )
    return PRESTATIONS.rows(passage, prestataire=PRESTATAIRES, **joined).annotate(
        plan_debut=plan_in_force(passage, dossier="dossier_id", effet_on__lte=OuterRef("mois")),
        plan_fin=plan_in_force(passage, dossier="dossier_id", effet_on__lt=month_end),
    )


@dataclass(frozen=True, slots=True)
class Fenetre:
    """The months looked at, the last one first, and the part of the plan below which one counts."""

    mois: list[date]
    part: Decimal


def window(mesure: SousConsommation, *, until: date) -> Fenetre:
    """Give the months that end with the one before a day."""
    months = [previous_month(until.replace(day=1), back=n + 1) for n in range(mesure.mois)]
    return Fenetre(months, mesure.part)


def list_underused(passage: Passage, fenetre: Fenetre, *, page: int = 1) -> tuple[list[Any], bool]:
    """Give the files whose every month is below the plan, the largest gap of hours first.

    One statement, whatever the number of files. A month that no service reported is not judged: its
    file does not appear (CASF R. 232-15).
    """
    first, last = fenetre.mois[-1], fenetre.mois[0]
    days = DateRange(first, versement.next_month(last))
    droits = DROITS.rows(passage).filter(periode__contains=days, forfait=False)
    rows: QuerySet[Any] = DOSSIERS.rows(passage, identite=IDENTITES).filter(
        pk__in=droits.values("dossier_id")
    )
    planned, delivered, invoiced, asked = [], [], [], []
    for n, mois in enumerate(fenetre.mois):
        plan, heures, realisees = f"plan_{n}", f"prevues_{n}", f"realisees_{n}"
        lines = LIGNES_PLAN.rows(passage).filter(plan_id=OuterRef(plan), mode=ModeAide.PRESTATAIRE)
        done = PRESTATIONS.rows(passage).filter(dossier_id=OuterRef("pk"), mois=mois)
        fin = versement.next_month(mois)
        rows = rows.annotate(
            **{plan: plan_in_force(passage, dossier="pk", effet_on__lt=fin)}
        ).annotate(
            **{
                heures: _sum(lines.filter(unite=Unite.HEURE), "volume_mensuel", by="plan_id"),
                f"montant_{n}": _sum(lines, "montant_mensuel", by="plan_id"),
                realisees: _sum(done, "heures_realisees", by="dossier_id"),
                f"facture_{n}": _sum(done, "montant_facture", by="dossier_id"),
            }
        )
        rows = rows.filter(**{f"{realisees}__lt": F(heures) * fenetre.part})
        planned.append(F(heures))
        delivered.append(F(realisees))
        invoiced.append(Coalesce(F(f"facture_{n}"), ZERO))
        asked.append(F(f"montant_{n}"))
    rows = rows.annotate(
        prevues=_added(planned),
        realisees=_added(delivered),
        facture=_added(invoiced),
        prevu=_added(asked),
    ).annotate(ecart_heures=F("prevues") - F("realisees"))
    start = (page - 1) * PAGE
    found = [*rows.order_by("-ecart_heures", "numero", "pk")[start : start + PAGE + 1]]
    return found[:PAGE], len(found) > PAGE


def _sum(rows: QuerySet[Any], column: str, *, by: str) -> Subquery:
    return Subquery(rows.order_by().values(by).annotate(total=Sum(column)).values("total"))


def _added(terms: list[Any]) -> Any:  # noqa: ANN401 -- a sum of expressions is one
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
