"""Suspend a payment by a reasoned decision after a notice, then restore it (CASF R. 232-16)."""

from datetime import date
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.depots import Depot
from egide.rules.apa.versement import effet_retablissement, effet_suspension
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Courrier, Decision, Dossier, ProjetDecision
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.droit import NatureDecision, NatureInterruption
from egide.systems.apa_ash.policy import DOSSIERS, INTERRUPTIONS
from egide.systems.apa_ash.queries.decision import Situation, load_situation
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.depots import term_of
from egide.systems.apa_ash.services.droit_en_cours import (
    UNDER_A_RIGHT,
    next_revision,
)
from egide.systems.apa_ash.services.droits import find_taken, take_decision
from egide.systems.apa_ash.services.interruptions import AucunDroitAInterrompre
from egide.systems.apa_ash.services.mises_en_demeure import (
    DejaSuspendu,
    MiseEnDemeureAbsente,
    pending_notice,
    write_motif,
)
from egide.systems.apa_ash.services.motifs_suspension import MOTIFS
from egide.systems.apa_ash.services.revisions import JourFutur
from egide.systems.apa_ash.services.trop_verses import beyond_suspension, paid_from


class MoisNonEcoule(ActeRefuse):
    """The month that the formal notice leaves is not over."""

    message = (
        "Le mois qui suit la réception de la mise en demeure n’est pas écoulé (CASF R. 232-16)."
    )


class MiseEnDemeureNonPostee(ActeRefuse):
    """A notice that stayed in the office leaves no month to anybody."""

    message = (
        "La mise en demeure n’a pas été postée\u00a0: le mois qu’elle laisse court de sa réception "
        "(CASF R. 232-16). Postez-la en recommandé, notez-la dans «\u00a0Courriers à "
        "poster\u00a0», puis attendez ce mois."
    )


class ReceptionAvantEnvoi(ActeRefuse):
    """A registered letter is received after it was posted."""

    message = "La mise en demeure ne peut pas avoir été reçue avant le jour où elle a été postée."


class MotifNonMisEnDemeure(ActeRefuse):
    """A suspension has the ground of the notice that the person received."""

    def __init__(self, notice: Courrier) -> None:
        """Say which ground the person was given a month to put right."""
        super().__init__(
            f"La mise en demeure du {notation.jour_long(notice.cree_on)} portait sur un autre motif"
            f"\u00a0: «\u00a0{MOTIFS[notice.motif].libelle}\u00a0». La personne n’a eu son mois "
            "que pour celui-là (CASF R. 232-16)."
        )


class SuspensionApresLaFin(ActeRefuse):
    """What a suspension would stop has ended by then."""

    def __init__(self, fin_on: date) -> None:
        """Say the last day of the right."""
        super().__init__(
            f"Le droit se termine le {notation.jour_long(fin_on)}\u00a0: une suspension, qui prend "
            "effet au 1er du mois suivant, n’arrêterait plus rien (CASF R. 232-16)."
        )


class MotifChange(ActeRefuse):
    """The proofs that are missing are no longer those that the proposal says."""

    message = (
        "Les justificatifs qui manquent ne sont plus ceux que la proposition dit\u00a0: "
        "renvoyez-la."
    )


class NonSuspendu(ActeRefuse):
    """There is no suspension to end."""

    message = "Le versement n’est pas suspendu."


