"""A campaign as the screens show it: its totals, its differences, its largest changes."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, DecimalField, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Abs, Floor

from egide.kernel.access.passage import Passage
from egide.kernel.access.rows import Traced
from egide.systems.apa_ash.calculs.revalorisation import DroitActuel
from egide.systems.apa_ash.models import Campagne, Droit, LigneCampagne
from egide.systems.apa_ash.models.campagne import EtatCampagne
from egide.systems.apa_ash.policy import (
    CAMPAGNES,
    DOSSIERS,
    DROITS,
    IDENTITES,
    LIGNES_CAMPAGNE,
)

PAGE = 50
MOST_BARS = 24
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
ECART = F("apa_apres") - F("apa_avant")
NON_VERSEE = Q(apa_apres=0)
PLAFONNE = Q(droit__plan_mensuel__gt=F("plan_apres"))
FILTRES = {
    "hausses": Q(apa_apres__gt=F("apa_avant")),
    "baisses": Q(apa_apres__lt=F("apa_avant")),
    "plafonnes": PLAFONNE,
    "non-versees": NON_VERSEE,
    "a-traiter": Q(applique=False),
}
PERSONNE: dict[str, Any] = {
    "dossier": DOSSIERS,
    "dossier__identite": IDENTITES,
    "droit": DROITS,
}
EURO = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True, slots=True)
class Bilan:
    """What a campaign changes, in totals."""

    nombre: int
    avant: Decimal
    apres: Decimal
    hausses: int
    baisses: int
    plafonnes: int
    non_versees: int
    devenues_non_versees: int
    moindre: Decimal
    plus_grand: Decimal

    @property
    def inchanges(self) -> int:
        """Count the rights whose amount stays the same."""
        return self.nombre - self.hausses - self.baisses


@dataclass(frozen=True, slots=True)
class Tranche:
    """The rights whose difference lies in [debut, fin[, in euros."""

    debut: int
    fin: int
    nombre: int


@dataclass(frozen=True, slots=True)
class ParGir:
    """The rights of one GIR, before and after."""

    gir: int
    nombre: int
    avant: Decimal
    apres: Decimal


@dataclass(frozen=True, slots=True)
class HorsCampagne:
    """The rights in force on the day that a campaign leaves as they are."""

    forfaits: int
    deces: int


def straddling(passage: Passage, *, service_id: UUID, effet_on: date) -> QuerySet[Droit]:
    """Select the rights that began before a day and still run on it."""
    return DROITS.rows(passage).filter(
        service_id=service_id, periode__contains=effet_on, periode__startswith__lt=effet_on
    )


def read_droits(passage: Passage, *, service_id: UUID, effet_on: date) -> list[DroitActuel]:
    """Read in one statement the rights to revalue on a day, and note each file for the trail.

    A provisional lump sum is no computed right; a death on or before that day ends the right.
    """
    rows = (
        straddling(passage, service_id=service_id, effet_on=effet_on)
        .filter(forfait=False)
        .exclude(dossier__identite__deces_on__lte=effet_on)
        .order_by("pk")
        .values_list(
            *DroitActuel._fields[2:7], "dossier__identite__naissance_on", "id", "dossier_id"
        )
    )
    droits = [DroitActuel(row[-2], row[-1], *row[:-2]) for row in rows]
    passage.note(
        (droit.dossier_id for droit in droits),
        (
            *(f"Droit.{name}" for name in DroitActuel._fields[2:7]),
            "Identite.naissance_on",
            "Identite.deces_on",
        ),
    )
    return droits


def count_apart(passage: Passage, *, campagne: Campagne) -> HorsCampagne:
    """Count what the campaign leaves apart, in one statement."""
    found = straddling(
        passage, service_id=campagne.service_id, effet_on=campagne.effet_on
    ).aggregate(
        forfaits=Count("pk", filter=Q(forfait=True)),
        deces=Count(
            "pk", filter=Q(forfait=False, dossier__identite__deces_on__lte=campagne.effet_on)
        ),
    )
    return HorsCampagne(**found)


def list_campagnes(passage: Passage) -> list[Campagne]:
    """List the campaigns of one's services, the most recent first."""
    return list(CAMPAGNES.rows(passage).order_by("-effet_on", "-lancee_on", "pk")[:PAGE])


def open_campagne(passage: Passage, *, pk: UUID) -> Campagne:
    """Give one campaign; refused as absent otherwise."""
    return CAMPAGNES.get(passage, pk=pk)


def lignes(passage: Passage, *, campagne: Campagne) -> Traced[LigneCampagne]:
    """Select the lines of a campaign."""
    return LIGNES_CAMPAGNE.rows(passage).filter(
        campagne_id=campagne.pk, service_id=campagne.service_id
    )


def read_bilan(passage: Passage, *, campagne: Campagne) -> Bilan:
    """Total a campaign in one statement."""
    rows = lignes(passage, campagne=campagne)
    passage.note((), rows.noted_fields)
    found = rows.aggregate(
        nombre=Count("pk"),
        avant=Sum("apa_avant", default=Decimal(0)),
        apres=Sum("apa_apres", default=Decimal(0)),
        hausses=Count("pk", filter=FILTRES["hausses"]),
        baisses=Count("pk", filter=FILTRES["baisses"]),
        plafonnes=Count("pk", filter=PLAFONNE),
        non_versees=Count("pk", filter=NON_VERSEE),
        devenues_non_versees=Count("pk", filter=NON_VERSEE & Q(apa_avant__gt=0)),
        moindre=Min(ECART, default=Decimal(0), output_field=EURO),
        plus_grand=Max(ECART, default=Decimal(0), output_field=EURO),
    )
    return Bilan(**found)


def read_tranches(passage: Passage, *, campagne: Campagne, bilan: Bilan) -> list[Tranche]:
    """Count the differences by slices of a round width, the empty ones included."""
    if not bilan.nombre:
        return []
    width = slice_width(bilan.plus_grand - bilan.moindre)
    counted = (
        lignes(passage, campagne=campagne)
        .annotate(rang=Floor(ECART / width, output_field=EURO))
        .values("rang")
        .annotate(nombre=Count("pk"))
        .order_by("rang")
    )
    by_rang = {int(row["rang"]): row["nombre"] for row in counted}
    return [
        Tranche(rang * width, (rang + 1) * width, by_rang.get(rang, 0))
        for rang in range(min(by_rang), max(by_rang) + 1)
    ]


def slice_width(extent: Decimal) -> int:
    """Choose the least round width that gives a readable number of slices."""
    return next((step for step in STEPS if extent <= step * (MOST_BARS - 1)), STEPS[-1])


def read_by_gir(passage: Passage, *, campagne: Campagne) -> list[ParGir]:
    """Compare before and after by GIR, in one statement."""
    rows = (
        lignes(passage, campagne=campagne)
        .values("droit__gir")
        .annotate(nombre=Count("pk"), avant=Sum("apa_avant"), apres=Sum("apa_apres"))
        .order_by("droit__gir")
    )
    return [ParGir(r["droit__gir"], r["nombre"], r["avant"], r["apres"]) for r in rows]


def list_changes(
    passage: Passage, *, campagne: Campagne, filtre: str = "", page: int = 1, size: int = PAGE
) -> tuple[list[LigneCampagne], bool]:
    """List lines with their persons, the largest changes first; tell whether others follow."""
    rows = (
        LIGNES_CAMPAGNE.rows(passage, **PERSONNE)
        .filter(FILTRES.get(filtre, Q()), campagne_id=campagne.pk, service_id=campagne.service_id)
        .order_by(Abs(ECART).desc(), "pk")
    )
    start = (page - 1) * size
    found = list(rows[start : start + size + 1])
    return found[:size], len(found) > size


def open_ligne(passage: Passage, *, pk: UUID) -> LigneCampagne:
    """Give one line with its right, its person and its campaign; refused as absent otherwise."""
    return LIGNES_CAMPAGNE.get(
        passage,
        pk=pk,
        dossier=DOSSIERS,
        dossier__identite=IDENTITES,
        droit=DROITS,
        campagne=CAMPAGNES,
    )


def find_active(passage: Passage, *, service_id: UUID, effet_on: date) -> Campagne | None:
    """Give the campaign of a service and a day that was not abandoned, hypotheses left aside."""
    rows = CAMPAGNES.rows(passage).filter(
        service_id=service_id, effet_on=effet_on, hypothese_s__isnull=True
    )
    return rows.exclude(etat=EtatCampagne.ABANDONNEE).order_by("pk").first()
