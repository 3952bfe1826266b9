"""What the screens of payment show: runs, totals, anomalies, difference with last month."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from egide.kernel.access.passage import Passage
from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash.calculs.anomalies_du_lot import SANS_COMPTE, Anomalie, covered_by
from egide.systems.apa_ash.models import CompteBancaire, Dossier, FichierPaiement, LotPaiement
from egide.systems.apa_ash.models.paiement import EtatLot, Paiement
from egide.systems.apa_ash.normalisation import normalise_name
from egide.systems.apa_ash.policy import (
    COMPTES,
    DOSSIERS,
    FACTURES,
    FICHIERS,
    IDENTITES,
    LOTS,
    PAIEMENTS,
    PRESTATAIRES,
)
from egide.systems.apa_ash.queries.dossiers import named

PAGE = 50
LOTS_PAGE = 24
# What a second agent still validates or issues.
AWAITED = frozenset({EtatLot.PREPARE, EtatLot.VALIDE})
ACCOUNT = ("titulaire", "iban")
"""What the lists of lines do not load: only the file of the run needs the account."""
AMOUNT: "DecimalField[Any, Any]" = DecimalField(max_digits=12, decimal_places=2)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run pays, line by line and in all."""

    lignes: int
    dossiers: int
    ecartees: int
    a_examiner: int
    examinees_par_moi: int
    sans_compte: int
    sans_heures: int
    brut: Decimal
    retenue: Decimal
    personnes: Decimal
    services: Decimal
    rappels: Decimal

    @property
    def montant(self) -> Decimal:
        """Give what leaves the département."""
        return self.brut - self.retenue


def list_lots(passage: Passage, *, page: int = 1) -> tuple[list[LotPaiement], bool]:
    """List the runs of the agent's services with their totals; tell whether others follow.

    Those that wait for a second agent come first, whatever their month, then the most recent.
    """
    kept = Q(paiements__ecarte=False)
    waits = Q(etat__in=AWAITED)
    start = (page - 1) * LOTS_PAGE
    found: list[LotPaiement] = list(
        LOTS.rows(passage)
        .annotate(
            total=Coalesce(Sum("paiements__montant", filter=kept), Value(0), output_field=AMOUNT),
            lignes=Count("paiements", filter=kept),
            a_examiner=Count(
                "paiements", filter=~Q(paiements__anomalie="") & Q(paiements__examen="")
            ),
        )
        .order_by(
            Case(When(waits, then=Value(0)), default=Value(1)),
            "-mois",
            "-prepare_on",
            "pk",
        )[start : start + LOTS_PAGE + 1]
    )
    return found[:LOTS_PAGE], len(found) > LOTS_PAGE


def open_lot(passage: Passage, pk: UUID) -> LotPaiement:
    """Give one run; refused as absent otherwise."""
    return LOTS.get(passage, pk=pk)


def totals(passage: Passage, lot: LotPaiement) -> Totals:
    """Add up a run in one statement; lines set aside are counted, never added."""
    kept = Q(ecarte=False)
    row = (
        PAIEMENTS.rows(passage)
        .filter(lot=lot)
        .aggregate(
            lignes=Count("pk", filter=kept),
            dossiers=Count("dossier_id", filter=kept, distinct=True),
            ecartees=Count("pk", filter=Q(ecarte=True)),
            a_examiner=Count("pk", filter=~Q(anomalie="") & Q(examen="")),
            examinees_par_moi=Count("pk", filter=Q(examine_par_id=passage.agent.pk)),
            sans_compte=Count(
                "pk",
                filter=Q(iban="", examen="") & Q(anomalie__regex="|".join(sorted(SANS_COMPTE))),
            ),
            sans_heures=Count("pk", filter=carries(Anomalie.HEURES_NON_RECUES) & Q(examen="")),
            brut=_sum("montant_brut", kept),
            retenue=_sum("retenue", kept),
            personnes=_sum("montant", kept & Q(prestataire__isnull=True)),
            services=_sum("montant", kept & Q(prestataire__isnull=False)),
            rappels=_sum("montant", kept & Q(mois_du__lt=lot.mois)),
        )
    )
    return Totals(**row)


def _sum(column: str, kept: Q) -> Coalesce:
    return Coalesce(Sum(column, filter=kept), Value(Decimal(0)), output_field=AMOUNT)


def changed_accounts(
    passage: Passage, lot: LotPaiement, *, missing: bool = True
) -> QuerySet[Paiement]:
    """Select the lines to be paid whose account is no longer the one frozen at preparation.

    A line without account pays nobody and counts too, unless what is missing is told otherwise.
    """
    same = {"titulaire": OuterRef("titulaire"), "iban": OuterRef("iban")}
    personne = COMPTES.rows(passage).filter(dossier_id=OuterRef("dossier_id"), **same)
    service = PRESTATAIRES.rows(passage).filter(
        pk=OuterRef("prestataire_id"), nom=same["titulaire"], iban=same["iban"]
    )
    return (
        PAIEMENTS.rows(passage)
        .filter(Q() if missing else ~Q(iban=""), lot=lot, ecarte=False)
        .exclude(~Q(iban="") & Q(prestataire__isnull=True) & Exists(personne))
        .exclude(~Q(iban="") & Q(prestataire__isnull=False) & Exists(service))
    )


