"""The carer in hospital: request, proof, decision, end of the relay (CASF L. 232-3-3)."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse, BaremeProvisoire
from egide.rules.age import age_on
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.effectivite import Majoration, compute_relais
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.montants import majoration_hospitalisation_aidant
from egide.systems.apa_ash.letters.elements import Motif
from egide.systems.apa_ash.letters.relais import DecisionRelais, RefusRelais
from egide.systems.apa_ash.models import Decision, Dossier, ProjetDecision, Relais
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.ponctuel import EtatRelais
from egide.systems.apa_ash.policy import AIDANTS, PRESTATAIRES, RELAIS
from egide.systems.apa_ash.queries.decision import Situation, load_situation
from egide.systems.apa_ash.queries.factures import count_after, hold_factures
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.droits import take_decision
from egide.systems.apa_ash.services.interruptions import AucunDroitAInterrompre
from egide.systems.apa_ash.services.revisions import JourFutur


class RelaisSansDroit(ActeRefuse):
    """The plan is increased: there must be one that is paid."""

    message = (
        "Aucun droit versé ne couvre le début de l’hospitalisation\u00a0: "
        "le plan ne peut pas être augmenté."
    )


class AidantRemplacable(ActeRefuse):
    """Only a carer whom nobody can stand in for opens the relay."""

    message = (
        "L’équipe médico-sociale n’a pas dit que la présence de cet aidant est indispensable et "
        "que personne ne peut le remplacer\u00a0: notez-le à sa fiche, ou refusez le relais "
        "(CASF L. 232-3-3)."
    )


class JustificatifAbsent(ActeRefuse):
    """Nothing proves the stay yet."""

    message = (
        "Le justificatif de l’hospitalisation n’est pas reçu\u00a0: "
        "le relais ne peut pas être accordé."
    )


class RelaisDecide(ActeRefuse):
    """It was decided already, or is over."""

    message = "Ce relais est déjà décidé ou terminé."


class SejourDejaSaisi(ActeRefuse):
    """The same stay of the same carer is there already."""

    message = "Cette hospitalisation de l’aidant est déjà enregistrée."


class SortieAvantEntree(ActeRefuse):
    """A discharge follows the entry."""

    message = "La sortie ne peut pas précéder l’entrée."


class FacturesApresSortie(ActeRefuse):
    """Invoices that wait to be paid are dated after the discharge."""

    def __init__(self, count: int) -> None:
        """Tell how many."""
        super().__init__(
            f"Factures à payer datées d’après cette sortie\u00a0: {count}. Le relais ne les couvre "
            "plus (CASF D. 232-9-2)\u00a0: le contrôle les retire d’abord."
        )


@dataclass(frozen=True, slots=True)
class Sejour:
    """What is known of a stay and of the relay that it asks for."""

    aidant_id: UUID
    entree_on: date
    sortie_on: date | None
    justificatif: str
    justifie_on: date | None
    objet: str
    prestataire_id: UUID | None
    cout: Decimal


@act("enregistrer l’hospitalisation d’un aidant")
def record_relais(passage: Passage, *, dossier_id: UUID, jeton: UUID, sejour: Sejour) -> Relais:
    """Record the days, the proof and the relay that is asked for; `jeton` becomes its id."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    rows = RELAIS.rows(passage).filter(dossier=dossier)
    known = rows.filter(pk=jeton).order_by("pk").first()
    if known is not None:
        return known
    aidant = AIDANTS.get(passage, pk=sejour.aidant_id, dossier=dossier)
    if sejour.prestataire_id is not None:
        PRESTATAIRES.get(passage, pk=sejour.prestataire_id, actif=True)
    if situation.droit_en_cours(passage.on) is None:
        raise AucunDroitAInterrompre
    if sejour.sortie_on is not None:
        _check_sortie(sejour.entree_on, sortie_on=sejour.sortie_on)
    if sejour.justifie_on is not None and sejour.justifie_on > passage.on:
        raise JourFutur
    if rows.filter(aidant=aidant, entree_on=sejour.entree_on).exists():
        raise SejourDejaSaisi
    return RELAIS.create(
        passage,
        id=jeton,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        etat=EtatRelais.DEMANDE,
        **asdict(sejour),
    )


@act("enregistrer le justificatif du relais")
def prove_relais(
    passage: Passage, *, dossier_id: UUID, relais_id: UUID, justificatif: str, justifie_on: date
) -> Relais:
    """Record what proves the stay, on a relay that is not decided."""
    _, relais = _hold(passage, dossier_id=dossier_id, relais_id=relais_id)
    if relais.etat != EtatRelais.DEMANDE:
        raise RelaisDecide
    if justifie_on > passage.on:
        raise JourFutur
    RELAIS.update(passage, relais, justificatif=justificatif, justifie_on=justifie_on)
    return relais


def check_relais(situation: Situation, *, relais: Relais) -> tuple[FeuilleDeCalcul, Majoration]:
    """Refuse a relay that the file does not allow; give its calculation otherwise."""
    check_undecided(relais)
    if relais.justifie_on is None:
        raise JustificatifAbsent
    if not relais.aidant.indispensable:
        raise AidantRemplacable
    feuille, partage = share_relais(situation, relais=relais)
    if feuille.provisoire:
        raise BaremeProvisoire
    return feuille, partage


