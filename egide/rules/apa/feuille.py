"""The feuille de calcul of an APA at home: the steps of the law, to show, to print and to keep."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from egide.rules.feuille import Feuille
from egide.rules.money import ARRONDI, format_euros, format_nombre, format_taux


class Ligne(NamedTuple):
    """A row of the feuille: what it is, how it was computed, its value, its text."""

    libelle: str
    formule: str
    valeur: str
    source: str


@dataclass(frozen=True, slots=True)
class FeuilleDeCalcul(Feuille):
    """The computation of one APA at home; its fields are the steps, in the order of the text."""

    on: date
    age: int
    gir: int
    couple: bool
    ressources_mensuelles: Decimal
    plan_mensuel: Decimal
    version: date
    version_source: str
    s: Decimal
    plafond: Decimal
    plan_retenu: Decimal
    ressources_individuelles: Decimal
    x: Decimal
    a1: Decimal | None
    a2: Decimal | None
    a3: Decimal | None
    taux_exact: Fraction
    taux_participation: Decimal
    participation: Decimal
    seuil_versement: Decimal
    apa: Decimal
    motif: str
    provisoire: bool
    sources: tuple[str, ...]

    @property
    def accorde(self) -> bool:
        """Tell whether an allowance is due."""
        return not self.motif

    def lines(self) -> tuple[Ligne, ...]:
        """Give the rows of the feuille in French, for the screen and the letter."""
        if not self.plafond:
            return (*self._droits(), self._allocation())
        return (*self._droits(), *self._base(), *self._slices(), *self._result())

    def _droits(self) -> tuple[Ligne, ...]:
        return (
            Ligne("Âge", "à la date d’effet", f"{self.age}\u00a0ans", "CASF R. 232-1"),
            Ligne("Groupe iso-ressources", "grille AGGIR", f"GIR\u00a0{self.gir}", "CASF R. 232-4"),
        )

    def _base(self) -> tuple[Ligne, ...]:
        diviseur = "ressources du couple, divisées" if self.couple else "ressources de la personne"
        return (
            Ligne(
                "Montant de référence S",
                "majoration pour aide constante d’une tierce personne",
                format_euros(self.s),
                "CASF L. 232-3-1",
            ),
            Ligne(
                "Plafond du plan d’aide",
                f"part de S fixée pour le GIR\u00a0{self.gir}",
                format_euros(self.plafond),
                "CASF R. 232-10",
            ),
            Ligne(
                "Plan d’aide retenu (A)",
                f"le plus petit de {format_euros(self.plan_mensuel)} et du plafond",
                format_euros(self.plan_retenu),
                "CASF L. 232-3",
            ),
            Ligne(
                "Ressources prises en compte (R)",
                f"{diviseur} ({format_euros(self.ressources_mensuelles)})",
                format_euros(self.ressources_individuelles),
                "CASF R. 232-11",
            ),
            Ligne(
                "Place des ressources entre les seuils (x)",
                "(R − seuil inférieur) ÷ (seuil supérieur − seuil inférieur), de 0 à 1",
                format_nombre(self.x),
                self.version_source,
            ),
        )

    def _slices(self) -> tuple[Ligne, ...]:
        slices = (
            ("Première tranche du plan (A1)", self.a1),
            ("Deuxième tranche du plan (A2)", self.a2),
            ("Troisième tranche du plan (A3)", self.a3),
        )
        return tuple(
            Ligne(libelle, "part de A", format_euros(montant), self.version_source)
            for libelle, montant in slices
            if montant is not None
        )

    def _result(self) -> tuple[Ligne, ...]:
        return (
            Ligne(
                "Taux de participation (T)",
                "participation ÷ A",
                format_taux(self.taux_participation),
                self.version_source,
            ),
            Ligne(
                "Participation de la personne",
                f"A × T, arrondi {ARRONDI}",
                format_euros(self.participation),
                "CASF R. 232-11",
            ),
            self._allocation(),
        )

    def _allocation(self) -> Ligne:
        formule = self.motif or "A − participation"
        return Ligne("Allocation mensuelle", formule, format_euros(self.apa), "CASF L. 232-4")
