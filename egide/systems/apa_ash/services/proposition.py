"""Acts on the proposal of a plan: its sending and the person's answer (CASF R. 232-7, II)."""

from datetime import date
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse, BaremeProvisoire
from egide.rules.apa.delais import decision_avant, echeance
from egide.systems.apa_ash.calculs.chiffrage import partager_feuille
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Dossier, Evaluation, PlanAide
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.policy import DOSSIERS, PLANS
from egide.systems.apa_ash.queries.courriers import depot_of_proposal
from egide.systems.apa_ash.queries.demandes import completed_on
from egide.systems.apa_ash.queries.evaluation import last_evaluation
from egide.systems.apa_ash.queries.plan import Devis, open_devis
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.depots import term_of
from egide.systems.apa_ash.services.droit_en_cours import UNDER_A_RIGHT
from egide.systems.apa_ash.services.lettres_decision import share_plan, unite_ecrite
from egide.systems.apa_ash.services.plan import PlanNotPossible, hold_draft, hold_plan
from egide.systems.apa_ash.services.refus_repute import (
    MOTIF_REFUS,
    MOTIF_SILENCE,
    NoAnswerExpected,
    deem_refused,
    end_forfait,
    tell_refused,
)
from egide.systems.apa_ash.services.silence import ONE_DAY

BAREME_PROVISOIRE = (
    "Les montants officiels ne sont pas encore connus à cette date d’effet : "
    "le plan peut être simulé, pas envoyé."
)


class EmptyPlan(ActeRefuse):
    """A plan without any help cannot be proposed."""

    message = "Le plan est vide : ajoutez au moins une aide avant de l’envoyer."


class ResourcesUnknown(ActeRefuse):
    """The participation that the proposal must state cannot be computed."""

    message = (
        "Les ressources de la personne ne sont pas encore saisies : la proposition doit "
        "indiquer sa participation. L’instruction doit les recueillir d’abord."
    )


class RepitOverMaximum(ActeRefuse):
    """The répit is over what its yearly maximum leaves (CASF D. 232-9-1)."""

    message = "Le répit dépasse ce que son maximum annuel laisse : réduisez-le (CASF D. 232-9-1)."


class PonctuellesOverCeiling(ActeRefuse):
    """The aids paid once pass the instalments that may be grouped (CASF D. 232-33)."""

    message = (
        "Les aides ponctuelles dépassent les mensualités qui peuvent être groupées dans l’année, "
        "sous le plafond du plan : réduisez-les (CASF R. 232-10 et D. 232-33)."
    )


class RefusPrestataireMissing(ActeRefuse):
    """In GIR 1 or 2 only the person sets the service prestataire aside (CASF R. 232-12)."""

    message = (
        "En GIR 1 ou 2, l’emploi direct ou par un service mandataire suppose que la personne ait "
        "refusé par écrit, sur le plan, un service prestataire\u00a0: enregistrez ce refus et sa "
        "date, ou confiez l’aide à un service prestataire (CASF R. 232-12 et R. 232-13)."
    )


class AlreadyDefinitive(ActeRefuse):
    """A definitive proposal is accepted or refused; it is not discussed again."""

    message = "La proposition est définitive : la personne l’accepte ou la refuse."


class BadAnswerDay(ActeRefuse):
    """The answer is dated before the proposal left, or in the future."""

    message = "La date doit se situer entre l’envoi de la proposition et aujourd’hui."


class PropositionNonPostee(ActeRefuse):
    """A proposal that stayed in the office leaves no ten days to anybody."""

    message = (
        "Le courrier de la proposition n’a pas été noté posté\u00a0: les dix jours courent de sa "
        "réception (CASF R. 232-7). L’instruction le poste et le note dans «\u00a0Courriers à "
        "poster\u00a0»\u00a0; attendez ensuite ces dix jours."
    )


class ReceptionAvantDepot(ActeRefuse):
    """A letter is received after it was posted."""

    def __init__(self, posted_on: date) -> None:
        """Say the day on which it was posted."""
        super().__init__(
            f"La proposition a été postée le {notation.jour(posted_on)}\u00a0: elle ne peut pas "
            "avoir été reçue avant."
        )


class DelayStillRuns(ActeRefuse):
    """The ten days of the person are not over."""

    def __init__(self, until: date) -> None:
        """Say the last day of the delay."""
        super().__init__(f"Le délai de réponse court jusqu’au {notation.jour(until)} inclus.")


@act("envoyer la proposition de plan")
def propose_plan_aide(passage: Passage, *, plan_id: UUID) -> PlanAide:
    """Write the proposal with its rate and participation; its post lets the ten days run.

    They run from reception, which nobody knows yet: the file waits for its letter to be posted,
    then counts from that day (`record_posted`); the silence of the person is opposed only from the
    day of reception (`refuse_by_silence`).
    """
    plan, dossier = hold_draft(passage, plan_id=plan_id)
    devis = open_devis(passage, dossier=dossier, plan=plan)
    _check_sendable(devis)
    evaluation = last_evaluation(passage, dossier)
    if evaluation is None:
        raise PlanNotPossible
    PLANS.update(passage, plan, etat=EtatPlan.PROPOSE, envoye_on=passage.on)
    send_letter(
        passage,
        dossier=dossier,
        contenu=_contenu(devis, evaluation=evaluation),
    )
    _move(
        passage,
        dossier,
        etat=Etat.PROPOSE,
        echeance=Echeance.ENVOI,
        echeance_on=passage.on,
    )
    return plan


