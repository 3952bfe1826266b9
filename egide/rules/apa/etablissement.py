"""APA in an establishment: what the resident pays of the dependence tariff (CASF R. 232-19)."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from egide.rules.apa.bornes import check_age, check_gir
from egide.rules.apa.domicile import AGE_INSUFFISANT, GIR_NON_ELIGIBLE, MONTANT_NON_VERSE
from egide.rules.apa.montants import aspa_annuelle, montant_s, smic_horaire
from egide.rules.dated import Dated
from egide.rules.exact import N, clamp, greatest, least, number
from egide.rules.money import check_montant, round_to_cent, round_to_euro
from egide.rules.parameters import Bareme, load_parametres, load_yaml

ETABLISSEMENT = load_parametres(Path(__file__).with_name("etablissement.yaml"))
_FUSION = load_yaml(Path(__file__).with_name("departements.yaml"), kind="listes")
FUSION: Mapping[str, Any] = _FUSION["departements_fusion"]
FUSION_DEPUIS = date.fromisoformat(FUSION["depuis"])
FUSION_JUSQU_AU = date.fromisoformat(FUSION["jusqu_au"])

FORFAIT_GLOBAL = "APA en établissement remplacée par le forfait global unique"
ZERO = Decimal("0.00")


class Formule(Protocol):
    """A version of the participation in an establishment, for a case or for a column."""

    def __call__(self, tarif: N, *, tarif_5_6: N, position: N, bareme: Mapping[str, N]) -> N:
        """Compute what the resident pays, from the tariffs and the place of the resources."""


participation: Dated[Formule] = Dated("participation du résident en établissement")


@participation.since(date(2002, 1, 1), source="CASF R. 232-19")
def _above_gir_5_6(tarif: N, *, tarif_5_6: N, position: N, bareme: Mapping[str, N]) -> N:
    """Pay the tariff of GIR 5-6, then a growing part of what exceeds it, never above the tariff."""
    excess = greatest(tarif - tarif_5_6, number(tarif, value=0))
    return least(tarif, tarif_5_6 + excess * position * bareme["taux_maximal"])


def locate(ressources: N, *, s: N, bareme: Mapping[str, N]) -> N:
    """Place the resources between the two thresholds, from 0 to 1."""
    bas, haut = bareme["seuil_inferieur"], bareme["seuil_superieur"]
    return clamp((ressources - bas * s) / ((haut - bas) * s))


@dataclass(frozen=True, slots=True)
class ApaEtablissement:
    """The computation of one APA in an establishment for a month."""

    on: date
    s: Decimal
    tarif: Decimal
    tarif_5_6: Decimal
    ressources_individuelles: Decimal
    participation: Decimal
    apa: Decimal
    motif: str
    provisoire: bool
    sources: tuple[str, ...]


def is_fusion(on: date, *, departement: str) -> bool:
    """Tell whether the single forfait replaces the APA in a département on a day."""
    return FUSION_DEPUIS <= on <= FUSION_JUSQU_AU and departement in FUSION["elements"]


def participation_fusion(on: date) -> Decimal:
    """Give what a resident pays for the month of a day where the forfait is single."""
    daily = Bareme(on, ETABLISSEMENT)["participation_journaliere_fusion"]
    return daily * monthrange(on.year, on.month)[1]


def seuil_versement(on: date) -> Decimal:
    """Give the amount up to which an allowance is not paid (CASF D. 232-31)."""
    return Bareme(on, ETABLISSEMENT)["seuil_versement"] * smic_horaire(on).valeur


def is_provisional(on: date) -> bool:
    """Tell whether an amount in an establishment may only be simulated on that day."""
    amounts = montant_s(on).provisoire or smic_horaire(on).provisoire
    return amounts or Bareme(on, ETABLISSEMENT).provisional


def minimum_laisse(on: date) -> Decimal:
    """Give the monthly minimum left to a resident (CASF R. 232-34), to the nearest euro."""
    part = Bareme(on, ETABLISSEMENT)["part_minimum_laisse"]
    return round_to_euro(Fraction(aspa_annuelle(on).valeur) * Fraction(part))


def forfait_etablissement(tarif_gir_1_2: Decimal, *, on: date) -> Decimal:
    """Give the lump sum of a tacit or urgent grant: a part of the tariff of GIR 1-2."""
    return round_to_cent(
        Fraction(tarif_gir_1_2) * Fraction(Bareme(on, ETABLISSEMENT)["part_forfait"])
    )


def tarif_mensuel(tarif_journalier: Decimal, *, on: date) -> Decimal:
    """Give the tariff of the month of a day (CASF R. 232-27)."""
    return tarif_journalier * monthrange(on.year, on.month)[1]


def compute_apa_etablissement(
    *,
    on: date,
    age: int,
    gir: int,
    couple: bool,
    ressources_mensuelles: Decimal,
    tarif_mensuel_gir: Decimal,
    tarif_mensuel_gir_5_6: Decimal,
    departement: str = "",
) -> ApaEtablissement:
    """Compute the APA of a resident for a month."""
    bareme = Bareme(on, ETABLISSEMENT)
    maximum = bareme["montant_maximal_saisi"]
    ressources = check_montant(ressources_mensuelles, nom="ressources_mensuelles", maximum=maximum)
    tarif = check_montant(tarif_mensuel_gir, nom="tarif_mensuel_gir", maximum=maximum)
    bas = check_montant(tarif_mensuel_gir_5_6, nom="tarif_mensuel_gir_5_6", maximum=maximum)
    diviseur = Fraction(bareme["diviseur_couple"]) if couple else Fraction(1)
    individuelles = Fraction(ressources) / diviseur
    motif = _closed(on, age=check_age(age), gir=check_gir(gir), departement=departement)
    figures = bareme.fractions()
    position = locate(individuelles, s=Fraction(montant_s(on).valeur), bareme=figures)
    version = participation.version(on)
    exact = version.apply(
        Fraction(tarif), tarif_5_6=Fraction(bas), position=position, bareme=figures
    )
    due = ZERO if motif else round_to_cent(exact)
    apa = ZERO if motif else tarif - due
    if motif == FORFAIT_GLOBAL:
        due = participation_fusion(on)
    if not motif and apa <= seuil_versement(on):
        apa, motif = ZERO, MONTANT_NON_VERSE
    return ApaEtablissement(
        on=on,
        s=montant_s(on).valeur,
        tarif=tarif,
        tarif_5_6=bas,
        ressources_individuelles=round_to_cent(individuelles),
        participation=due,
        apa=apa,
        motif=motif,
        provisoire=is_provisional(on),
        sources=tuple(dict.fromkeys([version.source, montant_s(on).source, *bareme.sources])),
    )


def _closed(on: date, *, age: int, gir: int, departement: str) -> str:
    bareme = Bareme(on, ETABLISSEMENT)
    if is_fusion(on, departement=departement):
        return FORFAIT_GLOBAL
    if age < bareme["age_minimal"]:
        return AGE_INSUFFISANT
    return GIR_NON_ELIGIBLE if gir > bareme["gir_maximal"] else ""