def check_suspension(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> Courrier:
    """Refuse a suspension that nothing allows, or no longer as it was written; give its notice."""
    if situation.suspension is not None:
        raise DejaSuspendu
    if situation.droit_en_cours(passage.on) is None:
        raise AucunDroitAInterrompre
    fin_on = situation.dossier.fin_droit_on
    if fin_on is not None and effet_suspension(passage.on) > fin_on:
        raise SuspensionApresLaFin(fin_on)
    notice = _check_notice(passage, situation=situation, projet=projet)
    # The proofs that are missing may not be those of the day of the proposal any more.
    if not projet.motif.startswith(write_motif(passage, situation.dossier, code=projet.code)):
        raise MotifChange
    return notice


def suspend_droit(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> Decision:
    """Suspend as it was proposed, from the first of the month that follows the notification."""
    dossier = situation.dossier
    notice = check_suspension(passage, situation=situation, projet=projet)
    motif, effet_on = MOTIFS[projet.code], effet_suspension(passage.on)
    paid = paid_from(passage, situation)
    beyond = beyond_suspension(paid, situation, effet_on=effet_on)
    decision = take_decision(
        passage,
        jeton=projet.pk,
        dossier=dossier,
        nature=NatureDecision.SUSPENSION,
        effet_on=effet_on,
        motif=projet.motif,
    )
    INTERRUPTIONS.create(
        passage,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        nature=NatureInterruption.SUSPENSION,
        periode=DateRange(effet_on, None),
        motif=projet.motif,
        mise_en_demeure_on=notice.cree_on,
    )
    DOSSIERS.update(passage, dossier, **_state(dossier, etat=Etat.SUSPENDU))
    send_letter(
        passage,
        dossier=dossier,
        decision=decision,
        prepare_par=projet.propose_par_id,
        contenu=content.Suspension(
            decidee_on=passage.on,
            mise_en_demeure_on=notice.cree_on,
            effet_on=effet_on,
            motifs=(content.Motif(projet.motif, motif.source),),
            attendu=motif.attendu,
            deja_verse=bool(beyond),
        ),
    )
    return decision


def _check_notice(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> Courrier:
    """Refuse a suspension on another ground, or before the month that follows the receipt ends."""
    notice = pending_notice(passage, situation=situation)
    if notice is None:
        raise MiseEnDemeureAbsente
    if notice.motif != projet.code:
        raise MotifNonMisEnDemeure(notice)
    if notice.poste_on is None or notice.poste_constate_on is None:
        raise MiseEnDemeureNonPostee
    recue_on, depot = projet.fait_on, Depot(notice.poste_on, notice.poste_constate_on)
    if recue_on is None or recue_on < depot.poste_on:
        raise ReceptionAvantEnvoi
    if passage.on <= term_of("mise_en_demeure", depot=depot, recue_on=recue_on, on=passage.on):
        raise MoisNonEcoule
    return notice


@act("rétablir le versement")
def resume_droit(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, regularisee_on: date
) -> Decision:
    """Restore the payment from the first of the month in which things were put right."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier, stopped = situation.dossier, situation.suspension
    if taken := find_taken(passage, jeton=jeton, dossier=dossier):
        return taken
    if stopped is None:
        raise NonSuspendu
    if regularisee_on > passage.on:
        raise JourFutur
    effet_on = max(effet_retablissement(regularisee_on), stopped.periode.lower)
    decision = take_decision(
        passage,
        jeton=jeton,
        dossier=dossier,
        nature=NatureDecision.REPRISE,
        effet_on=effet_on,
        motif="Situation régularisée.",
    )
    INTERRUPTIONS.update(passage, stopped, periode=_until(stopped.periode.lower, effet_on))
    changes = _state(dossier, etat=Etat.OUVERT)
    contact = max(dossier.dernier_contact_on, regularisee_on)
    DOSSIERS.update(passage, dossier, dernier_contact_on=contact, **changes)
    send_letter(
        passage,
        dossier=dossier,
        decision=decision,
        contenu=content.Reprise(
            decidee_on=passage.on, regularisee_on=regularisee_on, effet_on=effet_on
        ),
    )
    return decision


def _until(start: date, end: date) -> DateRange:
    """End a suspension; put right before it began, it has covered no day."""
    return DateRange(start, end) if start < end else DateRange(empty=True)


def _state(dossier: Dossier, *, etat: Etat) -> dict[str, object]:
    """Set the state of the right; a revision that is being studied keeps its own deadline."""
    if Etat(dossier.etat) in UNDER_A_RIGHT:
        return {"etat": etat, **next_revision(dossier)}
    return {"etat_droit": etat} if dossier.etat_droit else {}
