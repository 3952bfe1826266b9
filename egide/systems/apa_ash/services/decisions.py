"""Grant the APA as it was proposed: decision, right, letter, state and deadline once signed."""

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.refus import ActeRefuse, BaremeProvisoire
from egide.rules.apa.decision import (
    effet_au_plus_tard,
    revision_au_plus_tard,
)
from egide.rules.apa.domicile import AGE_INSUFFISANT, GIR_NON_ELIGIBLE
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.systems.apa_ash.models import Decision, PlanAide, ProjetDecision
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DOSSIERS
from egide.systems.apa_ash.queries.decision import (
    Situation,
    read_hypotheses,
    simulate,
)
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.droit_en_cours import next_revision
from egide.systems.apa_ash.services.droits import (
    ONE_DAY,
    avance_versee,
    close_droits,
    open_droit,
    take_decision,
)
from egide.systems.apa_ash.services.effet import effet_signe, event_of, read_evenement
from egide.systems.apa_ash.services.lettre_accord import write_accord
from egide.systems.apa_ash.services.silence import check_silence
from egide.systems.apa_ash.services.trop_verses import beyond_revision, paid_from


class RienADecider(ActeRefuse):
    """No request awaits a decision."""

    message = (
        "Aucune demande n’attend de décision : enregistrez d’abord une demande de révision "
        "si la situation a changé."
    )


class PlanNonAccepte(ActeRefuse):
    """An agreement follows an accepted plan (CASF R. 232-7)."""

    message = "La personne n’a pas accepté de plan d’aide : l’accord n’est pas possible."


class PlanDepasse(ActeRefuse):
    """The plan was made for another GIR than the last evaluation."""

    message = (
        "Le plan accepté a été établi pour un autre GIR que celui de la dernière évaluation : "
        "un nouveau plan est nécessaire."
    )


class RessourcesAbsentes(ActeRefuse):
    """The participation cannot be computed."""

    message = "Aucune ressource en vigueur : saisissez les ressources avant de décider."


class DossierIncomplet(ActeRefuse):
    """The two months have not even started."""

    message = "Le dossier n’est pas complet : la décision attend les pièces manquantes."


class ConditionNonRemplie(ActeRefuse):
    """Age, GIR or residence close the right."""


class EffetImpossible(ActeRefuse):
    """At home the rights open on the notification (CASF L. 232-14), or from an event (R. 232-6)."""

    def __init__(self, last: date, *, event: date | None = None) -> None:
        """Say the law, then the practice that bounds a later day."""
        since = f"; ou le {notation.jour_long(event)}, pour l’événement (R. 232-6)" if event else ""
        super().__init__(
            "Les droits s’ouvrent au plus tôt le jour de la notification, donc aujourd’hui (CASF "
            f"L. 232-14){since}, et au plus tard le {notation.jour_long(last)} par usage."
        )


class RevisionImpossible(ActeRefuse):
    """The periodic revision follows the effect, and practice bounds it."""

    def __init__(self, last: date) -> None:
        """Say the law, then the practice."""
        super().__init__(
            "La révision périodique suit la date d’effet (CASF R. 232-28), au plus tard le "
            f"{notation.jour_long(last)} par usage."
        )


class AccordApresLaFin(ActeRefuse):
    """A signed end stands: nothing opens beyond it."""

    def __init__(self, fin_on: date) -> None:
        """Say the last day, and what would open a right after it."""
        super().__init__(
            f"La fin du droit est signée, au {notation.jour_long(fin_on)} inclus\u00a0: rien ne "
            "s’ouvre au-delà. Si elle n’a plus lieu d’être, proposez d’abord le maintien du droit."
        )


class EffetTardifSansMotif(ActeRefuse):
    """A right that opens after the notification deprives the person: the file must say why."""

    message = (
        "Les droits s’ouvrent le jour de la notification (CASF L. 232-14) : "
        "dites pourquoi ils s’ouvriraient plus tard."
    )


