"""What the person put right after a formal notice, before any suspension (CASF R. 232-16)."""

from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Courrier
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.policy import COURRIERS, DOSSIERS
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.services.droit_en_cours import UNDER_A_RIGHT, next_revision
from egide.systems.apa_ash.services.mises_en_demeure import (
    DejaSuspendu,
    MiseEnDemeureAbsente,
    pending_notice,
)
from egide.systems.apa_ash.services.revisions import JourFutur


class RegularisationAvantMiseEnDemeure(ActeRefuse):
    """What a notice reproaches is put right after it."""

    message = "La situation ne peut pas avoir été régularisée avant la mise en demeure."


@act("constater la régularisation")
def record_regularisation(passage: Passage, *, dossier_id: UUID, regularisee_on: date) -> Courrier:
    """End the formal notice that runs: it carries no suspension any more, and another may be sent.

    Suspended, a payment is restored instead, by a decision.
    """
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    if situation.suspension is not None:
        raise DejaSuspendu
    notice = pending_notice(passage, situation=situation)
    if notice is None:
        raise MiseEnDemeureAbsente
    if regularisee_on < notice.cree_on:
        raise RegularisationAvantMiseEnDemeure
    if regularisee_on > passage.on:
        raise JourFutur
    COURRIERS.update(
        passage,
        notice,
        regularisee_on=regularisee_on,
        constatee_on=passage.on,
        constatee_par_id=passage.agent.pk,
    )
    # A revision that is being studied keeps its own deadline.
    own = next_revision(dossier) if Etat(dossier.etat) in UNDER_A_RIGHT else {}
    contact = max(dossier.dernier_contact_on, regularisee_on)
    DOSSIERS.update(passage, dossier, dernier_contact_on=contact, **own)
    return notice
