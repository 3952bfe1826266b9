"""The services that a run pays, and the lines of the slip of one of them."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import LotPaiement
from egide.systems.apa_ash.policy import (
    DOSSIERS,
    FACTURES,
    IDENTITES,
    PAIEMENTS,
    PRESTATAIRES,
    PRESTATIONS,
)


def list_services_paid(passage: Passage, *, lot: LotPaiement) -> list[Any]:
    """List the services that an issued run pays: name, number of persons, amount."""
    passage.note((), ["Paiement.montant", "Prestataire.nom"])
    rows = PAIEMENTS.rows(passage, prestataire=PRESTATAIRES).filter(_paid(lot))
    counted = rows.order_by().values("prestataire_id", "prestataire__nom")
    summed = counted.annotate(personnes=Count("dossier_id", distinct=True), montant=Sum("montant"))
    return [*summed.order_by("prestataire__nom", "prestataire_id")]


def list_lines_of(passage: Passage, *, lot: LotPaiement, prestataire_id: UUID) -> list[Any]:
    """List what a run pays a service, by file and month, with the hours that it reported.

    `rappel` tells that the service was paid for the month by an earlier run already.
    """
    passage.note((), ["Prestation.heures_realisees"])
    reported = PRESTATIONS.rows(passage).filter(
        dossier_id=OuterRef("dossier_id"),
        prestataire_id=OuterRef("prestataire_id"),
        mois=OuterRef("mois_du"),
    )
    rows = PAIEMENTS.rows(
        passage, dossier=DOSSIERS, dossier__identite=IDENTITES, facture=FACTURES
    ).filter(_paid(lot), prestataire=prestataire_id)
    before = PAIEMENTS.rows(passage).filter(
        dossier_id=OuterRef("dossier_id"),
        prestataire_id=OuterRef("prestataire_id"),
        mois_du=OuterRef("mois_du"),
        facture__isnull=True,
        verse_on__isnull=False,
        lot__mois__lt=lot.mois,
    )
    told = rows.annotate(
        heures=Subquery(reported.values("heures_realisees")[:1]),
        rappel=Exists(before),
    )
    return list(told.order_by("dossier__numero", "mois_du", "facture_id", "pk"))


def _paid(lot: LotPaiement) -> Q:
    return Q(lot=lot, ecarte=False, verse_on__isnull=False, prestataire__isnull=False)