def grant_apa(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> Decision:
    """Grant what was proposed: the right opens, the one before ends on its eve.

    The right opens on the day of the signature, which notifies, unless a later day was proposed, or
    an event of life raised it before: its motif is kept only then.
    """
    dossier, fin_on = situation.dossier, situation.dossier.fin_droit_on
    effet_on, motif = effet_signe(situation, projet=projet, on=passage.on)
    feuille = check_accord(situation, effet_on=effet_on, on=passage.on)
    check_revision(projet.revision_on, effet_on=max(effet_on, passage.on))
    plan = decision_plan(situation, effet_on=effet_on, on=passage.on)
    avance = avance_versee(situation, until=effet_on)
    beyond = beyond_revision(paid_from(passage, situation), situation, feuille=feuille)
    decision = take_decision(
        passage,
        jeton=projet.pk,
        dossier=dossier,
        nature=NatureDecision.ACCORD,
        plan=plan,
        effet_on=effet_on,
        revision_on=projet.revision_on,
        motif=motif,
        feuille=feuille.as_json(),
        deja_verse=avance,
    )
    # The decision first: PostgreSQL asks which one ends a right.
    close_droits(passage, situation=situation, on=effet_on)
    open_droit(
        passage,
        decision=decision,
        periode=DateRange(effet_on, fin_on + ONE_DAY if fin_on else None),
        gir=feuille.gir,
        couple=feuille.couple,
        ressources_mensuelles=feuille.ressources_mensuelles,
        plan_mensuel=feuille.plan_mensuel,
        taux_participation=feuille.taux_participation,
        participation=feuille.participation,
        apa=feuille.apa,
    )
    # Another plan that the person accepted still awaits its own decision, upon this right.
    if plan == situation.plan:
        dossier.revision_on = projet.revision_on
        DOSSIERS.update(
            passage,
            dossier,
            etat=Etat.SUSPENDU if situation.suspension else Etat.OUVERT,
            etat_droit="",
            revision_on=projet.revision_on,
            **next_revision(dossier),
        )
    send_letter(
        passage,
        dossier=dossier,
        decision=decision,
        prepare_par=projet.propose_par_id,
        contenu=write_accord(
            passage,
            situation=situation,
            decision=decision,
            plan=plan,
            feuille=feuille,
            deja_verse=bool(beyond),
        ),
    )
    return decision


def check_revision(revision_on: date | None, *, effet_on: date) -> None:
    """Refuse a periodic revision that does not follow the effect, or comes too late."""
    last = revision_au_plus_tard(effet_on)
    if revision_on is None or not effet_on < revision_on <= last:
        raise RevisionImpossible(last)


def check_accord(situation: Situation, *, effet_on: date, on: date) -> FeuilleDeCalcul:
    """Refuse an agreement that the file or the law does not allow; give its feuille otherwise."""
    check_ready(situation)
    fin_on = situation.dossier.fin_droit_on
    if fin_on is not None and effet_on > fin_on:
        raise AccordApresLaFin(fin_on)
    check_silence(situation, effet_on=effet_on, on=on)
    last = effet_au_plus_tard(on)
    event = read_evenement(situation, on=on)
    if event and effet_on == event.effet_on:
        feuille = event.feuille
    elif on <= effet_on <= last:
        known = read_hypotheses(situation, effet_on=effet_on)
        feuille = simulate(situation.dossier, hypotheses=known)
    else:
        raise EffetImpossible(last, event=event.effet_on if event else None)
    if feuille.motif in {AGE_INSUFFISANT, GIR_NON_ELIGIBLE}:
        raise ConditionNonRemplie(f"Le droit n’est pas ouvert : {feuille.motif}. Rejetez.")
    if feuille.provisoire:
        raise BaremeProvisoire
    return feuille


def decision_plan(situation: Situation, *, effet_on: date, on: date) -> PlanAide:
    """Give the plan that an agreement rests on; an event of life counts upon the one that ran."""
    if event := event_of(situation, effet_on=effet_on, on=on):
        return event.plan
    if situation.plan is None:
        raise PlanNonAccepte
    return situation.plan


def check_ready(situation: Situation) -> None:
    """Refuse an agreement while the procedure lacks one of its parts."""
    demande = situation.demande
    if not situation.en_instruction or demande is None:
        raise RienADecider
    if demande.complete_on is None:
        raise DossierIncomplet
    if not demande.residence_stable:
        raise ConditionNonRemplie("La résidence n’est ni stable ni régulière (CASF R. 232-2).")
    if situation.plan is None or not _plan_is_current(situation):
        raise PlanNonAccepte
    if situation.evaluation and situation.evaluation.gir != situation.plan.gir:
        raise PlanDepasse
    if not any(row.en_vigueur for row in situation.etablies):
        raise RessourcesAbsentes


def _plan_is_current(situation: Situation) -> bool:
    """Tell whether the accepted plan answers this request; a revision may keep the plan."""
    if situation.dossier.etat == Etat.ACCEPTE:
        return True
    demande = situation.demande
    revision = demande is not None and demande.nature == NatureDemande.REVISION
    return revision and situation.dossier.etat in {Etat.COMPLET, Etat.EVALUE}
