"""Hold the destruction of a file for a dispute or an inquiry, and lift the hold."""

from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Dossier, Gel
from egide.systems.apa_ash.policy import GELS
from egide.systems.apa_ash.purposes import Role
from egide.systems.apa_ash.queries.conservation import gel_of
from egide.systems.apa_ash.queries.dossier import open_dossier


class DossierGele(ActeRefuse):
    """A file is held once: another reason or another term is another hold, after this one."""

    message = "Ce dossier est déjà gelé : levez ce gel avant d’en poser un autre."


class TermePasse(ActeRefuse):
    """A hold has its term before it."""

    message = "Le terme du gel est passé : choisissez un jour à venir."


class AucunGel(ActeRefuse):
    """There is no hold to lift."""

    message = "Ce dossier n’est pas gelé."


@act("geler la conservation d’un dossier")
def freeze_dossier(passage: Passage, *, dossier_id: UUID, jusqu_on: date, motif: str) -> Gel:
    """Keep a file from its destruction until a day; its service's head alone."""
    dossier = _headed(passage, dossier_id, verb="geler la conservation d’un dossier")
    if jusqu_on <= passage.on:
        raise TermePasse
    if gel_of(passage, dossier=dossier, action=Action.WRITE) is not None:
        raise DossierGele
    return GELS.create(
        passage,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        motif=motif,
        jusqu_on=jusqu_on,
        pose_on=passage.on,
        pose_par_id=passage.agent.pk,
    )


@act("lever le gel d’un dossier")
def lift_gel(
    passage: Passage,
    *,
    dossier_id: UUID,
    motif: str,  # noqa: ARG001 -- `act` records the motif
) -> Dossier:
    """Let a file meet its day again: the trail keeps who had held it, and who let it go."""
    dossier = _headed(passage, dossier_id, verb="lever le gel d’un dossier")
    gel = gel_of(passage, dossier=dossier, action=Action.WRITE)
    if gel is None:
        raise AucunGel
    GELS.delete(passage, gel)
    return dossier


def _headed(passage: Passage, dossier_id: UUID, *, verb: str) -> Dossier:
    """Hold a file of a service that the agent heads; refused as absent otherwise."""
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    if dossier.service_id not in passage.services((Role.RESPONSABLE,)):
        raise Refused(verb, targets=[str(dossier_id)])
    return dossier
