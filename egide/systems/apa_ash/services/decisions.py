"""Grant or refuse the APA: decision, right, letter, state and deadline in one act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.rules.apa.delais import add_months, echeance
from egide.rules.apa.domicile import AGE_INSUFFISANT, GIR_NON_ELIGIBLE, motif_refus
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.versement import VERSEMENT
from egide.rules.parameters import Bareme
from egide.systems.apa_ash.actes import ActeRefuse
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Decision
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.policy import DOSSIERS, PLANS
from egide.systems.apa_ash.queries.decision import (
    Situation,
    age_on,
    load_situation,
    read_hypotheses,
    simulate,
)
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.droits import (
    avance_versee,
    close_droits,
    find_taken,
    open_droit,
    take_decision,
)
from egide.systems.apa_ash.services.lettres_decision import (
    premier_paiement,
    verse_a,
    write_feuille,
    write_plan,
)

# A decision takes effect at most this many months after its notification.
EFFET_MAXIMAL_MOIS = 3
# A periodic revision is set at most this far.
REVISION_MAXIMALE_MOIS = 60


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


class BaremeProvisoire(ActeRefuse):
    """Figures that nobody verified for that day are never notified."""

    message = (
        "Les montants en vigueur à cette date ne sont pas encore vérifiés : "
        "ils peuvent être simulés, jamais notifiés."
    )


class ConditionNonRemplie(ActeRefuse):
    """Age, GIR or residence close the right."""


class EffetImpossible(ActeRefuse):
    """At home the rights open on the day of notification, never before (CASF L. 232-14)."""

    message = (
        "Les droits s’ouvrent au plus tôt le jour de la notification, donc aujourd’hui, "
        f"et au plus tard dans {EFFET_MAXIMAL_MOIS} mois (CASF L. 232-14)."
    )


class RevisionImpossible(ActeRefuse):
    """The periodic revision follows the effect, within five years."""

    message = (
        "La révision périodique suit la date d’effet, de "
        f"{REVISION_MAXIMALE_MOIS // 12} ans au plus (CASF R. 232-28)."
    )


class MotifContredit(ActeRefuse):
    """The file says the contrary of the ground."""

    message = "Ce motif est contredit par le dossier : choisissez celui que les pièces établissent."


def default_effet(situation: Situation, *, on: date) -> date:
    """Propose the day of effect: the notification, or the start of the plan if it comes later."""
    plan = situation.plan
    return max(on, plan.effet_on) if plan else on


def default_revision(effet_on: date) -> date:
    """Propose the day of the periodic revision."""
    months = int(Bareme(effet_on, VERSEMENT)["revision_periodique"])
    return add_months(effet_on, months=months)


@act("accorder l’APA")
def grant_apa(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, effet_on: date, revision_on: date
) -> Decision:
    """Grant the APA after an accepted plan: the right opens, the one before ends on its eve."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    if taken := find_taken(passage, jeton=jeton, dossier=dossier):
        return taken
    feuille = check_accord(situation, effet_on=effet_on, on=passage.on)
    if not effet_on < revision_on <= add_months(effet_on, months=REVISION_MAXIMALE_MOIS):
        raise RevisionImpossible
    avance = avance_versee(situation, until=effet_on)
    close_droits(passage, situation=situation, on=effet_on)
    decision = take_decision(
        passage,
        jeton=jeton,
        dossier=dossier,
        nature=NatureDecision.ACCORD,
        plan=situation.plan,
        effet_on=effet_on,
        revision_on=revision_on,
        feuille=feuille.as_json(),
        deja_verse=avance,
    )
    open_droit(
        passage,
        decision=decision,
        periode=DateRange(effet_on, None),
        gir=feuille.gir,
        couple=feuille.couple,
        ressources_mensuelles=feuille.ressources_mensuelles,
        plan_mensuel=feuille.plan_mensuel,
        taux_participation=feuille.taux_participation,
        participation=feuille.participation,
        apa=feuille.apa,
    )
    DOSSIERS.update(
        passage,
        dossier,
        etat=Etat.SUSPENDU if situation.suspension else Etat.OUVERT,
        echeance=Echeance.REVISION,
        echeance_on=revision_on,
        fin_droit_on=None,
        motif_fin="",
    )
    send_letter(
        passage,
        dossier=dossier,
        decision=decision,
        contenu=_accord(situation, feuille=feuille, on=passage.on, revision_on=revision_on),
    )
    return decision


def check_accord(situation: Situation, *, effet_on: date, on: date) -> FeuilleDeCalcul:
    """Refuse an agreement that the file or the law does not allow; give its feuille otherwise."""
    check_ready(situation)
    if not on <= effet_on <= add_months(on, months=EFFET_MAXIMAL_MOIS):
        raise EffetImpossible
    feuille = simulate(situation.dossier, hypotheses=read_hypotheses(situation, effet_on=effet_on))
    if feuille.motif in {AGE_INSUFFISANT, GIR_NON_ELIGIBLE}:
        raise ConditionNonRemplie(f"Le droit n’est pas ouvert : {feuille.motif}. Rejetez.")
    if feuille.provisoire:
        raise BaremeProvisoire
    return feuille


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
    if situation.ressources is None:
        raise RessourcesAbsentes


