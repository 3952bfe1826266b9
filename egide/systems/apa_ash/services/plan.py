"""Acts on the draft of a plan d'aide and on its lines (CASF L. 232-3, R. 232-7, II)."""

from dataclasses import asdict
from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.domicile import opens_right
from egide.systems.apa_ash.models import AidePonctuelle, Dossier, LignePlan, PlanAide
from egide.systems.apa_ash.models.dossier import FINIS, Echeance, Etat
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.policy import AIDES_PONCTUELLES, LIGNES_PLAN, PLANS, PRESTATAIRES
from egide.systems.apa_ash.queries import plan as queries
from egide.systems.apa_ash.queries.demandes import received_on
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.evaluation import last_evaluation
from egide.systems.apa_ash.queries.plan import Aide

TO_PLAN = frozenset({Etat.EVALUE, Etat.PROPOSE, Etat.OUVERT, Etat.SUSPENDU})
IN_THE_MAKING = (EtatPlan.BROUILLON, EtatPlan.PROPOSE)


class PlanNotPossible(ActeRefuse):
    """No plan can be drawn up: no GIR 1 to 4, or one is already in the making."""

    message = (
        "Aucun plan ne peut être préparé : il faut une évaluation en GIR 1 à 4 "
        "et aucun autre plan en cours."
    )


class FileIsOver(ActeRefuse):
    """The plan of a file that was rejected or closed is neither sent nor answered any more."""

    message = "Ce dossier est fermé ou rejeté : son plan d’aide n’avance plus."


class PlanAlreadySent(ActeRefuse):
    """The plan was sent to the person: it no longer changes."""

    message = "Cette proposition est déjà partie : elle ne peut plus être modifiée."


class UnknownPrestataire(ActeRefuse):
    """The service chosen for a line is not one of the organisme, or no longer works."""

    message = "Ce prestataire n’est pas connu ou n’est plus actif."


class EffetAvantDemande(ActeRefuse):
    """A right opens at its notification, so never before its request (CASF L. 232-14)."""

    message = "Le plan ne peut pas prendre effet avant la demande (CASF L. 232-14)."


def _check_effet(passage: Passage, dossier: Dossier, *, effet_on: date) -> None:
    received = received_on(passage, dossier=dossier)
    if received and effet_on < received[0]:
        raise EffetAvantDemande


class BadRefusDay(ActeRefuse):
    """The refusal is dated before the request, or in the future."""

    message = (
        "La date du refus écrit doit se situer entre la réception de la demande et aujourd’hui."
    )


def revises(dossier: Dossier) -> bool:
    """Tell whether the plan to come may begin with the helps of the one that runs."""
    return bool(dossier.etat_droit) and dossier.echeance != Echeance.PROPOSITION_DEFINITIVE


@act("préparer un plan d’aide")
def open_plan_aide(
    passage: Passage, *, dossier_id: UUID, jeton: UUID, effet_on: date, reprendre: bool = False
) -> PlanAide:
    """Start a draft; after observations it is the definitive one and takes all its helps again.

    `reprendre` takes those that each month brings from the plan that runs, at today's tariffs: a
    revision changes few of them.
    """
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    known = PLANS.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()
    if known is not None:
        return known  # the same form, sent twice
    evaluation = last_evaluation(passage, dossier)
    if (
        evaluation is None
        or not opens_right(evaluation.gir, on=effet_on)
        or Etat(dossier.etat) not in TO_PLAN
        or _in_the_making(passage, dossier) is not None
    ):
        raise PlanNotPossible
    _check_effet(passage, dossier, effet_on=effet_on)
    observed = _observed(passage, dossier)
    plan = PLANS.create(
        passage,
        id=jeton,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        etat=EtatPlan.BROUILLON,
        gir=evaluation.gir,
        effet_on=effet_on,
        definitif=observed is not None,
    )
    if observed is not None:
        _copy_lines(passage, source=observed, target=plan)
        _copy_ponctuelles(passage, source=observed, target=plan)
    elif reprendre and (running := queries.running_plan(passage, dossier)) is not None:
        _copy_lines(passage, source=running, target=plan, at_present=True)
    return plan


@act("modifier le plan d’aide")
def write_aide(
    passage: Passage, *, plan_id: UUID, jeton: UUID, aide: Aide, ligne_id: UUID | None = None
) -> LignePlan:
    """Add one help to a draft, or change it. `jeton` becomes the id of the one that is added."""
    plan, _ = hold_draft(passage, plan_id=plan_id)
    if aide.prestataire_id is not None:
        check_prestataire(passage, prestataire_id=aide.prestataire_id)
    values = asdict(aide)
    if ligne_id is not None:
        ligne = LIGNES_PLAN.get(passage, pk=ligne_id, plan=plan, action=Action.WRITE, lock=True)
        LIGNES_PLAN.update(passage, ligne, **values)
        return ligne
    known = LIGNES_PLAN.rows(passage).filter(pk=jeton, plan=plan).order_by("pk").first()
    if known is not None:
        return known  # the same form, sent twice
    return LIGNES_PLAN.create(
        passage,
        id=jeton,
        service_id=plan.service_id,
        dossier_id=plan.dossier_id,
        plan_id=plan.pk,
        **values,
    )


