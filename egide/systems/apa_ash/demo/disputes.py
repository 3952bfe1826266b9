"""Requests whose domicile de secours is contested; no draw moves for them (CASF L. 122-4)."""

import uuid
from datetime import date

from egide.rules.apa.delais import echeance
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.demo.rows import Rows
from egide.systems.apa_ash.models.dossier import Echeance
from egide.systems.apa_ash.models.secours import EtatLitige


def add_dispute(rows: Rows, *, dossier: m.Dossier, received: date, sent: date | None) -> None:
    """Contest a request on the day it came; `sent` tells that the file was passed on."""
    rows.add(
        m.LitigeSecours(
            id=uuid.uuid5(dossier.pk, "secours"),
            service_id=dossier.service_id,
            dossier_id=dossier.pk,
            departement="38" if dossier.departement_secours != "38" else "73",
            etat=EtatLitige.TRANSMIS if sent else EtatLitige.CONTESTE,
            motif="Trois mois de résidence chez sa fille avant la demande.",
            conteste_on=received,
            transmis_on=sent,
            echeance_avant=dossier.echeance,
            echeance_avant_on=dossier.echeance_on,
        )
    )
    dossier.echeance = Echeance.COMPETENCE if sent else Echeance.TRANSMISSION
    dossier.echeance_on = echeance("domicile_secours", sent or received)
