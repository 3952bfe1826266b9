"""Give files to another instructeur: one, or all those of someone who leaves (CASF R. 232-44)."""

from collections.abc import Collection
from uuid import UUID

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.dossier import FINIS
from egide.systems.apa_ash.policy import DOSSIERS
from egide.systems.apa_ash.queries.reaffectation import instructeurs, supervised


class InstructeurHorsService(ActeRefuse):
    """Nobody follows the files of a service where they hold no habilitation today."""

    message = (
        "Cette personne n’est pas habilitée à instruire dans le service de chacun de ces dossiers."
    )


class DossierFini(ActeRefuse):
    """A file that is over is followed by nobody."""

    message = "Un de ces dossiers est fermé ou rejeté : retirez-le de la sélection."


@act("réaffecter des dossiers")
def reassign_dossiers(
    passage: Passage,
    *,
    dossier_ids: Collection[UUID],
    instructeur_id: UUID,
    motif: str,  # noqa: ARG001 -- `act` records the motif
) -> list[Dossier]:
    """Give files to one instructeur, all or none; those that they follow already do not change.

    Refused as absent unless the agent heads the service of every file.
    """
    wanted = set(dossier_ids)
    rows = supervised(passage, action=Action.WRITE).filter(pk__in=wanted).order_by("pk")
    dossiers = list(rows.select_for_update(of=("self",)))
    if not wanted or len(dossiers) != len(wanted):
        raise Refused("réaffecter des dossiers", targets=map(str, sorted(wanted)))
    if any(dossier.etat in FINIS for dossier in dossiers):
        raise DossierFini
    services = [dossier.service_id for dossier in dossiers]
    if instructeur_id not in instructeurs(passage, service_ids=services):
        raise InstructeurHorsService
    moved = [dossier for dossier in dossiers if dossier.instructeur_id != instructeur_id]
    DOSSIERS.rows(passage, action=Action.WRITE).filter(pk__in=[d.pk for d in moved]).update(
        instructeur=instructeur_id
    )
    return moved