def unseen_deaths(passage: Passage, lot: LotPaiement) -> QuerySet[Paiement]:
    """Select the lines to be paid whose person's death became known after the preparation."""
    return (
        PAIEMENTS.rows(passage)
        .filter(lot=lot, ecarte=False, dossier__identite__deces_on__isnull=False)
        .exclude(carries(Anomalie.DECES))
    )


def total_before(passage: Passage, lot: LotPaiement) -> Decimal | None:
    """Give what the run of the month before paid in the same service, if there was one."""
    row = (
        PAIEMENTS.rows(passage)
        .filter(service_id=lot.service_id, lot__mois=previous_month(lot.mois), ecarte=False)
        .exclude(lot__etat=EtatLot.ABANDONNE)
        .aggregate(total=Sum("montant"))
    )
    total: Decimal | None = row["total"]
    return total


def count_anomalies(passage: Passage, lot: LotPaiement) -> list[tuple[Anomalie, int, int]]:
    """Count the lines of each anomaly: all, and those that one reason would keep."""
    waiting = {a: Q(examen="", anomalie__in=covered_by(a)) for a in Anomalie}
    row = (
        PAIEMENTS.rows(passage)
        .filter(lot=lot)
        .exclude(anomalie="")
        .aggregate(
            **{a.value: Count("pk", filter=carries(a)) for a in Anomalie},
            **{f"{a.value}_seul": Count("pk", filter=waiting[a]) for a in Anomalie},
        )
    )
    return [(a, row[a.value], row[f"{a.value}_seul"]) for a in Anomalie if row[a.value]]


def carries(anomalie: Anomalie) -> Q:
    """Select the lines that carry an anomaly, among others or not."""
    # Codes are words apart: none is the beginning of another within the same line.
    return Q(anomalie__regex=rf"(^| ){anomalie.value}( |$)")


def list_lines(
    passage: Passage, lot: LotPaiement, *, anomalie: str = "", page: int = 1
) -> tuple[list[Paiement], bool]:
    """Give one page of lines with file and person, what waits first, and whether more follow."""
    rows = (
        PAIEMENTS.rows(
            passage,
            dossier=DOSSIERS,
            dossier__identite=IDENTITES,
            prestataire=PRESTATAIRES,
            facture=FACTURES,
        )
        .defer(*ACCOUNT)
        .filter(lot=lot)
        .annotate(
            rang=Case(
                When(~Q(anomalie="") & Q(examen=""), then=Value(0)),
                When(~Q(anomalie=""), then=Value(1)),
                default=Value(2),
            )
        )
    )
    if anomalie == "toutes":
        rows = rows.exclude(anomalie="")
    elif anomalie in set(Anomalie):
        rows = rows.filter(carries(Anomalie(anomalie)))
    start = (page - 1) * PAGE
    ordered = rows.order_by("rang", "dossier__identite__nom_normalise", "mois_du", "pk")
    found: list[Paiement] = [*ordered[start : start + PAGE + 1]]
    return found[:PAGE], len(found) > PAGE


def open_line(passage: Passage, pk: UUID) -> Paiement:
    """Give one line with file, person and service; refused as absent otherwise."""
    return PAIEMENTS.get(
        passage,
        pk=pk,
        dossier=DOSSIERS,
        dossier__identite=IDENTITES,
        prestataire=PRESTATAIRES,
        facture=FACTURES,
        lot=LOTS,
    )


def count_other_lines(passage: Passage, line: Paiement) -> int:
    """Count the other lines of the same file in the run."""
    rows = PAIEMENTS.rows(passage).filter(lot_id=line.lot_id, dossier_id=line.dossier_id)
    return rows.exclude(pk=line.pk).count()


def history(passage: Passage, line: Paiement) -> QuerySet[Paiement]:
    """Give what the same file was paid before, the most recent month first."""
    return (
        PAIEMENTS.rows(passage)
        .defer(*ACCOUNT)
        .filter(dossier_id=line.dossier_id, verse_on__isnull=False)
        .order_by("-mois_du", F("prestataire_id").asc(nulls_first=True))[:12]
    )


def list_fichiers(passage: Passage, lot: LotPaiement) -> list[FichierPaiement]:
    """List the files of a run without their content."""
    rows = FICHIERS.rows(passage).defer("contenu").filter(lot=lot)
    return list(rows.order_by("forme"))


def find_dossiers(passage: Passage, text: str, *, limit: int = PAGE) -> list[Dossier]:
    """Find files of the agent's services by number or by the beginning of the name."""
    rows = DOSSIERS.rows(passage, identite=IDENTITES)
    if text[:4].isdecimal():
        rows = rows.filter(numero__startswith=text)
    elif name := normalise_name(text):
        rows = rows.filter(named(name, of="identite__"))
    return list(rows.order_by("identite__nom_normalise", "pk")[:limit])


def compte_of(passage: Passage, dossier: Dossier) -> CompteBancaire | None:
    """Give the account of a file, if it is known."""
    return COMPTES.rows(passage).filter(dossier=dossier).order_by("pk").first()
