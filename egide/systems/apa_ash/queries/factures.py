"""Invoices of what is not monthly: those of a file, what they used, what a run has to pay."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from egide.kernel.access.passage import Passage
from egide.rules.apa.ponctuel import annee
from egide.systems.apa_ash.calculs.echeancier_factures import FactureDue
from egide.systems.apa_ash.models import AidePonctuelle, Dossier, Facture, LotPaiement, Relais
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.models.ponctuel import NaturePonctuelle
from egide.systems.apa_ash.policy import (
    AIDES_PONCTUELLES,
    FACTURES,
    PAIEMENTS,
    PRESTATAIRES,
    RELAIS,
)

ZERO = Decimal("0.00")


def hold_emission(service_id: UUID) -> None:
    """Wait for whoever issues payments of a service, or withdraws an invoice from them.

    The payment writes no invoice and the control no run: they meet on the number of the service,
    before any row, and as ponctuel.sql does for whatever is not written from here.
    """
    _hold(f"apa_ash.emission {service_id}")


def hold_factures(dossier_id: UUID) -> None:
    """Wait for whoever enters an invoice of a file, or ends the relay that it rests on.

    As ponctuel.sql does, and before the file is held: the invoice refers to it.
    """
    _hold(f"apa_ash.facture {dossier_id}")


def _hold(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def standing_factures(passage: Passage, *, dossier: Dossier) -> list[Facture]:
    """List the invoices of a file that were not withdrawn, the last expense first."""
    rows = FACTURES.rows(passage).filter(dossier=dossier, retiree_on__isnull=True)
    return list(rows.order_by("-depense_on", "pk"))


def used_in(factures: Iterable[Facture], *, on: date, ids: Iterable[UUID]) -> Decimal:
    """Add what the invoices of some aids retained in the year of a day."""
    year, among = annee(on), set(ids)
    return sum(
        (
            f.retenu
            for f in factures
            if f.aide_id in among and year.debut <= f.depense_on and _before(f, year.fin)
        ),
        ZERO,
    )


def used(factures: Iterable[Facture], *, pk: UUID) -> Decimal:
    """Add what the invoices of one aid, or of one relay, retained."""
    return sum((f.retenu for f in factures if pk in {f.aide_id, f.relais_id}), ZERO)


def _before(facture: Facture, fin: date | None) -> bool:
    return fin is None or facture.depense_on < fin


def list_aides(passage: Passage, *, dossier: Dossier) -> list[AidePonctuelle]:
    """List the aids of all plans of a file, in a stable order."""
    rows = AIDES_PONCTUELLES.rows(passage, prestataire=PRESTATAIRES).filter(dossier=dossier)
    return list(rows.order_by("nature", "pk"))


def split_aides(aides: Iterable[AidePonctuelle]) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Give the aids that count in the year's répit, and those that are paid once."""
    found = [(aide.pk, aide.nature == NaturePonctuelle.REPIT) for aide in aides]
    return (
        frozenset(pk for pk, repit in found if repit),
        frozenset(pk for pk, repit in found if not repit),
    )


def read_factures_dues(
    passage: Passage, *, service_id: UUID, sauf: UUID | None = None
) -> dict[UUID, list[FactureDue]]:
    """Give the invoices of a service that no standing run pays, by file, in one statement.

    With `sauf`, as if that run had not been prepared.
    """
    standing = _standing(passage)
    if sauf is not None:
        standing = standing.exclude(lot_id=sauf)
    found: dict[UUID, list[FactureDue]] = defaultdict(list)
    rows = (
        FACTURES.rows(passage)
        .filter(~Exists(standing), service_id=service_id, retiree_on__isnull=True)
        .order_by("depense_on", "pk")
    )
    columns = ("id", "droit_id", "prestataire_id", "a_verser", "depense_on")
    for row in rows.values("dossier_id", *columns):
        found[row["dossier_id"]].append(FactureDue(*(row[name] for name in columns)))
    return found


def count_withdrawn(passage: Passage, lot: LotPaiement) -> int:
    """Count the lines to be paid whose invoice was withdrawn since."""
    lines = PAIEMENTS.rows(passage).filter(lot=lot, ecarte=False, facture__isnull=False)
    withdrawn = FACTURES.rows(passage).filter(pk=OuterRef("facture_id"), retiree_on__isnull=False)
    return lines.filter(Exists(withdrawn)).count()


def _standing(passage: Passage) -> QuerySet[Any]:
    """Select the lines that pay an outer invoice; one set aside leaves it due."""
    lines = PAIEMENTS.rows(passage).filter(facture_id=OuterRef("pk"), ecarte=False)
    return lines.filter(~Q(lot__etat=EtatLot.ABANDONNE))


def count_after(passage: Passage, *, relais: Relais, sortie_on: date) -> int:
    """Count the invoices of a relay that its discharge leaves without ground, and that wait."""
    paid = PAIEMENTS.rows(passage).filter(facture_id=OuterRef("pk"), verse_on__isnull=False)
    late = FACTURES.rows(passage).filter(
        relais_id=relais.pk, retiree_on__isnull=True, depense_on__gt=sortie_on
    )
    return late.filter(~Exists(paid)).count()


def list_factures(passage: Passage, *, dossier: Dossier) -> list[Any]:
    """List every invoice of a file, withdrawn or not, with its payment and the end of its relay."""
    paid = PAIEMENTS.rows(passage).filter(facture_id=OuterRef("pk"), verse_on__isnull=False)
    sortie = RELAIS.rows(passage).filter(pk=OuterRef("relais_id")).order_by("pk")
    rows = FACTURES.rows(passage, prestataire=PRESTATAIRES).filter(dossier=dossier)
    dated = rows.annotate(
        payee_on=Subquery(paid.order_by("verse_on").values("verse_on")[:1]),
        sortie_on=Subquery(sortie.values("sortie_on")[:1]),
    )
    return list(dated.order_by("-depense_on", "pk"))
