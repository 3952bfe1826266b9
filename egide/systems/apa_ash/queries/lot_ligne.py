"""What explains the line of a run: the rights that share its month, the hours that pay it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from egide.kernel.access.passage import Passage
from egide.rules.apa.effectivite import Releve
from egide.rules.apa.plans_du_mois import PlansDuMois
from egide.rules.apa.versement import month_of
from egide.systems.apa_ash.calculs.droit_du_mois import PeriodeDue, tell_periods
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire, ServiceFait, parts_of
from egide.systems.apa_ash.models import Paiement
from egide.systems.apa_ash.policy import DROITS, INTERRUPTIONS, PRESTATIONS
from egide.systems.apa_ash.queries.echeancier_lots import Scope
from egide.systems.apa_ash.queries.echeancier_plans import RIGHT, Plans
from egide.systems.apa_ash.queries.lot_dus import DEATH, stops_of
from egide.systems.apa_ash.queries.service_fait import read_reglements


@dataclass(frozen=True, slots=True)
class Fait:
    """The plans that ask hours of the service for the month of a line, and what it reported."""

    plans: PlansDuMois
    releve: Releve


@dataclass(frozen=True, slots=True)
class Explication:
    """What each of several rights gives the payee of a line; the hours, where they pay it."""

    periodes: Sequence[PeriodeDue] = ()
    fait: Fait | None = None


def explain_line(passage: Passage, line: Paiement) -> Explication:
    """Give what explains a line beyond its plan, in six statements; an invoice pays no month."""
    if line.facture_id:
        return Explication()
    who, mois = line.prestataire_id, line.mois_du
    month = month_of(mois)
    rows = DROITS.rows(passage).filter(
        dossier_id=line.dossier_id, periode__overlap=(month.debut, month.fin)
    )
    plans = Plans(Scope(passage, line.service_id, mois), dossiers=rows.values("dossier_id"))
    rights = list(rows.order_by("periode").values(*RIGHT, DEATH))
    droits = [plans.droit(row) for row in rights]
    stops = INTERRUPTIONS.rows(passage).filter(dossier_id=line.dossier_id, periode__isempty=False)
    reported = PRESTATIONS.rows(passage).filter(dossier_id=line.dossier_id, mois=mois)
    releves: dict[tuple[date, Beneficiaire], Releve] = {
        (mois, row.prestataire_id): Releve(row.heures_realisees, row.montant_facture)
        for row in reported.order_by("pk")
    }
    fait = ServiceFait(read_reglements(passage), releves)
    shared = parts_of(
        droits,
        mois=mois,
        interruptions=stops_of(stops.order_by("pk").values("dossier_id", "nature", "periode")),
        deces_on=next((row[DEATH] for row in rights), None),
        service_fait=fait,
    )
    asked = shared.plans_of(who) if droits and who in shared.on_hours else None
    return Explication(
        tell_periods(shared, who) if len(droits) > 1 else (),
        Fait(asked, shared.releve(who)) if asked else None,
    )