def _plan_is_current(situation: Situation) -> bool:
    """Tell whether the accepted plan answers this request; a revision may keep the plan."""
    if situation.dossier.etat == Etat.ACCEPTE:
        return True
    demande = situation.demande
    revision = demande is not None and demande.nature == NatureDemande.REVISION
    return revision and situation.dossier.etat in {Etat.COMPLET, Etat.EVALUE}


def _accord(
    situation: Situation, *, feuille: FeuilleDeCalcul, on: date, revision_on: date
) -> content.DecisionAccord:
    return content.DecisionAccord(
        decidee_on=on,
        gir=feuille.gir,
        effet_on=feuille.on,
        premier_paiement_on=premier_paiement(max(on, feuille.on)),
        revision_on=revision_on,
        verse_a=verse_a(situation),
        plan=write_plan(situation, feuille=feuille),
    )


@dataclass(frozen=True, slots=True)
class MotifRejet:
    """A ground of refusal: its words, its article, and what the file must show."""

    libelle: str
    texte: str
    source: str
    holds: Callable[[Situation, date], bool]


def _too_young(situation: Situation, on: date) -> bool:
    age = age_on(situation.dossier.identite.naissance_on, on)
    return motif_refus(on, age=age, gir=1) == AGE_INSUFFISANT


def _refused(situation: Situation, _on: date) -> bool:
    return bool(situation.plans) and situation.plans[0].etat == EtatPlan.REFUSE


def _silent(situation: Situation, on: date) -> bool:
    plan = situation.plans[0] if situation.plans else None
    if plan is None or plan.etat != EtatPlan.PROPOSE or plan.envoye_on is None:
        return False
    return on > echeance("observations", plan.envoye_on)


def _elsewhere(situation: Situation, _on: date) -> bool:
    return situation.demande is not None


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
    "gir": MotifRejet(
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
    "silence": MotifRejet(
        "Silence sur la proposition",
        "Vous n’avez pas répondu dans les dix jours à la proposition de plan d’aide : votre "
        "demande est réputée refusée.",
        "CASF R. 232-7",
        _silent,
    ),
    "cumul": MotifRejet(
        "Autre prestation non cumulable",
        "Vous recevez une prestation qui ne se cumule pas avec l’APA.",
        "CASF L. 232-23",
        _elsewhere,
    ),
}


@act("rejeter la demande d’APA")
def reject_demande(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, code: str, precisions: str = ""
) -> Decision:
    """Refuse the request on a ground that the file establishes; a current right goes on."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier, demande = situation.dossier, situation.demande
    if taken := find_taken(passage, jeton=jeton, dossier=dossier):
        return taken
    if not situation.en_instruction or demande is None:
        raise RienADecider
    motif = MOTIFS[code]
    if not motif.holds(situation, passage.on):
        raise MotifContredit
    texte = f"{motif.texte} {precisions}".strip()
    decision = take_decision(
        passage,
        jeton=jeton,
        dossier=dossier,
        nature=NatureDecision.REJET,
        effet_on=passage.on,
        motif=texte,
        deja_verse=avance_versee(situation, until=passage.on),
    )
    kept = _close_lump_sum(passage, situation=situation)
    _answer_silence(passage, situation=situation, code=code)
    DOSSIERS.update(
        passage,
        dossier,
        etat=(Etat.SUSPENDU if situation.suspension else Etat.OUVERT) if kept else Etat.REJETE,
        echeance="",
        echeance_on=None,
    )
    send_letter(
        passage,
        dossier=dossier,
        decision=decision,
        contenu=content.DecisionRejet(
            decidee_on=passage.on,
            recue_on=demande.recue_on,
            motifs=(content.Motif(texte, motif.source),),
            feuille=write_feuille(()),
        ),
    )
    return decision


def _close_lump_sum(passage: Passage, *, situation: Situation) -> bool:
    """End a lump sum with the express decision; tell whether an ordinary right goes on."""
    current = situation.droit_on(passage.on) or situation.droit_ouvert()
    if current is None:
        return False
    if current.forfait:
        close_droits(passage, situation=situation, on=passage.on)
        return False
    return True


def _answer_silence(passage: Passage, *, situation: Situation, code: str) -> None:
    """Note that a proposal left without answer is deemed refused (CASF R. 232-7)."""
    if code == "silence":
        plan = PLANS.get(passage, pk=situation.plans[0].pk, action=Action.WRITE, lock=True)
        PLANS.update(passage, plan, etat=EtatPlan.REFUSE)
