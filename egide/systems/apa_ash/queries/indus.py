"""Excess payments of one's services: what is left, who owes it, and what time is about to bar."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from egide.kernel.access.passage import Passage
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash.models import Indu, Remboursement
from egide.systems.apa_ash.models.controle import OUVERTS, EtatIndu
from egide.systems.apa_ash.policy import (
    DOSSIERS,
    IDENTITES,
    INDUS,
    PRESTATAIRES,
    REMBOURSEMENTS,
)

PAGE = 50
# Sent back by who signs, and neither proposed again nor dropped since.
RETURNED = Q(etat=EtatIndu.CONSTATE) & ~Q(suite="")
# Nothing open was repaid beyond what is owed.
LEFT = F("montant") - F("retire") - F("recouvre") - F("remis")


class Suivi(models.TextChoices):
    """Which debts a list shows."""

    A_SUIVRE = "", "À suivre : constatés, à signer, notifiés"
    RENVOYE = "renvoye", "Renvoyés par le signataire"
    CONSTATE = "constate", "Constatés, à notifier"
    PROPOSE = "propose", "À signer par le responsable"
    NOTIFIE = "notifie", "Notifiés, à recouvrer"
    RECOUVRE = "recouvre", "Recouvrés"


@dataclass(frozen=True, slots=True)
class Alerte:
    """What time bars within some months, and what it has barred already."""

    jusqu_on: date
    bientot: int
    reste: Decimal
    prescrits: int


def list_debts(passage: Passage, *, suivi: str = "", page: int = 1) -> tuple[list[Indu], bool]:
    """Give one page of debts, the first to be prescribed first, and whether more follow."""
    shown = Q(etat=suivi) if suivi else Q(etat__in=OUVERTS)
    rows = INDUS.rows(
        passage, dossier=DOSSIERS, dossier__identite=IDENTITES, prestataire=PRESTATAIRES
    ).filter(RETURNED if suivi == Suivi.RENVOYE else shown)
    start = (page - 1) * PAGE
    found = [*rows.order_by("prescrit_on", "pk")[start : start + PAGE + 1]]
    return found[:PAGE], len(found) > PAGE


def count_prescribing(passage: Passage) -> Alerte:
    """Count what is open and will be prescribed within six months, or is."""
    until = echeance("alerte_prescription", passage.on)
    barred = Q(prescrit_on__lte=passage.on)
    soon = ~barred & Q(prescrit_on__lte=until)
    found: dict[str, Any] = (
        INDUS.rows(passage)
        .filter(etat__in=OUVERTS)
        .aggregate(
            bientot=Count("pk", filter=soon),
            reste=Coalesce(Sum(LEFT, filter=soon), Decimal(0)),
            prescrits=Count("pk", filter=barred),
        )
    )
    return Alerte(jusqu_on=until, **found)


def count_returned(passage: Passage) -> int:
    """Count the debts that a signatory sent back, and that wait for the control."""
    return INDUS.rows(passage).filter(RETURNED).order_by().count()


def open_indu(passage: Passage, *, dossier_id: UUID, pk: UUID) -> Indu:
    """Give one debt of a file with who owes it; refused as absent otherwise."""
    return INDUS.get(passage, prestataire=PRESTATAIRES, dossier_id=dossier_id, pk=pk)


def list_remboursements(passage: Passage, *, indu: Indu) -> list[Remboursement]:
    """List what was repaid of a debt, the last first."""
    rows = REMBOURSEMENTS.rows(passage).filter(indu=indu)
    return list(rows.order_by("-recu_on", "pk"))
