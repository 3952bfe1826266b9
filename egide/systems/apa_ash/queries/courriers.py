"""The letters of a file, and one of them as it left."""

from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Courrier, Dossier
from egide.systems.apa_ash.policy import COURRIERS

LABELS = {
    "accuse_reception": "Accusé de réception",
    "pieces_manquantes": "Pièces à fournir",
    "compte_rendu": "Compte rendu de visite",
    "proposition_plan": "Proposition de plan d’aide",
    "decision_accord": "Décision d’accord",
    "decision_rejet": "Décision de rejet",
    "refus_repute": "Demande réputée refusée",
    "forfait_tacite": "Forfait tacite",
    "revalorisation": "Revalorisation",
    "mise_en_demeure": "Mise en demeure",
    "suspension": "Suspension du versement",
    "reprise": "Reprise du versement",
    "fin_droit": "Fin du droit",
    "forfait_urgence": "Avance en urgence",
    "indu": "Somme à rembourser",
    "decision_remise": "Remise d’une somme à rembourser",
    "decision_relais": "Plan augmenté, aidant hospitalisé",
    "refus_relais": "Refus du relais de l’aidant",
    "demande_justificatifs": "Demande de justificatifs",
}


def list_courriers(passage: Passage, *, dossier: Dossier, limit: int = 100) -> list[Courrier]:
    """List the letters of a file without their content, the most recent first."""
    rows = COURRIERS.rows(passage).defer("pdf").filter(dossier=dossier)
    return list(rows.order_by("-cree_on", "-pk")[:limit])


def open_courrier(passage: Passage, *, pk: UUID) -> Courrier:
    """Give one letter with its PDF; refused as absent otherwise."""
    return COURRIERS.get(passage, pk=pk)


def name_of(courrier: Courrier) -> str:
    """Name the kind of a letter, as the screens show it."""
    return LABELS.get(courrier.nature, courrier.nature)
