"""The feuille de calcul of an APA at home: the steps of the law, to show, to print and to keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from egide.rules.apa.bornes import DECIMALES_DU_TAUX
from egide.rules.apa.participation import Etapes, participation, weigh
from egide.rules.feuille import Feuille
from egide.rules.money import (
    ARRONDI,
    DECIMALES_LISIBLES,
    format_euros,
    format_euros_exact,
    format_exact,
    format_taux,
    round_half_up,
    round_to_cent,
)

CHIFFRES = (
    *("diviseur_couple", "seuil_inferieur", "seuil_superieur", "taux_maximal"),
    *("premiere_tranche", "deuxieme_tranche", "part_fixe_tranche_2", "part_fixe_tranche_3"),
)
"""The figures of the law that the rows tell, besides the ceiling of the GIR."""


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
    chiffres: Mapping[str, Decimal]
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
        """Give the rows of the feuille in French, for the screen and the letter.

        Whoever follows the figures that they tell finds the amount to the cent.
        """
        if not self.plafond:
            return (*self._droits(), self._allocation())
        etapes = self._etapes()
        x = self._told_x(etapes)
        return (
            *self._droits(),
            *self._base(),
            *self._place(etapes, x=x),
            *self._slices(etapes),
            *self._result(etapes, x=x),
            self._allocation(),
        )

    def _exact(self) -> dict[str, Fraction]:
        return {nom: Fraction(chiffre) for nom, chiffre in self.chiffres.items()}

    def _etapes(self) -> Etapes[Fraction]:
        """Give the steps before any rounding, by the version and the figures that were kept."""
        exact = self._exact()
        diviseur = exact["diviseur_couple"] if self.couple else Fraction(1)
        return participation.version(self.version).apply(
            Fraction(self.plan_retenu),
            ressources=Fraction(self.ressources_mensuelles) / diviseur,
            s=Fraction(self.s),
            bareme=exact,
        )

    def _told_x(self, etapes: Etapes[Fraction]) -> Decimal:
        """Round x to as many decimals as the cent of the participation needs."""
        told = (
            round_half_up(etapes.position, places=places)
            for places in range(DECIMALES_DU_TAUX, DECIMALES_LISIBLES)
        )
        return next((x for x in told if self._gives_the_cent(etapes, x=x)), self.x)

    def _gives_the_cent(self, etapes: Etapes[Fraction], *, x: Decimal) -> bool:
        found = weigh(
            Fraction(self.plan_retenu),
            x=Fraction(x),
            tranches=etapes.tranches,
            bareme=self._exact(),
        )
        return round_to_cent(found) == self.participation

    def _part(self, nom: str) -> str:
        return format_exact(self.chiffres[nom])

    def _of_s(self, nom: str) -> str:
        """Write a part of S before any rounding."""
        return format_euros_exact(self.chiffres[nom] * self.s)

    def _droits(self) -> tuple[Ligne, ...]:
        return (
            Ligne("Âge", "à la date d’effet", f"{self.age}\u00a0ans", "CASF R. 232-1"),
            Ligne("Groupe iso-ressources", "grille AGGIR", f"GIR\u00a0{self.gir}", "CASF R. 232-4"),
        )

    def _base(self) -> tuple[Ligne, ...]:
        ressources = format_euros(self.ressources_mensuelles)
        couple = f"ressources du couple\u00a0: {ressources} ÷ {self._part('diviseur_couple')}"
        return (
            Ligne(
                "Montant de référence S",
                "majoration pour aide constante d’une tierce personne",
                format_euros(self.s),
                "CASF L. 232-3-1",
            ),
            Ligne(
                f"Plafond du plan d’aide, GIR\u00a0{self.gir}",
                f"{self._part(f'plafond_gir_{self.gir}')} × {format_euros(self.s)}",
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
                couple if self.couple else "ressources de la personne",
                format_euros(self.ressources_individuelles),
                "CASF R. 232-11",
            ),
        )

    def _place(self, etapes: Etapes[Fraction], *, x: Decimal) -> tuple[Ligne, ...]:
        """Tell both thresholds, and where the resources stand between them."""
        seuils = (
            ("Seuil jusqu’auquel rien n’est à payer", "seuil_inferieur"),
            ("Seuil à partir duquel la part est la plus forte", "seuil_superieur"),
        )
        return (
            *(
                Ligne(
                    libelle,
                    f"{self._part(nom)} × {format_euros(self.s)}",
                    self._of_s(nom),
                    self.version_source,
                )
                for libelle, nom in seuils
            ),
            Ligne(
                "Place des ressources entre les seuils (x)",
                self._position(etapes.position),
                format_exact(x),
                self.version_source,
            ),
        )

    def _position(self, position: Fraction) -> str:
        if not position:
            return "R ne dépasse pas le premier seuil"
        if position == 1:
            return "R atteint le second seuil"
        bas, haut = self._of_s("seuil_inferieur"), self._of_s("seuil_superieur")
        ressources = format_euros(self.ressources_mensuelles)
        if self.couple:
            ressources += f" ÷ {self._part('diviseur_couple')}"
        return f"({ressources} − {bas}) ÷ ({haut} − {bas})"

    def _slices(self, etapes: Etapes[Fraction]) -> tuple[Ligne, ...]:
        if not etapes.tranches:
            return ()
        limits = [
            f"{self._part(nom)} × {format_euros(self.s)}, soit {self._of_s(nom)}"
            for nom in ("premiere_tranche", "deuxieme_tranche")
        ]
        formules = (
            f"part de A jusqu’à {limits[0]}",
            f"part de A au-delà, jusqu’à {limits[1]}",
            "part de A au-delà de cette limite",
        )
        told = enumerate(zip(formules, etapes.tranches, strict=True), start=1)
        return tuple(
            Ligne(
                f"Tranche\u00a0{n} du plan (A{n})",
                formule,
                format_euros_exact(montant),
                self.version_source,
            )
            for n, (formule, montant) in told
        )

    def _result(self, etapes: Etapes[Fraction], *, x: Decimal) -> tuple[Ligne, ...]:
        formule = f"{self._formule(etapes)}, soit {self._figures(etapes, x=x)}, arrondi {ARRONDI}"
        return (
            Ligne(
                "Participation de la personne (P)",
                formule if x else f"{self._formule(etapes)}\u00a0: rien, car x est nul",
                format_euros(self.participation),
                "CASF R. 232-11",
            ),
            Ligne(
                "Taux de participation (T)",
                "P avant arrondi ÷ A",
                format_taux(self.taux_participation),
                self.version_source,
            ),
        )

    def _formule(self, etapes: Etapes[Fraction]) -> str:
        """Write the formula of the text with its letters."""
        taux = self._part("taux_maximal")
        if not etapes.tranches:
            return f"{taux} × x × A"
        others = (
            f"A{n + 1} × {self._weight(n + 1, x='x')}" for n in range(1, len(etapes.tranches))
        )
        return f"{taux} × x × [{' + '.join(['A1', *others])}]"

    def _figures(self, etapes: Etapes[Fraction], *, x: Decimal) -> str:
        """Write the same formula with its figures; a slice of nothing is left out."""
        told = format_exact(x)
        before = f"{self._part('taux_maximal')} × {told} × "
        if not etapes.tranches:
            return before + format_euros(self.plan_retenu)
        first, *others = etapes.tranches
        weighed = [
            f"{format_euros_exact(montant)} × {self._weight(n + 1, x=told)}"
            for n, montant in enumerate(others, start=1)
            if montant
        ]
        written = " + ".join([format_euros_exact(first), *weighed])
        return before + (f"[{written}]" if weighed else written)

    def _weight(self, tranche: int, *, x: str) -> str:
        fixe = self.chiffres[f"part_fixe_tranche_{tranche}"]
        return f"({format_exact(fixe)} + {format_exact(1 - fixe)} × {x})"

    def _allocation(self) -> Ligne:
        formule = self.motif or "A − P"
        return Ligne("Allocation mensuelle", formule, format_euros(self.apa), "CASF L. 232-4")
