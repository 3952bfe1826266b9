"""Which services are paid on what they deliver, and what they reported."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.rules.apa.effectivite import Releve
from egide.rules.apa.service_fait import Reglement, Reglements
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire, ServiceFait
from egide.systems.apa_ash.models import ReglementPrestataire
from egide.systems.apa_ash.policy import PRESTATIONS, REGLEMENTS


def read_reglements(passage: Passage) -> Reglements[Beneficiaire]:
    """Give how each service of the organisme is paid, month after month, in one statement."""
    choix: dict[Beneficiaire, list[tuple[date, Reglement]]] = defaultdict(list)
    for row in (
        REGLEMENTS.rows(passage).order_by("depuis").values("prestataire_id", "depuis", "mode")
    ):
        choix[row["prestataire_id"]].append((row["depuis"], Reglement(row["mode"])))
    return Reglements(choix)


def read_service_fait(
    passage: Passage, *, service_id: UUID, since: date
) -> tuple[Reglements[Beneficiaire], dict[UUID, ServiceFait]]:
    """Give what the services paid on their hours reported of each file of a service, from a month.

    Two statements; what the services paid on the plan reported is left to the control.
    """
    reglements = read_reglements(passage)
    rows = PRESTATIONS.rows(passage).filter(
        service_id=service_id,
        mois__gte=since,
        prestataire_id__in=[who for who in reglements.ever_service_fait() if who],
    )
    releves: dict[UUID, dict[tuple[date, Beneficiaire], Releve]] = defaultdict(dict)
    for row in rows.values(
        "dossier_id", "prestataire_id", "mois", "heures_realisees", "montant_facture"
    ):
        key = row["mois"], row["prestataire_id"]
        releves[row["dossier_id"]][key] = Releve(row["heures_realisees"], row["montant_facture"])
    return reglements, {file: ServiceFait(reglements, found) for file, found in releves.items()}


def list_reglements(passage: Passage, *, prestataire_id: UUID) -> list[ReglementPrestataire]:
    """List how a service was and will be paid, the last choice first."""
    rows = REGLEMENTS.rows(passage).filter(prestataire_id=prestataire_id)
    return list(rows.order_by("-depuis"))
