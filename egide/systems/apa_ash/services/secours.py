"""Contest the domicile de secours, pass the file on, record the answer (CASF L. 122-4)."""

from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash.models import Dossier, LitigeSecours
from egide.systems.apa_ash.models.dossier import FINIS, Echeance, Etat
from egide.systems.apa_ash.models.secours import EtatLitige
from egide.systems.apa_ash.policy import DOSSIERS, LITIGES_SECOURS
from egide.systems.apa_ash.queries.demandes import current_demande
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.secours import hold_litige
from egide.systems.apa_ash.services.droit_en_cours import (
    DU_LITIGE,
    UNDER_A_RIGHT,
    droit_continue,
    of_the_right,
)
from egide.systems.apa_ash.services.fins import DepartementInconnu, contestation_avant
from egide.systems.apa_ash.services.revisions import JourFutur

OF_A_RIGHT = frozenset({Echeance.REVISION, Echeance.FIN})


class LitigeEnCours(ActeRefuse):
    """Two départements are not contested at once."""

    message = "La compétence est déjà contestée : menez d’abord cette contestation à son terme."


class AucunLitige(ActeRefuse):
    """Nothing is contested, or the step is not the next one."""

    message = "Aucune contestation n’attend cette étape : relisez où elle en est."


class DossierTermine(ActeRefuse):
    """A file that is over is passed to nobody."""

    message = "Ce dossier est fermé ou rejeté : sa compétence ne se conteste plus ici."


class JourAvantLEtape(ActeRefuse):
    """A step does not come before the one that it follows."""

    message = "Cette date précède l’étape d’avant : vérifiez-la."


@act("contester le domicile de secours")
def contest_secours(
    passage: Passage, *, jeton: UUID, dossier_id: UUID, departement: str, motif: str
) -> LitigeSecours:
    """Say that another département is competent: the file is to be passed on within the month.

    The month runs from the request; once a right is open, from the day on which the doubt is told.
    """
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    known = LITIGES_SECOURS.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()
    if known is not None:
        return known
    if dossier.etat in FINIS:
        raise DossierTermine
    if departement == passage.agent.organisme.departement:
        raise DepartementInconnu
    if hold_litige(passage, dossier=dossier) is not None:
        raise LitigeEnCours
    litige = LITIGES_SECOURS.create(
        passage,
        pk=jeton,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        departement=departement,
        etat=EtatLitige.CONTESTE,
        motif=motif,
        conteste_on=passage.on,
        echeance_avant=dossier.echeance,
        echeance_avant_on=dossier.echeance_on,
    )
    since = passage.on
    if Etat(dossier.etat) not in UNDER_A_RIGHT:
        since = current_demande(passage, dossier=dossier).recue_on
    _expect(passage, dossier, Echeance.TRANSMISSION, contestation_avant(since))
    return litige


@act("transmettre le dossier à un autre département")
def transmit_dossier(passage: Passage, *, dossier_id: UUID, transmis_on: date) -> LitigeSecours:
    """Record the day on which the file was passed on: the other one has a month to answer."""
    dossier, litige = _hold(passage, dossier_id, etat=EtatLitige.CONTESTE)
    _check_day(passage, transmis_on, after=litige.conteste_on)
    LITIGES_SECOURS.update(passage, litige, etat=EtatLitige.TRANSMIS, transmis_on=transmis_on)
    # Over since it was contested, the file waits for nothing any more.
    if dossier.etat not in FINIS:
        _expect(passage, dossier, Echeance.COMPETENCE, echeance("domicile_secours", transmis_on))
    return litige


@act("noter la réponse sur le domicile de secours")
def record_reponse_secours(
    passage: Passage, *, dossier_id: UUID, repondu_on: date, accepte: bool
) -> LitigeSecours:
    """Record whether the other département admits that it is competent.

    When it does, a request ends here; a right that runs is ended by its own decision, and a file
    that is over meanwhile ended otherwise.
    """
    dossier, litige = _hold(passage, dossier_id, etat=EtatLitige.TRANSMIS)
    _check_day(passage, repondu_on, after=litige.transmis_on or litige.conteste_on)
    etat = EtatLitige.ACCEPTE if accepte else EtatLitige.REFUSE
    LITIGES_SECOURS.update(passage, litige, etat=etat, repondu_on=repondu_on)
    if accepte:
        DOSSIERS.update(passage, dossier, departement_secours=litige.departement)
    if accepte and not droit_continue(dossier) and dossier.etat not in FINIS:
        _close(passage, dossier, litige=litige, on=repondu_on)
    else:
        _resume(passage, dossier, litige=litige)
    return litige


@act("abandonner la contestation du domicile de secours")
def abandon_litige(
    passage: Passage,
    *,
    dossier_id: UUID,
    motif: str,  # noqa: ARG001 -- `act` records the motif
) -> LitigeSecours:
    """Admit one's own competence: the procedure goes on where it stood."""
    dossier, litige = _hold(passage, dossier_id, etat=None)
    LITIGES_SECOURS.update(passage, litige, etat=EtatLitige.ABANDONNE)
    _resume(passage, dossier, litige=litige)
    return litige


def _hold(
    passage: Passage, dossier_id: UUID, *, etat: EtatLitige | None
) -> tuple[Dossier, LitigeSecours]:
    """Hold a file with the dispute that runs, at one step or at any."""
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    litige = hold_litige(passage, dossier=dossier)
    if litige is None or (etat is not None and litige.etat != etat):
        raise AucunLitige
    return dossier, litige


def _check_day(passage: Passage, day: date, *, after: date) -> None:
    if day > passage.on:
        raise JourFutur
    if day < after:
        raise JourAvantLEtape


def _expect(passage: Passage, dossier: Dossier, what: Echeance, on: date) -> None:
    DOSSIERS.update(passage, dossier, echeance=what, echeance_on=on)


def _resume(passage: Passage, dossier: Dossier, *, litige: LitigeSecours) -> None:
    """Give back what was expected before, unless another act has set something since.

    A right may have been ended, or its end given up, during the dispute: its day is that of now.
    """
    if dossier.echeance not in DU_LITIGE:
        return
    if litige.echeance_avant in OF_A_RIGHT and Etat(dossier.etat) in UNDER_A_RIGHT:
        DOSSIERS.update(passage, dossier, **of_the_right(dossier))
        return
    DOSSIERS.update(
        passage, dossier, echeance=litige.echeance_avant, echeance_on=litige.echeance_avant_on
    )


def _close(passage: Passage, dossier: Dossier, *, litige: LitigeSecours, on: date) -> None:
    DOSSIERS.update(
        passage,
        dossier,
        etat=Etat.CLOS,
        echeance="",
        echeance_on=None,
        fin_droit_on=max(on, dossier.ouvert_on),
        motif_fin=f"Dossier transmis au département {litige.departement} (CASF L. 122-4).",
    )
