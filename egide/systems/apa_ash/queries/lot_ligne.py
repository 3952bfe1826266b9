"""What explains the line of a service that is paid on what it delivered."""

from dataclasses import dataclass
from decimal import Decimal

from egide.kernel.access.passage import Passage
from egide.rules.apa.effectivite import Prevu, Releve
from egide.systems.apa_ash.models import Paiement
from egide.systems.apa_ash.policy import DROITS, PRESTATIONS
from egide.systems.apa_ash.queries.echeancier_lots import Scope
from egide.systems.apa_ash.queries.echeancier_plans import RIGHT, Plans
from egide.systems.apa_ash.queries.service_fait import read_reglements


@dataclass(frozen=True, slots=True)
class Fait:
    """The hours planned and reported for the month of a line, and the rate of participation."""

    prevu: Prevu
    releve: Releve
    taux_participation: Decimal


def explain_line(passage: Passage, line: Paiement) -> Fait | None:
    """Give the hours behind a line, or nothing where the person or the plan is paid."""
    who = line.prestataire_id
    if who is None or not read_reglements(passage).service_fait(who, mois=line.mois_du):
        return None
    rights = DROITS.rows(passage).filter(dossier_id=line.dossier_id)
    plans = Plans(
        Scope(passage, line.service_id, line.mois_du), dossiers=rights.values("dossier_id")
    )
    droit = plans.droit(rights.filter(pk=line.droit_id).values(*RIGHT).get())
    reported = PRESTATIONS.rows(passage).filter(
        dossier_id=line.dossier_id, prestataire_id=who, mois=line.mois_du
    )
    row = reported.order_by("pk").first()
    return Fait(
        droit.prevus.get(who, Prevu()),
        Releve(row.heures_realisees, row.montant_facture) if row else Releve(),
        droit.taux_participation,
    )
