"""Read the months that a run paid to some payees only, the others being set aside."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.policy import PAIEMENTS
from egide.systems.apa_ash.services.echeancier import Beneficiaire


def read_restes(
    passage: Passage, *, service_id: UUID, since: date
) -> dict[UUID, dict[date, frozenset[Beneficiaire]]]:
    """Give, for the months paid to some payees only, those that were set aside and never paid."""
    standing = (
        PAIEMENTS.rows(passage)
        .filter(service_id=service_id, mois_du__gte=since)
        .exclude(lot__etat=EtatLot.ABANDONNE)
    )
    rows = list(
        standing.filter(ecarte=True)
        .order_by("dossier_id", "mois_du")
        .values_list("dossier_id", "mois_du", "prestataire_id")
    )
    paid = set(
        standing.filter(ecarte=False, dossier_id__in={row[0] for row in rows})
        .order_by("dossier_id", "mois_du")
        .values_list("dossier_id", "mois_du", "prestataire_id")
    )
    begun = {(dossier_id, mois) for dossier_id, mois, _ in paid}
    found: dict[UUID, dict[date, frozenset[Beneficiaire]]] = defaultdict(dict)
    for dossier_id, mois, who in rows:
        if (dossier_id, mois) in begun and (dossier_id, mois, who) not in paid:
            found[dossier_id][mois] = found[dossier_id].get(mois, frozenset()) | {who}
    return found
