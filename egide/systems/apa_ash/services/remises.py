"""Ask for the remission of a debt, then have another agent grant or refuse it (CASF L. 232-25)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Indu, Remise
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.remise import EtatRemise, NatureRemise, OrigineRemise
from egide.systems.apa_ash.policy import INDUS, REMISES
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.services.lettres_remise import send_remise


class PasARemettre(ActeRefuse):
    """Only a debt that was notified, and of which something is left, is remitted."""

    message = "Seul un indu notifié se remet\u00a0: notifiez-le d’abord, ou il est déjà soldé."


class DejaDemandee(ActeRefuse):
    """A request waits for its decision already."""

    message = "Une demande semblable attend déjà sa décision sur cet indu."


class DemandeHorsDelai(ActeRefuse):
    """A request comes after the debt was found, and not tomorrow."""

    message = "La date de la demande se situe entre le constat de l’indu et aujourd’hui."


class RemiseSansMotif(ActeRefuse):
    """What is asked and what is decided are told why."""

    message = "Indiquez un motif\u00a0: il est conservé avec la demande."


class RemiseDecidee(ActeRefuse):
    """What was decided is not decided again."""

    message = "Cette demande est déjà décidée."


class RemiseDeSaMain(ActeRefuse):
    """Nobody remits what they found, or asked to remit."""

    message = (
        "Vous avez constaté cet indu ou déposé cette demande\u00a0: quelqu’un d’autre la décide."
    )


class DavantageQueLeReste(ActeRefuse):
    """No more is remitted than what is left."""

    def __init__(self, reste: Decimal) -> None:
        """Say what is left."""
        super().__init__(f"Une remise ne dépasse pas ce qui reste dû, {notation.euros(reste)}.")


@dataclass(frozen=True, slots=True)
class Demande:
    """Who asks for a remission, when, and why."""

    origine: OrigineRemise
    demandee_on: date
    motif: str


@act("demander la remise d’un indu")
def request_remise(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, indu_id: UUID, demande: Demande
) -> Remise:
    """Record that the payee asks for a remission, or that control proposes one.

    Nothing is taken off the debt, and withholding goes on: no text suspends it (CASF D. 232-31).
    """
    indu = INDUS.get(passage, pk=indu_id, dossier_id=dossier_id, action=Action.WRITE, lock=True)
    return record_demande(
        passage, jeton=jeton, indu=indu, demande=demande, check=lambda: _check_remissible(indu)
    )


def record_demande(
    passage: Passage,
    *,
    jeton: UUID,
    indu: Indu,
    demande: Demande,
    check: Callable[[], object],
    nature: NatureRemise = NatureRemise.REMISE,
    fondement: str = "",
) -> Remise:
    """Record once what is asked of a debt that is held; `check` refuses what nobody may ask."""
    known = REMISES.rows(passage).filter(indu=indu, nature=nature)
    if found := known.filter(pk=jeton).order_by("pk").first():
        return found
    check()
    if known.filter(etat=EtatRemise.DEMANDEE).exists():
        raise DejaDemandee
    if not indu.constate_on <= demande.demandee_on <= passage.on:
        raise DemandeHorsDelai
    return REMISES.create(
        passage,
        id=jeton,
        service_id=indu.service_id,
        dossier_id=indu.dossier_id,
        indu_id=indu.pk,
        nature=nature,
        fondement=fondement,
        origine=demande.origine,
        demandee_on=demande.demandee_on,
        demandee_par_id=passage.agent.pk,
        motif=read_motif(demande.motif),
        etat=EtatRemise.DEMANDEE,
    )


@act("accorder la remise d’un indu")
def grant_remise(
    passage: Passage, *, remise_id: UUID, motif: str, montant: Decimal | None = None
) -> Remise:
    """Remit a sum, or all that is left: the payee reads it, and the next run withholds less."""
    remise, indu = _hold(passage, remise_id=remise_id)
    remitted = indu.reste if montant is None else montant
    if not 0 < remitted <= indu.reste:
        raise DavantageQueLeReste(indu.reste)
    settle_remise(passage, remise, etat=EtatRemise.ACCORDEE, montant=remitted, motif=motif)
    whole = {"etat": EtatIndu.REMIS} if remitted == indu.reste else {}
    INDUS.update(passage, indu, remis=indu.remis + remitted, **whole)
    _send(passage, remise, indu)
    return remise


@act("refuser la remise d’un indu")
def refuse_remise(passage: Passage, *, remise_id: UUID, motif: str) -> Remise:
    """Refuse a remission, with the reason that the payee reads."""
    remise, indu = _hold(passage, remise_id=remise_id)
    settle_remise(passage, remise, etat=EtatRemise.REFUSEE, motif=motif)
    _send(passage, remise, indu)
    return remise


def check_hand(passage: Passage, remise: Remise, *, indu: Indu) -> None:
    """Refuse whoever found the debt, or asked its remission."""
    if passage.agent.pk in {indu.constate_par_id, remise.demandee_par_id}:
        raise RemiseDeSaMain


def _hold(passage: Passage, *, remise_id: UUID) -> tuple[Remise, Indu]:
    remise, indu = hold_remise(passage, remise_id=remise_id, nature=NatureRemise.REMISE)
    _check_remissible(indu)
    return remise, indu


def _check_remissible(indu: Indu) -> None:
    if indu.etat != EtatIndu.NOTIFIE:
        raise PasARemettre


def _send(passage: Passage, remise: Remise, indu: Indu) -> None:
    dossier = open_dossier(passage, remise.dossier_id)
    send_remise(passage, dossier=dossier, remise=remise, indu=indu)


def hold_remise(passage: Passage, *, remise_id: UUID, nature: NatureRemise) -> tuple[Remise, Indu]:
    """Hold the debt, as a run or a repayment does, then the request, for another hand."""
    asked = REMISES.get(passage, pk=remise_id, nature=nature, action=Action.WRITE)
    indu = INDUS.get(passage, pk=asked.indu_id, action=Action.WRITE, lock=True)
    remise = REMISES.get(passage, pk=remise_id, action=Action.WRITE, lock=True)
    if remise.etat != EtatRemise.DEMANDEE:
        raise RemiseDecidee
    check_hand(passage, remise, indu=indu)
    return remise, indu


def settle_remise(passage: Passage, remise: Remise, *, motif: str, **values: object) -> None:
    """Write what was decided, on the day, by the agent who acts."""
    REMISES.update(
        passage,
        remise,
        decidee_on=passage.on,
        decidee_par_id=passage.agent.pk,
        motif_decision=read_motif(motif),
        **values,
    )


def read_motif(motif: str) -> str:
    """Give why, never nothing."""
    if not motif.strip():
        raise RemiseSansMotif
    return motif.strip()
