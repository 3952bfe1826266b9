"""Refuse the APA, on a ground that the file establishes (CASF R. 232-1 to R. 232-7)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.refus import ActeRefuse
from egide.rules.age import age_on
from egide.rules.apa.delais import echeance
from egide.rules.apa.depots import Depot
from egide.rules.apa.domicile import AGE_INSUFFISANT, GIR_NON_ELIGIBLE, motif_refus
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Decision, Demande, Droit, ProjetDecision
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.policy import DOSSIERS
from egide.systems.apa_ash.queries.courriers import list_reclamations
from egide.systems.apa_ash.queries.decision import Situation
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.decisions import RienADecider
from egide.systems.apa_ash.services.droit_en_cours import back_to_droit
from egide.systems.apa_ash.services.droits import (
    avance_versee,
    close_droits,
    take_decision,
)
from egide.systems.apa_ash.services.silence import check_silence


class MotifContredit(ActeRefuse):
    """The file says the contrary of the ground."""

    message = "Ce motif est contredit par le dossier : choisissez celui que les pièces établissent."


class PrestationNonNommee(ActeRefuse):
    """A refusal for another benefit names it: the person could not answer it otherwise."""

    message = (
        "Nommez la prestation que la personne reçoit et qui ne se cumule pas avec l’APA : le "
        "courrier doit la dire."
    )


class RelanceAbsente(ActeRefuse):
    """The pieces were asked once at the most."""

    message = (
        "Les pièces n’ont été réclamées qu’une fois\u00a0: réclamez-les de nouveau sous l’onglet "
        "Demande, postez ce courrier, et laissez à la personne le temps d’y répondre."
    )


class RelanceNonPostee(ActeRefuse):
    """A reminder that stayed in the office leaves time to nobody."""

    message = (
        "La relance n’a pas été notée postée\u00a0: le temps qu’elle laisse court de là. Postez-la"
        ", puis notez-la dans «\u00a0Courriers à poster\u00a0»."
    )


class RelanceEnCours(ActeRefuse):
    """The time that the reminder leaves is not over."""

    def __init__(self, until: date) -> None:
        """Say the last day of it."""
        super().__init__(
            f"La relance laisse à la personne jusqu’au {notation.jour_long(until)} inclus pour "
            "compléter sa demande."
        )


@dataclass(frozen=True, slots=True)
class MotifRejet:
    """A ground of refusal: its words, its article, and what the file must show."""

    libelle: str
    texte: str
    source: str
    holds: Callable[[Situation, date], bool]


def _too_young(situation: Situation, on: date) -> bool:
    age = age_on(situation.dossier.identite.naissance_on, on=on)
    return motif_refus(on, age=age, gir=1) == AGE_INSUFFISANT


def _refused(situation: Situation, _on: date) -> bool:
    return bool(situation.plans) and situation.plans[0].etat == EtatPlan.REFUSE


def _elsewhere(situation: Situation, _on: date) -> bool:
    return situation.demande is not None


GIR, CUMUL, INCOMPLET, ETABLISSEMENT = "gir", "cumul", "incomplet", "etablissement"

# The silence of the person is no ground here: it counts from the day the proposal was received,
# which `refuse_by_silence` asks for (CASF R. 232-7, II).
MOTIFS: Mapping[str, MotifRejet] = {
    "age": MotifRejet(
        "Âge inférieur à 60 ans",
        "Vous n’avez pas soixante ans, âge à partir duquel l’APA peut être accordée.",
        "CASF R. 232-1",
        _too_young,
    ),
    "residence": MotifRejet(
        "Résidence non stable ou irrégulière",
        "Votre résidence en France n’est pas établie comme stable et régulière.",
        "CASF R. 232-2",
        lambda situation, _on: bool(situation.demande and not situation.demande.residence_stable),
    ),
    GIR: MotifRejet(
        "GIR 5 ou 6",
        "L’évaluation vous classe hors des groupes iso-ressources 1 à 4, auxquels l’APA est "
        "réservée.",
        "CASF R. 232-4",
        lambda situation, on: bool(
            situation.evaluation
            and motif_refus(on, age=100, gir=situation.evaluation.gir) == GIR_NON_ELIGIBLE
        ),
    ),
    "refus": MotifRejet(
        "Plan d’aide refusé",
        "Vous avez refusé le plan d’aide que nous vous avons proposé.",
        "CASF R. 232-7",
        _refused,
    ),
    CUMUL: MotifRejet(
        "Autre prestation non cumulable",
        "Vous recevez une prestation qui ne se cumule pas avec l’APA.",
        "CASF L. 232-23",
        _elsewhere,
    ),
    ETABLISSEMENT: MotifRejet(
        "Entrée en établissement",
        "Vous vivez dans un établissement : l’APA à domicile paie l’aide chez soi.",
        "CASF L. 232-3, L. 232-5 et L. 232-8",
        # Under a right that goes on, the right itself ends.
        lambda situation, _on: bool(situation.demande and not situation.dossier.etat_droit),
    ),
    INCOMPLET: MotifRejet(
        "Demande jamais complétée, après relance",
        "Votre demande est restée incomplète : malgré notre relance, toutes les pièces demandées "
        "ne sont pas arrivées.",
        "CASF R. 232-23",
        lambda situation, _on: situation.dossier.etat == Etat.INCOMPLET,
    ),
}


RECLAMATIONS = 2  # the first letter, and a reminder
CLOSED = {"etat": Etat.REJETE, "echeance": "", "echeance_on": None}


def write_motif(code: str, *, precisions: str) -> str:
    """Write the ground of a refusal with what is added to it; another benefit is named."""
    told = precisions.strip()
    if code == CUMUL and not told:
        raise PrestationNonNommee
    return f"{MOTIFS[code].texte} {told}".strip()


def check_rejet(situation: Situation, *, code: str, on: date) -> tuple[Demande, MotifRejet]:
    """Refuse a ground that the file does not establish; give the request and the ground."""
    if not situation.en_instruction or situation.demande is None:
        raise RienADecider
    check_silence(situation, effet_on=on, on=on)
    motif = MOTIFS[code]
    if not motif.holds(situation, on):
        raise MotifContredit
    return situation.demande, motif


def check_relance(passage: Passage, *, situation: Situation) -> None:
    """Refuse to close an incomplete request before its person was reminded, and left time.

    No text bounds the time to complete a request, nor says what becomes of it: the delay is a
    proposed one, from the post of the reminder.
    """
    since = situation.demande.recue_on if situation.demande else passage.on
    asked = list_reclamations(passage, dossier=situation.dossier, since=since)
    if len(asked) < RECLAMATIONS:
        raise RelanceAbsente
    last = asked[-1]
    if last.poste_on is None or last.poste_constate_on is None:
        raise RelanceNonPostee
    depot = Depot(last.poste_on, last.poste_constate_on)
    until = echeance("reponse_relance", depot.opposable_on)
    if passage.on <= until:
        raise RelanceEnCours(until)


def reject_demande(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> Decision:
    """Refuse the request as it was proposed; a current right goes on."""
    dossier = situation.dossier
    demande, motif = check_rejet(situation, code=projet.code, on=passage.on)
    if projet.code == INCOMPLET:
        check_relance(passage, situation=situation)
    decision = take_decision(
        passage,
        jeton=projet.pk,
        dossier=dossier,
        nature=NatureDecision.REJET,
        effet_on=passage.on,
        motif=projet.motif,
        deja_verse=avance_versee(situation, until=passage.on),
    )
    current = situation.droit_on(passage.on) or situation.droit_ouvert()
    lump_sum = current if current and current.forfait else None
    if lump_sum:
        close_droits(passage, situation=situation, on=passage.on)
    kept = current is not None and lump_sum is None
    DOSSIERS.update(passage, dossier, **(back_to_droit(dossier) if kept else CLOSED))
    evaluation = situation.evaluation
    send_letter(
        passage,
        dossier=dossier,
        decision=decision,
        prepare_par=projet.propose_par_id,
        contenu=content.DecisionRejet(
            decidee_on=passage.on,
            recue_on=demande.recue_on,
            motifs=(content.Motif(projet.motif, motif.source),),
            gir=evaluation.gir if evaluation and projet.code == GIR else None,
            forfait=_arrete(lump_sum, on=passage.on) if lump_sum else None,
            incomplete=projet.code == INCOMPLET,
            etablissement=projet.code == ETABLISSEMENT,
        ),
    )
    return decision


def _arrete(droit: Droit, *, on: date) -> content.ForfaitArrete:
    """Tell the lump sum that a refusal ends: it is due until the eve."""
    return content.ForfaitArrete(montant=droit.apa, fin_on=on - timedelta(days=1))
