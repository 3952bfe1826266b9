"""Record what a debtor repays of an excess payment, and close what is repaid whole (D. 232-31)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Remboursement
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.policy import INDUS, REMBOURSEMENTS


class PasARembourser(ActeRefuse):
    """Only a debt that was notified is repaid."""

    message = "Seul un indu notifié se rembourse\u00a0: notifiez-le d’abord, ou il est déjà soldé."


class DavantageQueDu(ActeRefuse):
    """More than what is left cannot be repaid."""

    def __init__(self, reste: Decimal) -> None:
        """Say what is left."""
        super().__init__(f"Il ne reste que {notation.euros(reste)} à rembourser sur cet indu.")


class JourImpossible(ActeRefuse):
    """A repayment comes after the debt was found, and not tomorrow."""

    message = "La date se situe entre le constat de l’indu et aujourd’hui."


@dataclass(frozen=True, slots=True)
class Recu:
    """What was received, and on which day."""

    montant: Decimal
    recu_on: date


@act("enregistrer un remboursement")
def record_remboursement(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, indu_id: UUID, recu: Recu
) -> Remboursement:
    """Count a repayment on its debt, which is closed once nothing is left.

    A debt that is prescribed may still be repaid by who wishes to. The same form sent twice counts
    once: its token, with the debt, becomes the id.
    """
    indu = INDUS.get(passage, pk=indu_id, dossier_id=dossier_id, action=Action.WRITE, lock=True)
    pk = uuid5(jeton, str(indu.pk))
    known = REMBOURSEMENTS.rows(passage).filter(pk=pk, indu=indu).order_by("pk").first()
    if known is not None:
        return known
    if indu.etat != EtatIndu.NOTIFIE:
        raise PasARembourser
    if not indu.constate_on <= recu.recu_on <= passage.on:
        raise JourImpossible
    reste = indu.reste
    if recu.montant > reste:
        raise DavantageQueDu(reste)
    received = REMBOURSEMENTS.create(
        passage,
        id=pk,
        service_id=indu.service_id,
        dossier_id=indu.dossier_id,
        indu_id=indu.pk,
        montant=recu.montant,
        recu_on=recu.recu_on,
        saisi_par_id=passage.agent.pk,
    )
    values = {"recouvre": indu.recouvre + recu.montant}
    etat = {"etat": EtatIndu.RECOUVRE} if recu.montant == reste else {}
    INDUS.update(passage, indu, **values, **etat)
    return received
