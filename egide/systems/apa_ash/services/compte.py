"""Keep the bank account of a person: entered and changed under the purpose of payment alone."""

from uuid import UUID

from django.db import IntegrityError, transaction

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import CompteBancaire, Dossier
from egide.systems.apa_ash.policy import COMPTES, DOSSIERS


class EnteredMeanwhile(ActeRefuse):
    """Another agent entered another account while this one was typed."""

    message = (
        "Un autre compte vient d’être enregistré pour ce dossier : rien n’a changé. "
        "Relisez-le, puis modifiez-le s’il y a lieu."
    )


@act("enregistrer le compte bancaire")
def save_compte(passage: Passage, *, dossier_id: UUID, titulaire: str, iban: str) -> CompteBancaire:
    """Create or change the account; day and hand warn the next run and keep the hand off it."""
    dossier = DOSSIERS.get(passage, pk=dossier_id)
    known = _known(passage, dossier)
    if known is None:
        return _create(passage, dossier=dossier, titulaire=titulaire, iban=iban)
    COMPTES.update(
        passage,
        known,
        titulaire=titulaire,
        iban=iban,
        saisi_on=passage.on,
        saisi_par_id=passage.agent.pk,
    )
    return known


def _create(passage: Passage, *, dossier: Dossier, titulaire: str, iban: str) -> CompteBancaire:
    try:
        with transaction.atomic():
            return COMPTES.create(
                passage,
                service_id=dossier.service_id,
                dossier_id=dossier.pk,
                titulaire=titulaire,
                iban=iban,
                saisi_on=passage.on,
                saisi_par_id=passage.agent.pk,
            )
    except IntegrityError as error:
        # Nobody had entered one when this act looked; the other has committed since.
        known = _known(passage, dossier)
        if known is None:
            raise
        if (known.titulaire, known.iban) != (titulaire, iban):
            raise EnteredMeanwhile from error
        return known


def _known(passage: Passage, dossier: Dossier) -> CompteBancaire | None:
    rows = COMPTES.rows(passage, action=Action.WRITE).filter(dossier=dossier)
    return rows.order_by("pk").first()
