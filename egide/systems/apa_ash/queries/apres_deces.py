"""What was paid for the time after a death, payee by payee (CASF R. 232-32, L. 232-25)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Max, QuerySet, Sum
from django.db.models.functions import TruncMonth

from egide.kernel.access.passage import Passage
from egide.rules.apa import versement
from egide.rules.apa.dus import Dus
from egide.rules.apa.indu import prescription
from egide.rules.apa.repartition import split_apres_deces
from egide.systems.apa_ash.calculs.parts_du_mois import Beneficiaire
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.policy import (
    DOSSIERS,
    DROITS,
    IDENTITES,
    INDUS,
    INTERRUPTIONS,
    PAIEMENTS,
    PRESTATAIRES,
)

ZERO = Decimal(0)
Key = tuple[UUID, date]


@dataclass(frozen=True, slots=True)
class ApresDeces:
    """What one payee received for a month, and what of it follows the death."""

    dossier: Dossier
    prestataire_id: Beneficiaire
    payee: str
    mois: date
    verse: Decimal
    du: Decimal
    verse_on: date
    constate: Decimal
    reste: Decimal


def find_after_death(passage: Passage, *, dossier_id: UUID | None = None) -> list[ApresDeces]:
    """Give all that is left to claim, the oldest payment first, in six statements.

    Only the month of the death may be due in part; it is shared between payees as it was paid. A
    payment whose recovery is barred by time is left out (CASF L. 232-25). A payment claimed whole
    is given beside others of its file that are not, to say why the sum is smaller.
    """
    paid = _paid(passage, dossier_id)
    files = {dossier for dossier, _ in paid}
    dossiers = {
        row.pk: row for row in DOSSIERS.rows(passage, identite=IDENTITES).filter(pk__in=files)
    }
    due = _Due(passage, files, deaths={pk: d.identite.deces_on for pk, d in dossiers.items()})
    recorded = _recorded(passage, files)
    names = {row["id"]: row["nom"] for row in PRESTATAIRES.rows(passage).values("id", "nom")}
    found = []
    for (pk, mois), rows in paid.items():
        shares = split_apres_deces(
            {row["prestataire_id"]: row["total"] for row in rows},
            du=due.of(pk, mois),
            constates=recorded[pk, mois],
        )
        for row in rows:
            who = row["prestataire_id"]
            if passage.on < prescription(row["dernier"]):
                found.append(
                    ApresDeces(
                        dossier=dossiers[pk],
                        prestataire_id=who,
                        payee=names[who] if who else "La succession",
                        mois=mois,
                        verse=row["total"],
                        du=shares[who].du,
                        verse_on=row["dernier"],
                        constate=shares[who].constate,
                        reste=shares[who].reste,
                    )
                )
    waiting = {line.dossier.pk for line in found if line.reste}
    shown = [x for x in found if x.dossier.pk in waiting and (x.reste or x.constate)]
    return sorted(shown, key=lambda line: (line.verse_on, line.dossier.numero, line.mois))


def _paid(passage: Passage, dossier_id: UUID | None) -> dict[Key, list[dict[str, Any]]]:
    rows = PAIEMENTS.rows(passage).filter(
        verse_on__isnull=False,
        montant_brut__gt=0,
        facture__isnull=True,
        mois_du__gte=TruncMonth("dossier__identite__deces_on"),
    )
    if dossier_id:
        rows = rows.filter(dossier_id=dossier_id)
    found: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in (
        rows.values("dossier_id", "mois_du", "prestataire_id")
        .annotate(total=Sum("montant_brut"), dernier=Max("verse_on"))
        .order_by("mois_du", F("prestataire_id").asc(nulls_first=True))
    ):
        found[row["dossier_id"], row["mois_du"]].append({**row})
    return found


class _Due:
    """What the rights of the dead gave up to their last day."""

    def __init__(
        self, passage: Passage, files: set[UUID], *, deaths: dict[UUID, date | None]
    ) -> None:
        """Read rights and stays of these files, in two statements."""
        self._deaths = deaths
        self._rights = _by_file(
            DROITS.rows(passage).filter(dossier_id__in=files, periode__isempty=False),
            "periode",
            "apa",
        )
        self._stops = _by_file(
            INTERRUPTIONS.rows(passage).filter(dossier_id__in=files), "periode", "nature"
        )

    def of(self, dossier_id: UUID, mois: date) -> Decimal:
        """Give what a month was due."""
        dus = Dus(
            [
                versement.DroitMensuel(_periode(row["periode"]), row["apa"])
                for row in self._rights[dossier_id]
            ],
            [
                versement.Interruption(versement.Nature(row["nature"]), _periode(row["periode"]))
                for row in self._stops[dossier_id]
            ],
            self._deaths[dossier_id],
        )
        return dus.of_month(mois).montant


def _by_file(rows: QuerySet[Any], *columns: str) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.values("dossier_id", *columns).order_by("periode"):
        found[row["dossier_id"]].append(row)
    return found


def _periode(days: Any) -> versement.Periode:  # noqa: ANN401 -- a range of days from the driver
    return versement.Periode(days.lower, days.upper)


def _recorded(passage: Passage, files: set[UUID]) -> dict[Key, dict[Beneficiaire, Decimal]]:
    rows = INDUS.rows(passage).filter(dossier_id__in=files).exclude(etat=EtatIndu.RETIRE)
    found: dict[Key, dict[Beneficiaire, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows.values("dossier_id", "mois", "prestataire_id", "montant", "retire").order_by(
        "mois"
    ):
        found[row["dossier_id"], row["mois"]][row["prestataire_id"]] += (
            row["montant"] - row["retire"]
        )
    return found
