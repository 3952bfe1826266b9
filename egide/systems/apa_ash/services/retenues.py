"""Spread on the debts what a run withholds, and what is taken off when the run is given up."""

from decimal import Decimal
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.rules.apa.indu import retenue_mensuelle
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import LotPaiement, Paiement
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.policy import INDUS, PAIEMENTS, REMBOURSEMENTS

ZERO = Decimal(0)
Parts = list[tuple[UUID, Decimal]]
"""What is counted on each debt, by its number."""


def spread_on_debts(passage: Passage, lot: LotPaiement) -> Parts | None:
    """Spread what the run withholds, the oldest debt of each payee first; nothing if it fits none.

    Nor if a line withholds more than its share: whoever prepared wrote it.
    """
    lines = _lines(passage, lot).values("dossier_id", "montant_brut", "retenue").order_by("pk")
    for line in lines:
        retenue = line["retenue"]
        if retenue > retenue_mensuelle(line["montant_brut"], reste_du=retenue, on=lot.mois):
            return None
    withheld = _withheld(passage, lot)
    if not withheld:
        return []
    debts = (
        INDUS.rows(passage, action=Action.WRITE)
        .filter(dossier_id__in={dossier_id for dossier_id, _ in withheld}, etat=EtatIndu.NOTIFIE)
        .select_for_update()
        .order_by("prescrit_on", "id")
        .values("id", "dossier_id", "prestataire_id", "montant", "recouvre", "remis", "retire")
    )
    changed = []
    for debt in debts:
        payee = debt["dossier_id"], debt["prestataire_id"]
        left = debt["montant"] - debt["retire"] - debt["recouvre"] - debt["remis"]
        part = min(withheld.get(payee, ZERO), left)
        withheld[payee] = withheld.get(payee, ZERO) - part
        changed.append((debt["id"], part))
    return None if any(withheld.values()) else changed


def find_to_give_back(passage: Passage, lot: LotPaiement) -> Parts:
    """Give what a validated run will not withhold, negative, the debt last counted first.

    What a debtor repaid stays repaid: no run had withheld it.
    """
    withheld = _withheld(passage, lot)
    repaid = (
        REMBOURSEMENTS.rows(passage)
        .filter(indu=OuterRef("pk"))
        .order_by()
        .values("indu")
        .annotate(total=Sum("montant"))
    )
    debts = (
        INDUS.rows(passage, action=Action.WRITE)
        .filter(dossier_id__in={dossier_id for dossier_id, _ in withheld}, recouvre__gt=0)
        .select_for_update()
        .order_by("-prescrit_on", "-id")
        .annotate(retenu=F("recouvre") - Coalesce(Subquery(repaid.values("total")), ZERO))
        .values("id", "dossier_id", "prestataire_id", "retenu")
    )
    changed = []
    for debt in debts:
        payee = debt["dossier_id"], debt["prestataire_id"]
        part = min(withheld.get(payee, ZERO), debt["retenu"])
        withheld[payee] = withheld.get(payee, ZERO) - part
        changed.append((debt["id"], -part))
    return changed


def _withheld(passage: Passage, lot: LotPaiement) -> dict[tuple[UUID, Beneficiaire], Decimal]:
    rows = _lines(passage, lot).values("dossier_id", "prestataire_id")
    totals = rows.annotate(total=Sum("retenue")).order_by()
    return {(row["dossier_id"], row["prestataire_id"]): row["total"] for row in totals}


def _lines(passage: Passage, lot: LotPaiement) -> QuerySet[Paiement]:
    return PAIEMENTS.rows(passage).filter(lot_id=lot.pk, ecarte=False, retenue__gt=0)
