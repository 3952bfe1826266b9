"""Record stays in hospital; what is due follows by computation (CASF R. 232-32)."""

from datetime import date
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse, refusing
from egide.systems.apa_ash.models import Interruption
from egide.systems.apa_ash.models.droit import NatureInterruption
from egide.systems.apa_ash.policy import DOSSIERS, INTERRUPTIONS
from egide.systems.apa_ash.queries.decision import Situation, load_situation
from egide.systems.apa_ash.services.revisions import JourFutur

SEJOURS = frozenset(
    {NatureInterruption.HOSPITALISATION, NatureInterruption.HOSPITALISATION_DOMICILE}
)


class AucunDroitAInterrompre(ActeRefuse):
    """A stay is followed while a right runs."""

    message = "Aucun droit n’est ouvert : il n’y a pas de versement à suivre."


class SejourDejaConnu(ActeRefuse):
    """Two stays of one kind overlap."""

    message = "Un séjour de même nature est déjà enregistré sur ces jours : terminez-le d’abord."


class SortieAvantEntree(ActeRefuse):
    """A stay lasts one night at least."""

    message = "La sortie doit être au moins le lendemain de l’entrée."


class SejourTermine(ActeRefuse):
    """The discharge is recorded already."""

    message = "La sortie de ce séjour est déjà enregistrée."


def check_sejour(situation: Situation, *, nature: str, entree_on: date, on: date) -> None:
    """Refuse a stay that cannot be, or that covers days of another of its kind."""
    if entree_on > on:
        raise JourFutur
    if situation.droit_en_cours(on) is None:
        raise AucunDroitAInterrompre
    for item in situation.interruptions:
        if item.nature == nature and not item.periode.isempty:
            fin = item.periode.upper
            if fin is None or fin > entree_on:
                raise SejourDejaConnu


@act("enregistrer une hospitalisation")
def enter_hospital(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, nature: str, entree_on: date
) -> Interruption:
    """Record the entry; thirty days stay paid, and a stay at home changes nothing."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    known = next((item for item in situation.interruptions if item.pk == jeton), None)
    if known is not None:
        return known
    check_sejour(situation, nature=nature, entree_on=entree_on, on=passage.on)
    with refusing("interruption_one_of_a_kind", SejourDejaConnu()):
        stay = INTERRUPTIONS.create(
            passage,
            pk=jeton,
            service_id=dossier.service_id,
            dossier_id=dossier.pk,
            nature=NatureInterruption(nature),
            periode=DateRange(entree_on, None),
        )
    _note_contact(passage, situation=situation)
    return stay


@act("enregistrer une sortie d’hôpital")
def leave_hospital(
    passage: Passage, *, dossier_id: UUID, interruption_id: UUID, sortie_on: date
) -> Interruption:
    """Record the discharge: payment resumes on the first day of its month, by itself."""
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    stay = INTERRUPTIONS.get(
        passage,
        pk=interruption_id,
        dossier=situation.dossier,
        nature__in=sorted(SEJOURS),
        action=Action.WRITE,
        lock=True,
    )
    if stay.periode.upper is not None:
        raise SejourTermine
    if sortie_on > passage.on:
        raise JourFutur
    if sortie_on <= stay.periode.lower:
        raise SortieAvantEntree
    INTERRUPTIONS.update(passage, stay, periode=DateRange(stay.periode.lower, sortie_on))
    _note_contact(passage, situation=situation)
    return stay


def _note_contact(passage: Passage, *, situation: Situation) -> None:
    """Note a contact: the person, or someone near, has told."""
    DOSSIERS.update(passage, situation.dossier, dernier_contact_on=passage.on)
