"""Give a service the slip of what an issued run paid it; the trail names whom it tells of."""

from uuid import UUID

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.views import act
from egide.systems.apa_ash.fichiers.bordereaux import LigneBordereau, write_bordereau
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.policy import LOTS
from egide.systems.apa_ash.queries.bordereaux import list_lines_of
from egide.systems.apa_ash.services.lot_refus import WrongState


@act("éditer le bordereau d’un service")
def write_slip(passage: Passage, *, lot_id: UUID, prestataire_id: UUID) -> bytes:
    """Write the slip of one service; refused as absent when the run pays it nothing."""
    lot = LOTS.get(passage, pk=lot_id)
    if lot.etat != EtatLot.EMIS:
        raise WrongState
    lines = list_lines_of(passage, lot=lot, prestataire_id=prestataire_id)
    if not lines:
        raise Refused("éditer le bordereau d’un service", targets=[str(prestataire_id)])
    return write_bordereau(
        LigneBordereau(
            dossier=line.dossier.numero,
            personne=line.dossier.identite.nom_complet,
            mois=line.mois_du,
            facture=line.facture.reference if line.facture else "",
            rappel=line.rappel,
            # An invoice is not paid by the hours of its month.
            heures=None if line.facture else line.heures,
            montant_brut=line.montant_brut,
            retenue=line.retenue,
        )
        for line in lines
    )
