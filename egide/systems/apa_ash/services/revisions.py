"""Reopen the procedure on new facts while the right goes on (CASF R. 232-28)."""

from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash.models import Demande
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.policy import DEMANDES, DOSSIERS
from egide.systems.apa_ash.queries.decision import load_situation


class AucunDroitARevoir(ActeRefuse):
    """A revision changes a right that runs."""

    message = "Aucun droit n’est ouvert : il s’agit d’une première demande, pas d’une révision."


class RevisionEnCours(ActeRefuse):
    """A request is already being studied."""

    message = "Une demande est déjà à l’étude : décidez-la avant d’en ouvrir une autre."


class FaitsNonDits(ActeRefuse):
    """A revision rests on new facts, which the trail keeps."""

    message = "Dites quels éléments nouveaux justifient la révision (CASF R. 232-28)."


class JourFutur(ActeRefuse):
    """What has not happened yet cannot be recorded."""

    message = "Cette date est dans l’avenir : indiquez le jour où le fait s’est produit."


@act("ouvrir une révision")
def request_revision(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, recue_on: date, canal: str, motif: str
) -> Demande:
    """Register new facts as a request of revision; the ground stays in the trail of the act.

    The pieces of the first request are held already: the new one is complete at once, and no
    letter acknowledges it.
    """
    if not motif.strip():
        raise FaitsNonDits
    situation = load_situation(passage, pk=dossier_id, action=Action.WRITE, lock=True)
    dossier = situation.dossier
    known = DEMANDES.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()
    if known is not None:
        return known
    if situation.en_instruction:
        raise RevisionEnCours
    droit = situation.droit_en_cours(passage.on)
    if droit is None or droit.forfait:
        raise AucunDroitARevoir
    if recue_on > passage.on:
        raise JourFutur
    demande = DEMANDES.create(
        passage,
        pk=jeton,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        nature=NatureDemande.REVISION,
        canal=canal,
        recue_on=recue_on,
        complete_on=recue_on,
    )
    DOSSIERS.update(
        passage,
        dossier,
        etat=Etat.COMPLET,
        etat_droit=dossier.etat,
        echeance=Echeance.VISITE,
        echeance_on=echeance("proposition_plan", recue_on),
        dernier_contact_on=max(dossier.dernier_contact_on, recue_on),
    )
    return demande
