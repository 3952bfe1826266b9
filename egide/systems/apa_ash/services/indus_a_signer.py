"""Sign the notification of debts that control proposed, send it back, or drop what is not owed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.indu import is_recouvrable
from egide.systems.apa_ash.models import Indu
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.policy import COURRIERS, INDUS, SIGNATAIRES
from egide.systems.apa_ash.queries.a_poster import hold_misaddressed
from egide.systems.apa_ash.queries.controle import hold_indus
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.indus_a_signer import A_RETIRER, owed_by, weigh_indus
from egide.systems.apa_ash.queries.retraits import Recalcul, compute_du, owed_again
from egide.systems.apa_ash.services.indu import BelowThreshold, check_not_barred
from egide.systems.apa_ash.services.lettres_indu import send_indus

REPRENDRE = "reprendre une réclamation mal adressée"


class IndusTraites(ActeRefuse):
    """A notification is signed, or sent back, once."""

    message = "Cette notification a déjà été signée, renvoyée ou retirée."


class IndusDeSaMain(ActeRefuse):
    """Two agents make a claim."""

    message = (
        "Vous avez constaté un de ces indus ou proposé leur notification\u00a0: quelqu’un d’autre "
        "la signe."
    )


class SuiteSansMotif(ActeRefuse):
    """What is sent back, or dropped, is told why."""

    message = "Indiquez un motif\u00a0: il est conservé avec l’indu."


class DejaNotifie(ActeRefuse):
    """A debt that was notified is withdrawn by two hands."""

    message = (
        "Seul un indu constaté, que personne n’a encore notifié, s’abandonne ainsi\u00a0: demandez "
        "le retrait de celui-ci."
    )


class DejaReprise(ActeRefuse):
    """A claim is taken up once, and nothing is when its debts were settled since."""

    message = "Rien de ce que cette lettre réclame n’attend plus : rien n’est à reprendre."


class DejaAdressee(ActeRefuse):
    """Only a claim that nobody received is written again."""

    message = "Cette réclamation a été postée, ou s’adresse à qui répond de la somme."


class EntameDeja(ActeRefuse):
    """What was repaid, remitted or withdrawn in part was known of somebody."""

    message = (
        "Une partie de cette somme est déjà recouvrée, remise ou retirée : demandez le retrait "
        "de l’indu, puis réclamez à la succession ce qui reste dû."
    )


class ToujoursDu(ActeRefuse):
    """The month, compared again, still gives the whole debt."""

    def __init__(self, du: Decimal) -> None:
        """Say what is owed, and what to correct first."""
        super().__init__(
            f"Le calcul donne toujours {notation.euros(du)} dus\u00a0: corrigez d’abord les "
            "heures, la facture ou le droit du mois."
        )


class TotalChange(ActeRefuse):
    """What is signed is what was read."""

    message = (
        "Ce que la lettre réclame a changé depuis que vous avez ouvert cette page\u00a0: "
        "relisez-le, puis signez."
    )


class IndusMoindres(ActeRefuse):
    """What is claimed is what is owed on the day of the signature."""

    def __init__(self, mois: date, *, claimed: Decimal, owed: Decimal) -> None:
        """Say which month changed since the debt was found, and what to do."""
        super().__init__(
            f"Calculé à nouveau, {notation.mois_court(mois)} ne donne plus que "
            f"{notation.euros(owed)} de trop-versé, et non {notation.euros(claimed)}\u00a0: "
            "renvoyez la notification, le contrôle abandonne ce qui n’est plus dû."
        )


@act("signer la notification d’indus")
def sign_indus(passage: Passage, *, indu_id: UUID, lu: Decimal) -> list[Indu]:
    """Notify one payee, by one letter, all that was proposed; from then on it can be withheld.

    `lu` is the total that the signatory read.
    """
    found = _hold(passage, indu_id=indu_id, verb="signer la notification d’indus")
    if sum((indu.reste for indu in found), Decimal(0)) != lu:
        raise TotalChange
    dossier = open_dossier(passage, found[0].dossier_id)
    calcul = owed_again(passage, dossier=dossier, claims=found)
    check_claim(passage, found=found, calcul=calcul)
    send_indus(passage, dossier=dossier, found=found, calcul=calcul)
    return found


def check_claim(passage: Passage, *, found: Sequence[Indu], calcul: Recalcul) -> None:
    """Refuse what is not above the threshold, or what its month, compared again, gives no more."""
    total = weigh_indus(
        calcul.connus,
        prestataire_id=found[0].prestataire_id,
        found=[(indu.mois, indu.constate_on) for indu in found],
    )
    if not is_recouvrable(total, on=passage.on):
        raise BelowThreshold
    check_not_barred(found, on=passage.on)
    for mois in sorted(calcul.parts):
        claimed = sum((indu.du for indu in found if indu.mois == mois), Decimal(0))
        owed = calcul.owed(mois)
        if owed < claimed:
            raise IndusMoindres(mois, claimed=claimed, owed=owed)


@act("renvoyer la notification d’indus")
def return_indus(passage: Passage, *, indu_id: UUID, motif: str) -> list[Indu]:
    """Refuse to sign: control reads why, and the debts wait as they were found."""
    found = _hold(passage, indu_id=indu_id, verb="renvoyer la notification d’indus")
    suite = _read(motif)
    for indu in found:
        INDUS.update(passage, indu, etat=EtatIndu.CONSTATE, suite=suite)
    return found


@act(REPRENDRE)
def recall_claim(passage: Passage, *, courrier_id: UUID) -> list[Indu]:
    """Take up again the claim of a person who died, or did not, before its letter was posted.

    It was notified to nobody: its debts wait for a signature again, which writes to whoever answers
    for them now.
    """
    signed = COURRIERS.rows(passage).filter(service_id__in=passage.services(SIGNATAIRES))
    letter = signed.defer("pdf").filter(pk=courrier_id).order_by("pk").first()
    if letter is None:
        raise Refused(REPRENDRE, targets=[str(courrier_id)])
    hold_indus(open_dossier(passage, letter.dossier_id))
    if not hold_misaddressed(passage, courrier=letter.pk):
        raise DejaAdressee
    rows = INDUS.rows(passage, action=Action.WRITE).filter(
        notification=letter, etat=EtatIndu.NOTIFIE
    )
    found = list(rows.select_for_update(of=("self",)).order_by("mois", "pk"))
    if not found:
        raise DejaReprise
    _check_other_hand(passage, found)
    if any(indu.recouvre or indu.remis or indu.retire for indu in found):
        raise EntameDeja
    for indu in found:
        INDUS.update(passage, indu, etat=EtatIndu.PROPOSE, notification=None)
    return found


@act("abandonner un indu non notifié")
def drop_indu(passage: Passage, *, dossier_id: UUID, indu_id: UUID, motif: str) -> Indu:
    """Withdraw what is not owed, or is barred in time, before anybody was told of it.

    What the month still owes, if it does, is found anew: no sum is typed here either.
    """
    dossier = open_dossier(passage, dossier_id)
    hold_indus(dossier)
    indu = INDUS.get(passage, pk=indu_id, dossier_id=dossier_id, action=Action.WRITE, lock=True)
    if indu.etat not in A_RETIRER:
        raise DejaNotifie
    suite = _read(motif)
    du = compute_du(passage, dossier=dossier, indu=indu).du
    if du == indu.du and indu.prescrit_on > passage.on:
        raise ToujoursDu(du)
    INDUS.update(passage, indu, etat=EtatIndu.RETIRE, suite=suite)
    return indu


def _hold(passage: Passage, *, indu_id: UUID, verb: str) -> list[Indu]:
    """Hold what is proposed to the payee of a debt; refused as absent unless the agent signs."""
    asked = INDUS.get(passage, pk=indu_id, action=Action.WRITE)
    if asked.service_id not in passage.services(SIGNATAIRES):
        raise Refused(verb, targets=[str(indu_id)])
    rows = INDUS.rows(passage, action=Action.WRITE).filter(
        owed_by(asked.prestataire_id), dossier_id=asked.dossier_id, etat=EtatIndu.PROPOSE
    )
    found = list(rows.select_for_update(of=("self",)).order_by("mois", "pk"))
    if asked.pk not in {indu.pk for indu in found}:
        raise IndusTraites
    _check_other_hand(passage, found)
    return found


def _check_other_hand(passage: Passage, found: Sequence[Indu]) -> None:
    if any(passage.agent.pk in {i.constate_par_id, i.propose_par_id} for i in found):
        raise IndusDeSaMain


def _read(motif: str) -> str:
    if not motif.strip():
        raise SuiteSansMotif
    return motif.strip()
