"""Keep the bank account of a person: entered and changed under the purpose of payment alone."""

from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.systems.apa_ash.models import CompteBancaire
from egide.systems.apa_ash.policy import COMPTES, DOSSIERS


@act("enregistrer le compte bancaire")
def save_compte(passage: Passage, *, dossier_id: UUID, titulaire: str, iban: str) -> CompteBancaire:
    """Create or change the account; day and hand warn the next run and keep the hand off it."""
    dossier = DOSSIERS.get(passage, pk=dossier_id)
    known = COMPTES.rows(passage, action=Action.WRITE).filter(dossier=dossier).first()
    if known is None:
        return COMPTES.create(
            passage,
            service_id=dossier.service_id,
            dossier_id=dossier.pk,
            titulaire=titulaire,
            iban=iban,
            saisi_on=passage.on,
            saisi_par_id=passage.agent.pk,
        )
    COMPTES.update(
        passage,
        known,
        titulaire=titulaire,
        iban=iban,
        saisi_on=passage.on,
        saisi_par_id=passage.agent.pk,
    )
    return known
