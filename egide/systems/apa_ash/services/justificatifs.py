"""Ask for proofs of expense, and note that they came (CASF R. 232-15, L. 232-7)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash.letters.justificatifs import DemandeJustificatifs
from egide.systems.apa_ash.models import DemandeJustificatif, Dossier, Prestataire
from egide.systems.apa_ash.policy import DROITS, JUSTIFICATIFS
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.justificatifs import list_services
from egide.systems.apa_ash.services.courriers import send_letter
from egide.systems.apa_ash.services.lettres_indu import address_of_payee


class DejaDemandes(ActeRefuse):
    """Proofs of the same payee are awaited already."""

    message = "Des justificatifs sont déjà attendus\u00a0: notez leur arrivée avant d’en demander."


class AucunDroitAJustifier(ActeRefuse):
    """Nothing was paid over these days."""

    message = "Aucun droit ne couvre cette période\u00a0: il n’y a pas de dépense à justifier."


class PersonneDecedee(ActeRefuse):
    """A dead person answers no letter."""

    message = "La personne est décédée\u00a0: demandez les justificatifs au service."


class ServiceEtranger(ActeRefuse):
    """A service without any part in a file is told nothing of the person."""

    message = (
        "Ce service n’est dans aucun plan accordé de ce dossier et n’a rien reçu pour lui\u00a0: "
        "il n’a pas de justificatif à fournir."
    )


class DejaRecus(ActeRefuse):
    """Their arrival was noted."""

    message = "L’arrivée de ces justificatifs est déjà notée."


class ArriveeImpossible(ActeRefuse):
    """Proofs come after they were asked, and not tomorrow."""

    message = "La date se situe entre la demande des justificatifs et aujourd’hui."


@dataclass(frozen=True, slots=True)
class Periode:
    """The days of the expenses, both included, and what to add in words."""

    depuis: date
    jusqu_on: date
    precisions: str = ""


@act("demander des justificatifs")
def request_justificatifs(
    passage: Passage,
    *,
    dossier_id: UUID,
    jeton: UUID,
    prestataire_id: UUID | None,
    periode: Periode,
) -> DemandeJustificatif:
    """Write to the person, or to one service, and await the proofs for a month (L. 232-7).

    Nothing follows by itself when they do not come: the instruction may send a formal notice, then
    suspend (R. 232-16). `jeton` becomes the id.
    """
    dossier = open_dossier(passage, dossier_id)
    rows = JUSTIFICATIFS.rows(passage).filter(dossier=dossier)
    known = rows.filter(pk=jeton).order_by("pk").first()
    if known is not None:
        return known
    service = None
    if prestataire_id is not None:
        service = _service(passage, dossier, prestataire_id=prestataire_id)
    elif dossier.identite.deces_on is not None:
        raise PersonneDecedee
    if rows.filter(prestataire=service, recue_on__isnull=True).exists():
        raise DejaDemandes
    droits = DROITS.rows(passage).filter(
        dossier=dossier, periode__overlap=DateRange(periode.depuis, periode.jusqu_on, "[]")
    )
    if not droits.exists():
        raise AucunDroitAJustifier
    attendue_on = echeance("production_justificatifs", passage.on)
    asked = JUSTIFICATIFS.create(
        passage,
        id=jeton,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        prestataire_id=prestataire_id,
        depuis=periode.depuis,
        jusqu_on=periode.jusqu_on,
        precisions=periode.precisions,
        demandee_on=passage.on,
        demandee_par_id=passage.agent.pk,
        attendue_on=attendue_on,
    )
    send_letter(
        passage,
        dossier=dossier,
        contenu=DemandeJustificatifs(
            depuis=periode.depuis,
            jusqu_on=periode.jusqu_on,
            attendue_on=attendue_on,
            precisions=periode.precisions,
            au_service=service is not None,
        ),
        destinataire=address_of_payee(passage, dossier, service),
        service=service.nom if service else "",
    )
    return asked


def _service(passage: Passage, dossier: Dossier, *, prestataire_id: UUID) -> Prestataire:
    for service in list_services(passage, dossier=dossier):
        if service.pk == prestataire_id:
            return service
    raise ServiceEtranger


@act("noter l’arrivée de justificatifs")
def receive_justificatifs(
    passage: Passage, *, demande_id: UUID, recue_on: date
) -> DemandeJustificatif:
    """Note the day on which proofs came: nothing more is awaited."""
    asked = JUSTIFICATIFS.get(passage, pk=demande_id, action=Action.WRITE, lock=True)
    if asked.recue_on is not None:
        raise DejaRecus
    if not asked.demandee_on <= recue_on <= passage.on:
        raise ArriveeImpossible
    JUSTIFICATIFS.update(passage, asked, recue_on=recue_on)
    return asked