@act("retirer une aide du plan")
def remove_aide(passage: Passage, *, plan_id: UUID, ligne_id: UUID) -> PlanAide:
    """Take one help out of a draft."""
    plan, _ = hold_draft(passage, plan_id=plan_id)
    ligne = LIGNES_PLAN.get(passage, pk=ligne_id, plan=plan, action=Action.WRITE, lock=True)
    LIGNES_PLAN.delete(passage, ligne)
    return plan


@act("fixer la date d’effet du plan")
def move_plan_aide(passage: Passage, *, plan_id: UUID, effet_on: date) -> PlanAide:
    """Change the day from which a draft takes effect."""
    plan, dossier = hold_draft(passage, plan_id=plan_id)
    _check_effet(passage, dossier, effet_on=effet_on)
    PLANS.update(passage, plan, effet_on=effet_on)
    return plan


@act("enregistrer le refus du service prestataire")
def record_refus_prestataire(passage: Passage, *, plan_id: UUID, refus_on: date | None) -> PlanAide:
    """Record the day when the person refused a service prestataire on the plan, in writing.

    None withdraws what was recorded by mistake (CASF L. 232-6, R. 232-13).
    """
    plan, dossier = hold_draft(passage, plan_id=plan_id)
    if refus_on is not None:
        received = received_on(passage, dossier=dossier)
        if refus_on > passage.on or (received and refus_on < received[0]):
            raise BadRefusDay
    PLANS.update(
        passage,
        plan,
        refus_prestataire_on=refus_on,
        refus_prestataire_par_id=None if refus_on is None else passage.agent.pk,
    )
    return plan


def hold_plan(passage: Passage, *, plan_id: UUID) -> tuple[PlanAide, Dossier]:
    """Give a plan and its file to write, the file held first, as every act on a file does."""
    known = PLANS.get(passage, pk=plan_id, action=Action.WRITE)
    dossier = open_dossier(passage, known.dossier_id, action=Action.WRITE, lock=True)
    if dossier.etat in FINIS:
        raise FileIsOver
    return PLANS.get(passage, pk=plan_id, action=Action.WRITE, lock=True), dossier


def hold_draft(passage: Passage, *, plan_id: UUID) -> tuple[PlanAide, Dossier]:
    """Give a plan that is still a draft, and its file, to write."""
    plan, dossier = hold_plan(passage, plan_id=plan_id)
    if plan.etat != EtatPlan.BROUILLON:
        raise PlanAlreadySent
    return plan, dossier


def _in_the_making(passage: Passage, dossier: Dossier) -> PlanAide | None:
    rows = PLANS.rows(passage).filter(dossier=dossier, etat__in=IN_THE_MAKING)
    return rows.order_by("pk").first()


def _observed(passage: Passage, dossier: Dossier) -> PlanAide | None:
    """Give the proposal on which the person made observations, if the next one is definitive."""
    if dossier.echeance != Echeance.PROPOSITION_DEFINITIVE:
        return None
    rows = PLANS.rows(passage).filter(
        dossier=dossier, etat=EtatPlan.SANS_SUITE, reponse_on__isnull=False
    )
    return rows.order_by("-reponse_on", "-pk").first()


def _copy_lines(
    passage: Passage, *, source: PlanAide, target: PlanAide, at_present: bool = False
) -> None:
    bound = {"service_id": target.service_id, "dossier_id": target.dossier_id}
    copies = [
        LignePlan(
            **bound,
            plan_id=target.pk,
            nature=ligne.nature,
            mode=ligne.mode,
            prestataire_id=ligne.prestataire_id,
            volume_mensuel=ligne.volume_mensuel,
            unite=ligne.unite,
            tarif=(queries.tarif_du_service(ligne) if at_present else None) or ligne.tarif,
        )
        for ligne in queries.raw_lines(passage, source)
    ]
    LIGNES_PLAN.create_many(passage, copies)


def _copy_ponctuelles(passage: Passage, *, source: PlanAide, target: PlanAide) -> None:
    bound = {"service_id": target.service_id, "dossier_id": target.dossier_id}
    aides = AIDES_PONCTUELLES.rows(passage).filter(plan=source).order_by("pk")
    AIDES_PONCTUELLES.create_many(
        passage,
        [
            AidePonctuelle(
                **bound,
                plan_id=target.pk,
                nature=aide.nature,
                objet=aide.objet,
                prestataire_id=aide.prestataire_id,
                montant=aide.montant,
            )
            for aide in aides
        ],
    )


def check_prestataire(passage: Passage, *, prestataire_id: UUID) -> None:
    """Refuse a service that is not one of the organisme, or no longer works."""
    rows = PRESTATAIRES.rows(passage).filter(pk=prestataire_id, actif=True)
    if rows.order_by("pk").first() is None:
        raise UnknownPrestataire
