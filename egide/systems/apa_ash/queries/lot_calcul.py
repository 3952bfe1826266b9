"""Compute the lines of a run: to prepare it, then again before it is validated."""

from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.calculs.echeancier import Ligne, compose_lines
from egide.systems.apa_ash.calculs.echeancier_factures import compose_factures
from egide.systems.apa_ash.models import LotPaiement
from egide.systems.apa_ash.policy import DOSSIERS, PAIEMENTS
from egide.systems.apa_ash.queries.echeancier import read_situations
from egide.systems.apa_ash.queries.factures import read_factures_dues

KEY = ("dossier_id", "prestataire_id", "mois_du", "facture_id")


def compose_lot(
    passage: Passage, *, service_id: UUID, mois: date, sauf: UUID | None = None
) -> list[Ligne]:
    """Give every line that a month is due in a service; with `sauf`, as if that run were not there.

    A constant number of statements, whatever the number of files.
    """
    situations = read_situations(passage, service_id=service_id, mois=mois, sauf=sauf)
    lignes = [ligne for s in situations for ligne in compose_lines(s, mois=mois)]
    factures = read_factures_dues(passage, service_id=service_id, sauf=sauf)
    for s in situations:
        lignes += compose_factures(s, factures=factures.get(s.dossier_id, ()), mois=mois)
    return lignes


def find_untold(passage: Passage, lot: LotPaiement) -> list[str]:
    """List the files of which a kept line lacks an anomaly that it has, or is due to nobody.

    A line that says more than is amiss by now was looked at for that: it is not asked again.
    """
    told = {
        tuple(row[name] for name in KEY): frozenset(row["anomalie"].split())
        for row in PAIEMENTS.rows(passage)
        .filter(lot=lot, ecarte=False)
        .order_by("pk")
        .values(*KEY, "anomalie")
    }
    found = {
        tuple(getattr(ligne, name) for name in KEY): frozenset(ligne.anomalie.split())
        for ligne in compose_lot(passage, service_id=lot.service_id, mois=lot.mois, sauf=lot.pk)
    }
    untold = {key[0] for key, said in told.items() if key not in found or found[key] - said}
    if not untold:
        return []
    rows = DOSSIERS.rows(passage).filter(pk__in=untold).order_by("numero")
    return [numero for _, numero in rows.values_list("pk", "numero")]
