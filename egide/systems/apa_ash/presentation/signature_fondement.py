"""What a right that is advanced, or refused, rests on: told to whoever signs, day by day."""

from datetime import timedelta

from egide.kernel import notation
from egide.systems.apa_ash.models import ProjetDecision
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.queries.decision import Situation
from egide.systems.apa_ash.services.forfaits import urgence_periode
from egide.systems.apa_ash.services.silence import tacite_effet

Facts = list[tuple[str, str]]
ONE_DAY = timedelta(days=1)


def ground_facts(situation: Situation, projet: ProjetDecision) -> Facts:
    """Tell the facts of an urgency, of two months of silence, or of a refusal."""
    match projet.nature:
        case NatureDecision.URGENCE:
            return _urgence(situation)
        case NatureDecision.FORFAIT_TACITE:
            return _silence(situation)
        case NatureDecision.REJET:
            return [*_received(situation), *_evaluated(situation)]
        case _:
            return []


def _urgence(situation: Situation) -> Facts:
    demande, days = situation.demande, urgence_periode(situation)
    if demande is None or days is None:
        return []
    last = notation.jour_long(days.upper - ONE_DAY)
    return [
        *_received(situation),
        ("Urgence attestée par", demande.urgence_attestee_par),
        ("Avance", f"du {notation.jour_long(days.lower)} au {last} au plus tard"),
    ]


def _silence(situation: Situation) -> Facts:
    demande, effet_on = situation.demande, tacite_effet(situation)
    if demande is None or demande.complete_on is None or effet_on is None:
        return []
    said = notation.jour_long(demande.accuse_on) if demande.accuse_on else "aucun"
    return [
        *_received(situation),
        ("Dossier complet", notation.jour_long(demande.complete_on)),
        ("Accusé de réception", said),
        ("Forfait dû depuis le", notation.jour_long(effet_on)),
    ]


def _received(situation: Situation) -> Facts:
    demande = situation.demande
    return [("Demande reçue", notation.jour_long(demande.recue_on))] if demande else []


def _evaluated(situation: Situation) -> Facts:
    seen = situation.evaluation
    if seen is None:
        return []
    return [("Évaluation", f"GIR\u00a0{seen.gir}, le {notation.jour_long(seen.faite_on)}")]
