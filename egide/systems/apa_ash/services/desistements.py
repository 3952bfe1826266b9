"""End a request that its person gives up before any decision; a letter acknowledges it."""

from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.letters import content
from egide.systems.apa_ash.models import Demande, Dossier
from egide.systems.apa_ash.models.demande import Canal
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.models.signature import NATURES, EtatProjet, Ordre
from egide.systems.apa_ash.policy import DEMANDES, DOSSIERS, PLANS, PROJETS
from egide.systems.apa_ash.queries.decision import Situation, load_situation
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.decisions import RienADecider
from egide.systems.apa_ash.services.droit_en_cours import back_to_droit, droit_continue
from egide.systems.apa_ash.services.plan import IN_THE_MAKING
from egide.systems.apa_ash.services.projets import close_projet
from egide.systems.apa_ash.services.revisions import JourFutur
from egide.systems.apa_ash.services.silence import check_silence

MOTIF = "Demande retirée par la personne."
# How the letter says that it came.
DIT_PAR = {
    Canal.COURRIER: "par courrier",
    Canal.GUICHET: "au guichet",
    Canal.CCAS: "par votre centre communal d’action sociale",
    Canal.TELESERVICE: "en ligne",
    Canal.ASEPA: "par votre caisse de retraite",
    Canal.FICHIER: "par l’organisme qui avait transmis votre demande",
}
ON_THE_REQUEST = (Ordre.DEMANDE, Ordre.SILENCE)


class ForfaitEnCours(ActeRefuse):
    """A lump sum runs: whoever gives it up gives up a right, by a decision of two hands."""

    message = (
        "Un forfait est dû sur cette demande\u00a0: la personne renonce à un droit. Proposez la "
        "fin du droit, pour renonciation, et quelqu’un d’autre la signe."
    )


class DesistementAvantDemande(ActeRefuse):
    """Nobody gives up what was not asked yet."""

    message = "Le désistement ne peut pas précéder la demande."


@act("enregistrer un désistement")
def record_desistement(
    passage: Passage, *, dossier_id: UUID, desiste_on: date, canal: str
) -> Demande:
    """Record that the person gave her request up; the two months of silence stop on that day.

    What they had given before is recorded first. A right that goes on is not concerned: its
    revision alone ends.
    """
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    demande = check_desistement(situation, desiste_on=desiste_on, on=passage.on)
    DEMANDES.update(passage, demande, desistee_on=desiste_on, desistee_par=canal)
    put_aside(passage, dossier=dossier, ordres=ON_THE_REQUEST)
    continues = droit_continue(dossier)
    closed = {"etat": Etat.RETIREE, "echeance": "", "echeance_on": None, "motif_fin": MOTIF}
    DOSSIERS.update(
        passage,
        dossier,
        dernier_contact_on=max(dossier.dernier_contact_on, desiste_on),
        **(back_to_droit(dossier) if continues else closed),
    )
    send_letter(
        passage,
        dossier=dossier,
        contenu=content.Desistement(
            recue_on=demande.recue_on,
            desiste_on=desiste_on,
            canal=DIT_PAR[Canal(canal)],
            droit_en_cours=continues,
        ),
    )
    return demande


def is_withdrawable(situation: Situation, *, on: date) -> bool:
    """Tell whether a request waits for its decision without any lump sum."""
    if not situation.en_instruction or situation.demande is None:
        return False
    droit = situation.droit_on(on) or situation.droit_ouvert()
    return droit is None or not droit.forfait


def check_desistement(situation: Situation, *, desiste_on: date, on: date) -> Demande:
    """Refuse to end what is decided, what pays already, or what silence gave before."""
    demande = situation.demande
    if demande is None or not situation.en_instruction:
        raise RienADecider
    if not is_withdrawable(situation, on=on):
        raise ForfaitEnCours
    if desiste_on > on:
        raise JourFutur
    if desiste_on < demande.recue_on:
        raise DesistementAvantDemande
    check_silence(situation, effet_on=desiste_on, on=on)
    return demande


def put_aside(passage: Passage, *, dossier: Dossier, ordres: tuple[Ordre, ...] | None) -> None:
    """Take back the proposals of a request that is over, of some orders, and its plan."""
    projets = PROJETS.rows(passage, action=Action.WRITE).filter(
        dossier=dossier, etat=EtatProjet.PROPOSE
    )
    if ordres is not None:
        projets = projets.filter(nature__in=[n for ordre in ordres for n in NATURES[ordre]])
    for projet in projets.order_by("pk"):
        close_projet(passage, projet, etat=EtatProjet.RETIRE)
    plans = PLANS.rows(passage, action=Action.WRITE).filter(dossier=dossier)
    for plan in plans.filter(etat__in=IN_THE_MAKING).order_by("pk"):
        PLANS.update(passage, plan, etat=EtatPlan.SANS_SUITE)
