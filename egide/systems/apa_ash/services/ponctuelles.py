"""Acts on what a draft holds beside its monthly aids: the year's répit and one-off aids."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import AidePonctuelle, PlanAide
from egide.systems.apa_ash.models.ponctuel import NaturePonctuelle
from egide.systems.apa_ash.policy import AIDES_PONCTUELLES
from egide.systems.apa_ash.services.plan import check_prestataire, hold_draft


class RepitDejaPrevu(ActeRefuse):
    """A plan has one répit, whose sum serves over the year."""

    message = (
        "Le plan prévoit déjà un répit\u00a0: son montant sert librement dans l’année, retirez-le "
        "pour le changer (CASF D. 232-9-1)."
    )


@dataclass(frozen=True, slots=True)
class Prevision:
    """What an aid paid upon invoices says, once checked by its form."""

    nature: str
    objet: str
    prestataire_id: UUID | None
    montant: Decimal


@act("ajouter une aide ponctuelle au plan")
def add_ponctuelle(
    passage: Passage, *, plan_id: UUID, jeton: UUID, prevision: Prevision
) -> AidePonctuelle:
    """Add to a draft an aid paid upon invoices; `jeton` becomes its id."""
    plan, _ = hold_draft(passage, plan_id=plan_id)
    rows = AIDES_PONCTUELLES.rows(passage).filter(plan=plan)
    known = rows.filter(pk=jeton).order_by("pk").first()
    if known is not None:
        return known  # the same form, sent twice
    repit = NaturePonctuelle.REPIT
    if prevision.nature == repit and rows.filter(nature=repit).exists():
        raise RepitDejaPrevu
    if prevision.prestataire_id is not None:
        check_prestataire(passage, prestataire_id=prevision.prestataire_id)
    return AIDES_PONCTUELLES.create(
        passage,
        id=jeton,
        service_id=plan.service_id,
        dossier_id=plan.dossier_id,
        plan_id=plan.pk,
        **asdict(prevision),
    )


@act("retirer une aide ponctuelle du plan")
def remove_ponctuelle(passage: Passage, *, plan_id: UUID, aide_id: UUID) -> PlanAide:
    """Take an aid paid upon invoices out of a draft."""
    plan, _ = hold_draft(passage, plan_id=plan_id)
    aide = AIDES_PONCTUELLES.get(passage, pk=aide_id, plan=plan, action=Action.WRITE, lock=True)
    AIDES_PONCTUELLES.delete(passage, aide)
    return plan
