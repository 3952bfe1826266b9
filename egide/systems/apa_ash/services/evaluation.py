"""Acts of the équipe médico-sociale: the visit, the AGGIR grid and the GIR (CASF R. 232-7, I)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.colleagues import colleagues
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.rows import Traced
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.aggir import ModaliteRefusee, evaluate, from_adverbes, read_illustratives
from egide.rules.apa.delais import decision_avant, proposition_avant
from egide.rules.apa.domicile import opens_right
from egide.systems.apa_ash.models import Dossier, Evaluation, PlanAide, Visite
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.policy import BESOINS, DOSSIERS, EVALUATIONS, GRILLES, PLANS, VISITES
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.queries.demandes import completed_on, received_on
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.services.constat import Constat
from egide.systems.apa_ash.services.droit_en_cours import UNDER_A_RIGHT
from egide.systems.apa_ash.services.visites import visite_of_grid, visite_to_come

TO_VISIT = frozenset({Etat.COMPLET, Etat.VISITE, Etat.OUVERT, Etat.SUSPENDU})
TO_EVALUATE = TO_VISIT | {Etat.EVALUE}


class NotReadyForVisit(ActeRefuse):
    """The file is not complete, or its procedure is over."""

    message = "Ce dossier n’attend pas de visite : la demande doit d’abord être complète."


class NotReadyForEvaluation(ActeRefuse):
    """The grid cannot be entered where the file stands."""

    message = (
        "La grille ne peut pas être enregistrée : la demande est incomplète, "
        "ou une proposition est déjà partie."
    )


class NotAnEvaluateur(ActeRefuse):
    """The agent chosen for the visit does not belong to the team of the service today."""

    message = "Cette personne ne fait pas partie de l’équipe médico-sociale du service."


class IncompleteGrid(ActeRefuse):
    """An entry of the grid is missing or unreadable."""

    message = "La grille est incomplète : chaque ligne doit être renseignée."


class EvaluationInTheFuture(ActeRefuse):
    """An evaluation is dated after the day it is entered."""

    message = "La visite ne peut pas être datée dans le futur."


class EvaluationBeforeRequest(ActeRefuse):
    """A visit follows the request that it studies; a revision may rest on an earlier one."""

    def __init__(self, recue_on: date) -> None:
        """Say the day of the request."""
        super().__init__(
            f"La demande a été reçue le {notation.jour(recue_on)}\u00a0: "
            "la visite ne peut pas la précéder."
        )


@act("planifier une visite")
def plan_visite(
    passage: Passage,
    *,
    dossier_id: UUID,
    jeton: UUID,
    prevue_on: date,
    creneau: str,
    evaluateur_id: UUID,
) -> Visite:
    """Fix or move the visit of a file; one visit at a time is to come (CASF R. 232-7, I)."""
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    if Etat(dossier.etat) not in TO_VISIT:
        raise NotReadyForVisit
    _check_evaluateur(passage, dossier, evaluateur_id=evaluateur_id)
    values = {"prevue_on": prevue_on, "creneau": creneau, "evaluateur_id": evaluateur_id}
    visite = visite_to_come(passage, dossier)
    if visite is None:
        visite = VISITES.create(
            passage, id=jeton, service_id=dossier.service_id, dossier_id=dossier.pk, **values
        )
    else:
        VISITES.update(passage, visite, **values)
    due = proposition_avant(completed_on(passage, dossier=dossier) or prevue_on)
    # The appointment is taken with the person: it is a contact.
    _advance(passage, dossier, etat=Etat.VISITE, echeance=Echeance.VISITE, due=due, on=passage.on)
    return visite


@act("noter une visite faite")
def note_visite(
    passage: Passage,
    *,
    dossier_id: UUID,
    jeton: UUID,
    faite_on: date,
    creneau: str,
    evaluateur_id: UUID,
) -> Visite:
    """Note a visit that took place: the one that was planned, or another; the grid may follow."""
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    known = VISITES.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()
    if known is not None:
        return known  # the same form, sent twice
    if Etat(dossier.etat) not in TO_VISIT:
        raise NotReadyForVisit
    _check_evaluateur(passage, dossier, evaluateur_id=evaluateur_id)
    _check_visit_day(passage, dossier, faite_on=faite_on)
    visite = visite_to_come(passage, dossier)
    if visite is None:
        visite = VISITES.create(
            passage,
            id=jeton,
            service_id=dossier.service_id,
            dossier_id=dossier.pk,
            prevue_on=faite_on,
            creneau=creneau,
            evaluateur_id=evaluateur_id,
            realisee_on=faite_on,
        )
    else:
        VISITES.update(
            passage, visite, creneau=creneau, evaluateur_id=evaluateur_id, realisee_on=faite_on
        )
    due = proposition_avant(completed_on(passage, dossier=dossier) or faite_on)
    _advance(passage, dossier, etat=Etat.VISITE, echeance=Echeance.VISITE, due=due, on=faite_on)
    return visite


@act("enregistrer la grille AGGIR")
def record_evaluation(
    passage: Passage,
    *,
    dossier_id: UUID,
    jeton: UUID,
    faite_on: date,
    adverbes: Mapping[str, str],
    constat: Constat,
    autre_visite: bool = False,
) -> Evaluation:
    """Keep the GIR for instruction, and the grid with its evidence for the team alone.

    It tells the visit that waits for a grid; `autre_visite` says that the person was seen again.
    """
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    known = EVALUATIONS.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()
    if known is not None:
        return known  # the same form, sent twice
    _check_evaluation(passage, dossier, faite_on=faite_on)
    try:
        resultat = evaluate(from_adverbes(adverbes, on=faite_on))
        illustratives = read_illustratives(constat.illustratives)
    except ModaliteRefusee as error:
        raise IncompleteGrid from error
    visite = visite_of_grid(passage, dossier, on=faite_on, autre_visite=autre_visite)
    bound = {"service_id": dossier.service_id, "dossier_id": dossier.pk}
    evaluation = EVALUATIONS.create(
        passage,
        id=jeton,
        **bound,
        visite_id=visite.pk,
        faite_on=faite_on,
        gir=resultat.gir,
        auteur_id=passage.agent.pk,
    )
    GRILLES.create(
        passage,
        **bound,
        evaluation_id=evaluation.pk,
        adverbes=dict(adverbes),
        illustratives=illustratives,
        lettres=resultat.lettres,
        groupe=resultat.groupe,
        sommes=dict(resultat.sommes),
        rang=resultat.rang,
        version=resultat.version,
        observations=constat.observations,
    )
    BESOINS.create(passage, **bound, evaluation_id=evaluation.pk, **asdict(constat.besoins))
    _put_aside_drafts(passage, dossier, gir=resultat.gir)
    _after_evaluation(passage, dossier, evaluation=evaluation)
    return evaluation


def _check_evaluateur(passage: Passage, dossier: Dossier, *, evaluateur_id: UUID) -> None:
    team = colleagues(passage, role=Role.EVALUATEUR)
    if not any(
        c.agent_id == evaluateur_id and c.service_id == dossier.service_id and c.en_poste
        for c in team
    ):
        raise NotAnEvaluateur


def _check_visit_day(passage: Passage, dossier: Dossier, *, faite_on: date) -> None:
    if faite_on > passage.on:
        raise EvaluationInTheFuture
    received = received_on(passage, dossier=dossier)
    if not received or faite_on >= received[0]:
        return
    if faite_on < received[-1] or not _visited(passage, dossier, on=faite_on):
        raise EvaluationBeforeRequest(received[0])


def _check_evaluation(passage: Passage, dossier: Dossier, *, faite_on: date) -> None:
    if Etat(dossier.etat) not in TO_EVALUATE:
        raise NotReadyForEvaluation
    _check_visit_day(passage, dossier, faite_on=faite_on)
    sent = PLANS.rows(passage).filter(dossier=dossier, etat=EtatPlan.PROPOSE)
    if sent.order_by("pk").first() is not None:
        raise NotReadyForEvaluation


def _visited(passage: Passage, dossier: Dossier, *, on: date) -> bool:
    """Tell whether a visit of that day was planned or made for the request that is revised."""
    known = VISITES.rows(passage).filter(dossier=dossier, prevue_on=on).order_by("pk").first()
    return known is not None and len(received_on(passage, dossier=dossier)) > 1


def _put_aside_drafts(passage: Passage, dossier: Dossier, *, gir: int) -> None:
    """Put aside a draft that was built for another GIR: its ceiling no longer holds."""
    for draft in drafts(passage, dossier).exclude(gir=gir):
        PLANS.update(passage, draft, etat=EtatPlan.SANS_SUITE)


def drafts(passage: Passage, dossier: Dossier) -> Traced[PlanAide]:
    """Give the plan in the making of a file, which is one at the most."""
    rows = PLANS.rows(passage, action=Action.WRITE)
    return rows.filter(dossier=dossier, etat=EtatPlan.BROUILLON).order_by("pk")


def _after_evaluation(passage: Passage, dossier: Dossier, *, evaluation: Evaluation) -> None:
    # A review that nobody asked for has no complete file: its delays run from the visit.
    complete = completed_on(passage, dossier=dossier) or evaluation.faite_on
    if opens_right(evaluation.gir, on=evaluation.faite_on):
        echeance, due = (
            Echeance.PROPOSITION,
            proposition_avant(complete),
        )
    else:
        # No plan: the visit's report advises the person, and the refusal is decided (R. 232-7, II).
        echeance, due = Echeance.DECISION, decision_avant(complete)
    _advance(passage, dossier, etat=Etat.EVALUE, echeance=echeance, due=due, on=evaluation.faite_on)


def _advance(
    passage: Passage, dossier: Dossier, *, etat: Etat, echeance: Echeance, due: date, on: date
) -> None:
    DOSSIERS.update(
        passage,
        dossier,
        # A right that is reviewed without a request keeps its state.
        etat=dossier.etat if Etat(dossier.etat) in UNDER_A_RIGHT else etat,
        echeance=echeance,
        echeance_on=due,
        dernier_contact_on=max(dossier.dernier_contact_on, on),
    )
