"""What a run takes up from one given up: the examination of the lines that did not change."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.models import LotPaiement
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.policy import PAIEMENTS
from egide.systems.apa_ash.queries.lot import changed_accounts, unseen_deaths
from egide.systems.apa_ash.queries.lot_perime import find_changed_dues

LINE = (
    "dossier_id",
    "droit_id",
    "prestataire_id",
    "facture_id",
    "titulaire",
    "iban",
    "mois_du",
    "montant_brut",
    "retenue",
    "anomalie",
)
SAID = ("ecarte", "examen", "examine_par_id")


def carry_over(
    passage: Passage, lot: LotPaiement, *, lignes: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Add to each line what was said of the very same one in a run of the month given up.

    Two runs that say differently of it say nothing: an agent looks again. So does one where hours
    were far above the plan: they may have grown since, and the line, which the plan bounds, not.
    What was set aside without an anomaly had a reason of that day: otherwise one hand would keep
    whom it wants unpaid, and nobody could bring them back.
    """
    said: dict[tuple[Any, ...], set[tuple[Any, ...]]] = {}
    for row in (
        PAIEMENTS.rows(passage)
        .filter(service_id=lot.service_id, lot__mois=lot.mois, lot__etat=EtatLot.ABANDONNE)
        .exclude(examen="")
        .exclude(anomalie="")
        .exclude(anomalie__contains=Anomalie.HEURES_AU_DELA)
        .order_by("pk")
        .values(*LINE, *SAID)
    ):
        said.setdefault(_only(row, LINE), set()).add(_only(row, SAID))
    carried = []
    for ligne in lignes:
        found = said.get(_only(ligne, LINE), set())
        examen = dict(zip(SAID, next(iter(found)), strict=True)) if len(found) == 1 else {}
        carried.append({**ligne, **examen})
    return carried


def _only(row: Mapping[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def touched_dossiers(passage: Passage, lot: LotPaiement) -> set[UUID]:
    """Give the files whose account, death or amount is no longer what the run was made from."""
    accounts = changed_accounts(passage, lot, missing=False).values_list("dossier_id", flat=True)
    deaths = unseen_deaths(passage, lot).values_list("dossier_id", flat=True)
    return {
        *accounts.order_by("dossier_id"),
        *deaths.order_by("dossier_id"),
        *(due.dossier_id for due in find_changed_dues(passage, lot)),
    }
