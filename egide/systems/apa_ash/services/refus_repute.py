"""Close a request that its person refused or left without answer (CASF R. 232-7, II)."""

from datetime import date

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Dossier, PlanAide
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.policy import DECISIONS, DOSSIERS
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.queries.demandes import completed_on
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.droit_en_cours import back_to_droit, droit_continue
from egide.systems.apa_ash.services.droits import close_droits
from egide.systems.apa_ash.services.silence import ONE_DAY, check_silence, silence_on

MOTIF_REFUS = "Demande réputée refusée : proposition refusée (CASF R. 232-7, II)"
MOTIF_SILENCE = "Demande réputée refusée : silence de dix jours (CASF R. 232-7, II)"


class NoAnswerExpected(ActeRefuse):
    """The plan waits for no answer."""

    message = "Aucune réponse n’est attendue : la proposition n’est pas partie ou a déjà répondu."


class SilenceALInstruction(ActeRefuse):
    """The team reads no right: it cannot tell whether the lump sum of a silence is recorded."""

    message = (
        "Les deux mois du dossier complet étaient passés : un forfait tacite est dû (CASF "
        "L. 232-14). L’instruction enregistre cette réponse, une fois le forfait constaté."
    )


def end_forfait(
    passage: Passage, dossier: Dossier, *, refuse_on: date
) -> content.ForfaitArrete | None:
    """End the lump sum of a request that is deemed refused on a day; give what it was.

    Without a request to decide on, no decision would ever end it. What two months of silence gave
    before that day is recorded first: a request that is closed gives nothing any more.
    """
    if droit_continue(dossier):
        return None
    if not DECISIONS.allowed(passage, Action.WRITE):
        complete_on = completed_on(passage, dossier=dossier)
        if complete_on is not None and silence_on(complete_on) < refuse_on:
            raise SilenceALInstruction
        return None
    situation = load_situation(passage, pk=dossier.pk, action=Action.WRITE)
    check_silence(situation, effet_on=refuse_on, on=passage.on)
    droit = situation.droit_ouvert()
    if droit is None or not droit.forfait:
        return None
    close_droits(passage, situation=situation, on=passage.on)
    return content.ForfaitArrete(montant=droit.apa, fin_on=passage.on - ONE_DAY)


def tell_refused(
    passage: Passage,
    dossier: Dossier,
    *,
    plan: PlanAide,
    jour_on: date,
    forfait: content.ForfaitArrete | None,
    silence: bool = False,
) -> None:
    """Tell the person what became of the request, and how to contest it."""
    if plan.envoye_on is None:
        raise NoAnswerExpected
    send_letter(
        passage,
        dossier=dossier,
        contenu=content.RefusRepute(
            proposee_on=plan.envoye_on,
            jour_on=jour_on,
            silence=silence,
            droit_en_cours=droit_continue(dossier),
            forfait=forfait,
        ),
    )


def deem_refused(
    passage: Passage, dossier: Dossier, *, motif: str, contact: date | None = None
) -> None:
    """Close the request; under a right that goes on, only its revision is refused."""
    closed = {"etat": Etat.REJETE, "echeance": "", "echeance_on": None, "motif_fin": motif}
    DOSSIERS.update(
        passage,
        dossier,
        dernier_contact_on=max(dossier.dernier_contact_on, contact or date.min),
        **(back_to_droit(dossier) if droit_continue(dossier) else closed),
    )