def check_undecided(relais: Relais | None) -> Relais:
    """Refuse a relay that was decided; give it otherwise."""
    if relais is None or relais.etat != EtatRelais.DEMANDE:
        raise RelaisDecide
    return relais


def write_motif(relais: Relais) -> str:
    """Write why the plan is increased: whoever signs reads it."""
    return f"Hospitalisation de l’aidant à partir du {notation.jour(relais.entree_on)}."


def grant_relais(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> Decision:
    """Increase the plan for the stay, within the ceiling of its day (CASF D. 232-9-2)."""
    dossier, relais = situation.dossier, check_undecided(projet.relais)
    feuille, partage = check_relais(situation, relais=relais)
    plafond = majoration_hospitalisation_aidant(relais.entree_on)
    decision = take_decision(
        passage,
        jeton=projet.pk,
        dossier=dossier,
        nature=NatureDecision.RELAIS,
        effet_on=relais.entree_on,
        motif=projet.motif,
        feuille=feuille.as_json(),
    )
    RELAIS.update(
        passage,
        relais,
        etat=EtatRelais.ACCORDE,
        decision_id=decision.pk,
        plafond=plafond,
        retenu=partage.retenu,
    )
    send_letter(
        passage,
        dossier=dossier,
        decision=decision,
        prepare_par=projet.propose_par_id,
        contenu=DecisionRelais(
            decidee_on=passage.on,
            entree_on=relais.entree_on,
            sortie_on=relais.sortie_on,
            objet=relais.objet,
            intervenant=relais.prestataire.nom if relais.prestataire else "",
            cout=relais.cout,
            plafond=plafond,
            retenu=partage.retenu,
            taux=feuille.taux_participation,
            participation=partage.participation,
            a_charge=relais.cout - partage.apa,
            verse=partage.apa,
        ),
    )
    return decision


def share_relais(situation: Situation, *, relais: Relais) -> tuple[FeuilleDeCalcul, Majoration]:
    """Compute what a relay would give under the right of its first day; nothing is kept."""
    droit = situation.droit_on(relais.entree_on)
    if droit is None or droit.forfait or not droit.apa:
        raise RelaisSansDroit
    feuille = compute_apa_domicile(
        on=relais.entree_on,
        age=age_on(situation.dossier.identite.naissance_on, on=relais.entree_on),
        gir=droit.gir,
        couple=droit.couple,
        ressources_mensuelles=droit.ressources_mensuelles,
        plan_mensuel=droit.plan_mensuel,
    )
    return feuille, compute_relais(feuille, cout=relais.cout)


def refuse_relais(passage: Passage, *, situation: Situation, projet: ProjetDecision) -> Decision:
    """Refuse to increase the plan, on a ground told to the person."""
    dossier, relais = situation.dossier, check_undecided(projet.relais)
    decision = take_decision(
        passage,
        jeton=projet.pk,
        dossier=dossier,
        nature=NatureDecision.REFUS_RELAIS,
        effet_on=relais.entree_on,
        motif=projet.motif,
    )
    RELAIS.update(passage, relais, etat=EtatRelais.REFUSE, decision_id=decision.pk)
    send_letter(
        passage,
        dossier=dossier,
        decision=decision,
        prepare_par=projet.propose_par_id,
        contenu=RefusRelais(
            decidee_on=passage.on,
            entree_on=relais.entree_on,
            motifs=(Motif(projet.motif, "CASF L. 232-3-3"),),
        ),
    )
    return decision


@act("terminer le relais d’un aidant")
def end_relais(passage: Passage, *, dossier_id: UUID, relais_id: UUID, sortie_on: date) -> Relais:
    """Record the discharge: the increase ends with it, later expenses are not invoiced on it.

    Those entered meanwhile are withdrawn first; those already paid are shown to the control.
    """
    hold_factures(dossier_id)
    _, relais = _hold(passage, dossier_id=dossier_id, relais_id=relais_id)
    if relais.etat != EtatRelais.ACCORDE:
        raise RelaisDecide
    if sortie_on > passage.on:
        raise JourFutur
    _check_sortie(relais.entree_on, sortie_on=sortie_on)
    if late := count_after(passage, relais=relais, sortie_on=sortie_on):
        raise FacturesApresSortie(late)
    RELAIS.update(passage, relais, etat=EtatRelais.CLOS, sortie_on=sortie_on)
    return relais


def _check_sortie(entree_on: date, *, sortie_on: date) -> None:
    if sortie_on < entree_on:
        raise SortieAvantEntree


def _hold(passage: Passage, *, dossier_id: UUID, relais_id: UUID) -> tuple[Situation, Relais]:
    """Give a relay and what its decision rests on, the file held first."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    return situation, hold_relais(passage, dossier=situation.dossier, relais_id=relais_id)


def hold_relais(passage: Passage, *, dossier: Dossier, relais_id: UUID) -> Relais:
    """Give a relay of a file that is held, with its carer and its service."""
    return RELAIS.get(
        passage,
        pk=relais_id,
        dossier=dossier,
        action=Action.WRITE,
        aidant=AIDANTS,
        prestataire=PRESTATAIRES,
    )