@act("enregistrer l’accord de la personne")
def accept_plan_aide(passage: Passage, *, plan_id: UUID, reponse_on: date) -> PlanAide:
    """Record that the person accepts; the decision follows."""
    plan, dossier = _proposed(passage, plan_id=plan_id, on=reponse_on)
    PLANS.update(passage, plan, etat=EtatPlan.ACCEPTE, reponse_on=reponse_on)
    _move(
        passage,
        dossier,
        etat=Etat.ACCEPTE,
        echeance=Echeance.DECISION,
        echeance_on=decision_avant(completed_on(passage, dossier=dossier) or reponse_on),
        contact=reponse_on,
    )
    return plan


@act("enregistrer les observations de la personne")
def record_observations(
    passage: Passage, *, plan_id: UUID, reponse_on: date, observations: str
) -> PlanAide:
    """Record what the person asks to change; a definitive proposal is due within eight days."""
    plan, dossier = _proposed(passage, plan_id=plan_id, on=reponse_on)
    if plan.definitif:
        raise AlreadyDefinitive
    PLANS.update(
        passage,
        plan,
        etat=EtatPlan.SANS_SUITE,
        reponse_on=reponse_on,
        observations=observations,
    )
    _move(
        passage,
        dossier,
        etat=Etat.PROPOSE,
        echeance=Echeance.PROPOSITION_DEFINITIVE,
        echeance_on=echeance("proposition_definitive", reponse_on),
        contact=reponse_on,
    )
    return plan


@act("enregistrer le refus de la personne")
def refuse_plan_aide(passage: Passage, *, plan_id: UUID, reponse_on: date) -> PlanAide:
    """Record an express refusal: the request is deemed refused, by letter (CASF R. 232-7, II)."""
    plan, dossier = _proposed(passage, plan_id=plan_id, on=reponse_on)
    PLANS.update(passage, plan, etat=EtatPlan.REFUSE, reponse_on=reponse_on)
    forfait = end_forfait(passage, dossier, refuse_on=reponse_on)
    tell_refused(passage, dossier, plan=plan, jour_on=reponse_on, forfait=forfait)
    deem_refused(passage, dossier, motif=MOTIF_REFUS, contact=reponse_on)
    return plan


@act("constater le silence de la personne")
def refuse_by_silence(passage: Passage, *, plan_id: UUID, recue_on: date) -> PlanAide:
    """Deem the request refused once ten days have passed since the person received the proposal."""
    plan, dossier = _proposed(passage, plan_id=plan_id, on=recue_on)
    depot = depot_of_proposal(passage, plan=plan)
    if depot is None:
        raise PropositionNonPostee
    if recue_on < depot.poste_on:
        raise ReceptionAvantDepot(depot.poste_on)
    until = term_of("observations", depot=depot, recue_on=recue_on, on=passage.on)
    if passage.on <= until:
        raise DelayStillRuns(until)
    PLANS.update(passage, plan, etat=EtatPlan.REFUSE)
    forfait = end_forfait(passage, dossier, refuse_on=until + ONE_DAY)
    tell_refused(passage, dossier, plan=plan, jour_on=recue_on, silence=True, forfait=forfait)
    deem_refused(passage, dossier, motif=MOTIF_SILENCE)
    return plan


def _proposed(passage: Passage, *, plan_id: UUID, on: date) -> tuple[PlanAide, Dossier]:
    plan, dossier = hold_plan(passage, plan_id=plan_id)
    if plan.etat != EtatPlan.PROPOSE or plan.envoye_on is None:
        raise NoAnswerExpected
    if not plan.envoye_on <= on <= passage.on:
        raise BadAnswerDay
    return plan, dossier


def _check_sendable(devis: Devis) -> None:
    if not devis.lignes:
        raise EmptyPlan
    if devis.chiffrage.feuille is None:
        raise ResourcesUnknown
    if devis.chiffrage.provisoire:
        raise BaremeProvisoire(BAREME_PROVISOIRE)
    ponctuel = devis.ponctuel
    if ponctuel and ponctuel.repit.excessive:
        raise RepitOverMaximum
    if ponctuel and ponctuel.ponctuelles.excessive:
        raise PonctuellesOverCeiling
    if devis.refus_requis and devis.plan.refus_prestataire_on is None:
        raise RefusPrestataireMissing


def _contenu(devis: Devis, *, evaluation: Evaluation) -> content.PropositionPlan:
    feuille = devis.chiffrage.feuille
    if feuille is None:
        raise ResourcesUnknown
    return content.PropositionPlan(
        gir=devis.plan.gir,
        evalue_on=evaluation.faite_on,
        effet_on=devis.plan.effet_on,
        definitive=devis.plan.definitif,
        refus_prestataire_on=devis.plan.refus_prestataire_on if devis.refus_requis else None,
        plan=share_plan(
            tuple(
                content.LignePlan(
                    aide=ligne.aide,
                    intervenant=ligne.intervenant,
                    volume=ligne.volume_mensuel,
                    unite=unite_ecrite(ligne.unite, volume=ligne.volume_mensuel),
                    tarif=ligne.tarif,
                    montant=ligne.montant_mensuel,
                    tarif_service=ligne.tarif_service,
                )
                for ligne in devis.lignes
            ),
            feuille=feuille,
            partage=partager_feuille(feuille),
            ponctuelles=devis.ponctuel.aides if devis.ponctuel else (),
        ),
    )


def _move(
    passage: Passage,
    dossier: Dossier,
    *,
    etat: Etat,
    echeance: str,
    echeance_on: date | None,
    contact: date | None = None,
) -> None:
    """Set where a file stands; a right that goes on keeps its state while it is reviewed."""
    DOSSIERS.update(
        passage,
        dossier,
        etat=dossier.etat if Etat(dossier.etat) in UNDER_A_RIGHT else etat,
        echeance=echeance,
        echeance_on=echeance_on,
        dernier_contact_on=max(dossier.dernier_contact_on, contact or date.min),
    )
