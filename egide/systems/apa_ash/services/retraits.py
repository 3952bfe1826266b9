"""Ask that a debt which was notified be withdrawn, then have another agent decide (L. 134-2)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Dossier, Indu, Remise
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.remise import (
    EtatRemise,
    FondementRetrait,
    NatureRemise,
    OrigineRemise,
)
from egide.systems.apa_ash.policy import INDUS, REMISES
from egide.systems.apa_ash.queries.controle import hold_indus
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.remises import RETIRABLES
from egide.systems.apa_ash.queries.retraits import compute_du
from egide.systems.apa_ash.services.lettres_remise import send_remise
from egide.systems.apa_ash.services.remises import (
    Demande,
    hold_remise,
    record_demande,
    settle_remise,
)


class PasARetirer(ActeRefuse):
    """Only a debt that was notified, and stands, is withdrawn."""

    message = "Seul un indu notifié, et non retiré, se retire."


class RienARetirer(ActeRefuse):
    """The month, compared again, still gives the whole debt."""

    def __init__(self, du: Decimal) -> None:
        """Say what is owed, and what to correct first."""
        super().__init__(
            f"Le calcul donne toujours {notation.euros(du)} dus\u00a0: corrigez d’abord les "
            "heures, la facture ou le droit du mois."
        )


class CalculChange(ActeRefuse):
    """What is owed changed since the page was read."""

    message = "Le calcul a changé depuis votre lecture\u00a0: relisez la page, puis décidez."


@dataclass(frozen=True, slots=True)
class DemandeRetrait:
    """Why a debt is to be withdrawn, and since when: the day of the appeal, or of the finding."""

    fondement: FondementRetrait
    demandee_on: date
    motif: str


@act("demander le retrait d’un indu")
def request_retrait(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, indu_id: UUID, demande: DemandeRetrait
) -> Remise:
    """Record that a debt was not owed, or that its payee appeals.

    An appeal is recorded whatever the calculation gives: it is owed an answer, granted or not. What
    we find ourselves is asked only once the month, corrected, gives less.
    Nothing is taken off it yet, and withholding goes on: an appeal suspends nothing here
    (CASF L. 134-2), unlike that of the minimum income (L. 262-46).
    """
    dossier = open_dossier(passage, dossier_id)
    indu = INDUS.get(passage, pk=indu_id, dossier_id=dossier_id, action=Action.WRITE, lock=True)
    appeal = demande.fondement == FondementRetrait.RECOURS

    def check() -> None:
        _check_retirable(indu)
        if not appeal:
            _compute(passage, dossier, indu)

    origine = OrigineRemise.DEBITEUR if appeal else OrigineRemise.CONTROLE
    return record_demande(
        passage,
        jeton=jeton,
        indu=indu,
        demande=Demande(origine, demande.demandee_on, demande.motif),
        check=check,
        nature=NatureRemise.RETRAIT,
        fondement=demande.fondement,
    )


@act("retirer un indu")
def grant_retrait(passage: Passage, *, remise_id: UUID, motif: str, lu: Decimal) -> Remise:
    """Take off what is not owed, computed again; `lu` is what is owed as the agent read it."""
    remise, indu, dossier = _hold(passage, remise_id=remise_id)
    du = _compute(passage, dossier, indu)
    if du != lu:
        raise CalculChange
    withdrawn = indu.du - du
    settle_remise(passage, remise, etat=EtatRemise.ACCORDEE, montant=withdrawn, motif=motif)
    retire = indu.retire + withdrawn
    INDUS.update(passage, indu, retire=retire, etat=_state_after(indu, du=du))
    send_remise(passage, dossier=dossier, remise=remise, indu=indu)
    return remise


@act("maintenir un indu")
def refuse_retrait(passage: Passage, *, remise_id: UUID, motif: str) -> Remise:
    """Uphold a debt, with the reason that the payee reads."""
    remise, indu, dossier = _hold(passage, remise_id=remise_id)
    settle_remise(passage, remise, etat=EtatRemise.REFUSEE, motif=motif)
    send_remise(passage, dossier=dossier, remise=remise, indu=indu)
    return remise


def _hold(passage: Passage, *, remise_id: UUID) -> tuple[Remise, Indu, Dossier]:
    """Wait for whoever records a debt of the file, then hold this one and its request."""
    asked = REMISES.get(passage, pk=remise_id, nature=NatureRemise.RETRAIT, action=Action.WRITE)
    dossier = open_dossier(passage, asked.dossier_id)
    hold_indus(dossier)
    remise, indu = hold_remise(passage, remise_id=remise_id, nature=NatureRemise.RETRAIT)
    _check_retirable(indu)
    return remise, indu, dossier


def _check_retirable(indu: Indu) -> None:
    if indu.etat not in RETIRABLES:
        raise PasARetirer


def _compute(passage: Passage, dossier: Dossier, indu: Indu) -> Decimal:
    du = compute_du(passage, dossier=dossier, indu=indu).du
    if du == indu.du:
        raise RienARetirer(du)
    return du


def _state_after(indu: Indu, *, du: Decimal) -> EtatIndu:
    if not du:
        return EtatIndu.RETIRE
    if indu.etat != EtatIndu.NOTIFIE or indu.recouvre + indu.remis < du:
        return EtatIndu(indu.etat)
    return EtatIndu.RECOUVRE if indu.recouvre else EtatIndu.REMIS
