"""The feuille de calcul of one month of ASH: the steps, to show, to print and to keep."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from egide.rules.apa.feuille import Ligne
from egide.rules.feuille import Feuille
from egide.rules.money import format_euros


@dataclass(frozen=True, slots=True)
class FeuilleAsh(Feuille):
    """The computation of one month of ASH; its fields are the steps, in the order of the text."""

    on: date
    ressources_mensuelles: Decimal
    conjoint_domicile: bool
    ressources_conjoint: Decimal
    reserve_conjoint: Decimal
    base: Decimal
    minimum_laisse: Decimal
    charges_laissees: Decimal
    laisse_a_disposition: Decimal
    aide_logement_affectee: Decimal
    contribution: Decimal
    cout_mensuel_hebergement: Decimal
    ticket_moderateur_mensuel: Decimal
    contribution_obliges: Decimal
    ash: Decimal
    motif: str
    provisoire: bool
    version: date
    version_source: str
    sources: tuple[str, ...]

    @property
    def accorde(self) -> bool:
        """Tell whether an aid is due."""
        return not self.motif

    @property
    def frais(self) -> Decimal:
        """Give what a month costs the person: the stay and what is left to her of dependence."""
        return self.cout_mensuel_hebergement + self.ticket_moderateur_mensuel

    @property
    def manque_au_minimum(self) -> Decimal:
        """Give what lacks for the minimum; the text does not say who pays it, so nobody is told to.

        A règlement départemental may; its decision is another one than this ASH.
        """
        return max(self.laisse_a_disposition - self.base, Decimal("0.00"))

    def lines(self) -> tuple[Ligne, ...]:
        """Give the rows of the feuille in French, for the screen and the letter."""
        return (*self._ressources(), *self._laisse(), *self._result())

    def _ressources(self) -> tuple[Ligne, ...]:
        own = Ligne(
            "Ressources mensuelles de la personne",
            "prestations familiales, retraite du combattant et pensions honorifiques exclues",
            format_euros(self.ressources_mensuelles),
            "CASF L. 132-1, L. 132-2 et R. 132-1",
        )
        if not self.conjoint_domicile:
            return (own,)
        return (
            own,
            Ligne(
                "Ressources mensuelles du conjoint",
                "conjoint, concubin ou partenaire resté à domicile",
                format_euros(self.ressources_conjoint),
                "CASF L. 232-10",
            ),
            Ligne(
                "Réservé par priorité au conjoint à domicile",
                "montant mensuel de l’ASPA",
                format_euros(self.reserve_conjoint),
                "CASF L. 232-10 et D. 232-35",
            ),
            Ligne(
                "Ressources prises en compte",
                "ressources du couple − somme réservée",
                format_euros(self.base),
                "CASF L. 232-10",
            ),
        )

    def _laisse(self) -> tuple[Ligne, ...]:
        charges = Ligne(
            "Charges laissées à la personne",
            "selon le règlement départemental",
            format_euros(self.charges_laissees),
            "Règlement départemental d’aide sociale",
        )
        left = Ligne(
            "Laissé à la disposition de la personne",
            f"part des ressources, au moins {format_euros(self.minimum_laisse)}",
            format_euros(self.laisse_a_disposition),
            self.version_source,
        )
        return (charges, left) if self.charges_laissees else (left,)

    def _result(self) -> tuple[Ligne, ...]:
        logement = Ligne(
            "Aide au logement affectée aux frais",
            "selon le règlement départemental",
            format_euros(self.aide_logement_affectee),
            "Règlement départemental d’aide sociale",
        )
        rows = (
            Ligne(
                "Contribution de la personne",
                "ressources − somme laissée, jamais négative",
                format_euros(self.contribution),
                "CASF L. 132-3",
            ),
            Ligne(
                "Frais du mois",
                f"hébergement ({format_euros(self.cout_mensuel_hebergement)})"
                f" + ticket modérateur ({format_euros(self.ticket_moderateur_mensuel)})",
                format_euros(self.frais),
                "CASF L. 232-11 et R. 231-6",
            ),
            Ligne(
                "Contribution des obligés alimentaires",
                "somme globale",
                format_euros(self.contribution_obliges),
                "CASF L. 132-6",
            ),
            Ligne(
                "Aide sociale à l’hébergement",
                self.motif or "frais − contributions, jamais négative",
                format_euros(self.ash),
                "CASF L. 132-1 et L. 132-6",
            ),
        )
        return (logement, *rows) if self.aide_logement_affectee else rows
