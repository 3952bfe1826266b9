"""What to do next on a file, where, and what the silence of two months has already given."""

from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse

from egide.rules.apa import delais
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.presentation import FORFAIT_DU, revision_due
from egide.systems.apa_ash.queries.silence import Silence

# What to do about each deadline, and the screen where it is done.
NEXT = {
    Echeance.ACCUSE: ("Vérifier les pièces", "apa_ash:demande"),
    Echeance.PIECES: ("Noter ou relancer les pièces", "apa_ash:demande"),
    Echeance.VISITE: ("Planifier la visite", "apa_ash:visite"),
    Echeance.PROPOSITION: ("Voir le plan d’aide", "apa_ash:plan"),
    Echeance.ENVOI: ("Voir les courriers", "apa_ash:courriers"),
    Echeance.REPONSE: ("Noter la réponse", "apa_ash:plan"),
    Echeance.PROPOSITION_DEFINITIVE: ("Voir le plan d’aide", "apa_ash:plan"),
    Echeance.DECISION: ("Préparer la décision", "apa_ash:decision"),
    Echeance.JUSTIFICATION: ("Suivre les justificatifs", "apa_ash:decision"),
    Echeance.MISE_EN_DEMEURE: ("Suivre la mise en demeure", "apa_ash:decision"),
    Echeance.TRANSMISSION: ("Transmettre le dossier", "apa_ash:secours"),
    Echeance.COMPETENCE: ("Noter la réponse du département", "apa_ash:secours"),
    Echeance.REVISION: ("Engager la révision", "apa_ash:decision"),
    Echeance.FIN: ("Voir la fin du droit", "apa_ash:decision"),
}
ATTENDUE = "Décision attendue, forfait versé"


def next_act(
    dossier: Dossier, *, on: date, silence: Silence, visite_a_venir: bool = False
) -> dict[str, Any]:
    """Give what to do next on a file, where, and for when; `calm` tells that it can wait long."""
    if silence.complete_on and silence.is_due(dossier, on=on):
        return {
            "what": FORFAIT_DU,
            "label": "Constater le forfait",
            "url": reverse("apa_ash:acte_decision", args=[dossier.pk, "forfait"]),
            "calm": False,
            "exact": False,
            "day": delais.decision_avant(silence.complete_on),
        }
    ends = dossier.echeance == Echeance.FIN
    act = {"day": dossier.echeance_on, "calm": False, "exact": ends}
    if not dossier.echeance:
        url = _url("apa_ash:dossier", dossier)
        return act | {"what": "", "label": "Ouvrir le dossier", "url": url}
    echeance = Echeance(dossier.echeance)
    # A lump sum runs until the decision, and nothing is decided before the person is visited.
    unseen = echeance == Echeance.DECISION and dossier.etat in {Etat.COMPLET, Etat.VISITE}
    label, name = NEXT[Echeance.VISITE if unseen else echeance]
    # A right that is reviewed keeps its state: the visit itself tells that it is planned.
    planned = (dossier.etat == Etat.VISITE or visite_a_venir) and name == "apa_ash:visite"
    waited = echeance == Echeance.DECISION and silence.forfait
    return act | {
        "what": ATTENDUE if waited else str(echeance.label),
        "label": "Voir la visite" if planned else label,
        "url": _url(name, dossier),
        "calm": planned
        or ends
        or (echeance == Echeance.REVISION and not revision_due(dossier, on=on)),
    }


def _url(name: str, dossier: Dossier) -> str:
    try:
        return reverse(name, args=[dossier.pk])
    except NoReverseMatch:  # the screen belongs to a purpose that this instance does not serve
        return reverse("apa_ash:dossier", args=[dossier.pk])
