"""Count on the debts what a run withholds, and take it off when the run is given up."""

from decimal import Decimal
from uuid import UUID

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import LotPaiement
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.policy import INDUS, PAIEMENTS, REMBOURSEMENTS
from egide.systems.apa_ash.queries.ecritures import count_on_debts

ZERO = Decimal(0)


def withhold(passage: Passage, lot: LotPaiement) -> bool:
    """Count what the run withholds, the oldest debt of each payee first; false if none fits."""
    withheld = _withheld(passage, lot)
    if not withheld:
        return True
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
    if any(withheld.values()):
        return False
    count_on_debts(changed)
    return True


def give_back(passage: Passage, lot: LotPaiement) -> None:
    """Take off the debts what a validated run will not withhold, the last counted first.

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
    count_on_debts(changed)


def _withheld(passage: Passage, lot: LotPaiement) -> dict[tuple[UUID, Beneficiaire], Decimal]:
    lines = PAIEMENTS.rows(passage).filter(lot_id=lot.pk, ecarte=False, retenue__gt=0)
    rows = lines.values("dossier_id", "prestataire_id")
    totals = rows.annotate(total=Sum("retenue")).order_by()
    return {(row["dossier_id"], row["prestataire_id"]): row["total"] for row in totals}
