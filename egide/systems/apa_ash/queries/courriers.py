"""The letters of a file, and one of them as it left."""

from datetime import date
from uuid import UUID

from django.db.models import Case, IntegerField, When

from egide.kernel.access.passage import Passage
from egide.kernel.access.rows import Traced
from egide.rules.apa.depots import Depot
from egide.systems.apa_ash.models import Courrier, Dossier, PlanAide
from egide.systems.apa_ash.policy import COURRIERS

# In the order of a procedure: letters of one day are told apart by it.
LABELS = {
    "pieces_manquantes": "Pièces à fournir",
    "accuse_reception": "Accusé de réception",
    "desistement": "Désistement",
    "compte_rendu": "Compte rendu de visite",
    "proposition_plan": "Proposition de plan d’aide",
    "refus_repute": "Demande réputée refusée",
    "forfait_urgence": "Avance en urgence",
    "forfait_tacite": "Forfait tacite",
    "decision_rejet": "Décision de rejet",
    "decision_accord": "Décision d’accord",
    "revalorisation": "Revalorisation",
    "mise_en_demeure": "Mise en demeure",
    "suspension": "Suspension du versement",
    "reprise": "Reprise du versement",
    "fin_droit": "Fin du droit",
    "maintien": "Maintien du droit",
    "refus_relais": "Refus du relais de l’aidant",
    "decision_relais": "Plan augmenté, aidant hospitalisé",
    "demande_justificatifs": "Demande de justificatifs",
    "indu": "Somme à rembourser",
    "decision_remise": "Remise d’une somme à rembourser",
    "retrait_indu": "Retrait d’une somme réclamée",
}
STEP = Case(
    *(When(nature=nature, then=step) for step, nature in enumerate(LABELS)),
    default=len(LABELS),
    output_field=IntegerField(),
)


def open_notices(passage: Passage) -> Traced[Courrier]:
    """Give the formal notices that nobody has put right, the last sent first, without content."""
    rows = COURRIERS.rows(passage).defer("pdf").filter(nature="mise_en_demeure")
    return rows.filter(regularisee_on__isnull=True).order_by("-cree_on", "pk")


def list_reclamations(passage: Passage, *, dossier: Dossier, since: date) -> list[Courrier]:
    """List the letters that asked for missing pieces since a day, the first first."""
    rows = COURRIERS.rows(passage).defer("pdf").filter(dossier=dossier, cree_on__gte=since)
    return list(rows.filter(nature="pieces_manquantes").order_by("cree_on", "pk"))


def depot_of_proposal(passage: Passage, *, plan: PlanAide) -> Depot | None:
    """Give when the letters that propose a plan were all posted, and said so; none: one was not."""
    if plan.envoye_on is None:
        return None
    rows = COURRIERS.rows(passage).filter(
        dossier_id=plan.dossier_id, nature="proposition_plan", cree_on=plan.envoye_on
    )
    kept = rows.order_by("pk").values_list("dossier_id", "poste_on", "poste_constate_on")
    depots = [Depot(left, said) for _, left, said in kept if left and said]
    if not depots or len(depots) != len(kept):
        return None
    return max(depots, key=lambda depot: depot.opposable_on)


def list_courriers(passage: Passage, *, dossier: Dossier, limit: int = 100) -> list[Courrier]:
    """List the letters of a file without their content, the most recent first."""
    rows = COURRIERS.rows(passage).defer("pdf").filter(dossier=dossier)
    return list(rows.order_by("-cree_on", STEP.desc(), "-pk")[:limit])


def open_courrier(passage: Passage, *, pk: UUID) -> Courrier:
    """Give one letter with its PDF; refused as absent otherwise."""
    return COURRIERS.get(passage, pk=pk)


def name_of(courrier: Courrier) -> str:
    """Name the kind of a letter, as the screens show it."""
    return LABELS.get(courrier.nature, courrier.nature)
