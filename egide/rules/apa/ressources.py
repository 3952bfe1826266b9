"""The resources of an applicant: what counts, for which year, and what is left to a spouse."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from egide.rules.apa.delais import MOIS_PAR_AN, echeance
from egide.rules.apa.montants import aspa_annuelle
from egide.rules.money import check_montant, round_to_cent
from egide.rules.parameters import Bareme, load_parametres, load_yaml

PARAMETRES = load_parametres(Path(__file__).with_name("ressources.yaml"))
CATEGORIES = load_yaml(Path(__file__).with_name("categories.yaml"), kind="listes")
COMPTEES: Mapping[str, str] = CATEGORIES["comptees"]["elements"]
EXCLUES: Mapping[str, str] = CATEGORIES["exclues"]["elements"]
EVENEMENTS: Mapping[str, str] = CATEGORIES["evenements_neutralisation"]["elements"]
# Those after which nobody shares the resources any more: R. 232-11 divides those of a couple only.
FINS_DE_COUPLE = frozenset({"deces", "divorce", "separation"})


class CategorieRefusee(ValueError):
    """Raised for a category of income, or an event, that the text does not know."""


@dataclass(frozen=True, slots=True)
class Patrimoine:
    """Property that brings no income, other than the main home of the family (CASF R. 132-1)."""

    valeur_locative_bati: Decimal = Decimal(0)
    valeur_locative_non_bati: Decimal = Decimal(0)
    capital_non_place: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ressources:
    """The resources of a year with their parts, and what they make in a month."""

    comptees: Mapping[str, Decimal]
    exclues: Mapping[str, Decimal]
    patrimoine: Decimal
    reserve_conjoint_mensuelle: Decimal
    annuelles: Decimal
    mensuelles: Decimal
    sources: tuple[str, ...]


def annee_reference(demande: date) -> int:
    """Give the year of the incomes of the last tax notice, by the month of the application."""
    switch = Bareme(demande, PARAMETRES)["mois_du_nouvel_avis"]
    before_last = demande.year - 1 - 1
    return before_last if demande.month < switch else demande.year - 1


def revenu_patrimoine(patrimoine: Patrimoine, *, on: date) -> Decimal:
    """Give the yearly income that dormant property is deemed to bring (CASF R. 132-1)."""
    bareme = Bareme(on, PARAMETRES)
    parts = (
        ("valeur_locative_bati", "part_immeuble_bati"),
        ("valeur_locative_non_bati", "part_immeuble_non_bati"),
        ("capital_non_place", "part_capital"),
    )
    total = sum(
        (
            Fraction(bareme[part]) * Fraction(_check(getattr(patrimoine, nom), nom=nom, on=on))
            for nom, part in parts
        ),
        start=Fraction(0),
    )
    return round_to_cent(total)


def reserve_conjoint_mensuelle(on: date) -> Decimal:
    """Give what stays with the spouse at home when the other is in an establishment (D. 232-35)."""
    return round_to_cent(Fraction(aspa_annuelle(on).valeur) / MOIS_PAR_AN)


def compute_ressources(
    revenus: Mapping[str, Decimal],
    *,
    on: date,
    patrimoine: Patrimoine | None = None,
    conjoint_a_domicile: bool = False,
) -> Ressources:
    """Add up the yearly incomes that count, by category, and give the monthly resources."""
    unknown = sorted(set(revenus) - set(COMPTEES) - set(EXCLUES))
    if unknown:
        raise CategorieRefusee(f"catégorie de ressources inconnue : {', '.join(unknown)}")
    amounts = {nom: _check(montant, nom=nom, on=on) for nom, montant in revenus.items()}
    comptees = {nom: montant for nom, montant in amounts.items() if nom in COMPTEES}
    dormant = revenu_patrimoine(patrimoine or Patrimoine(), on=on)
    reserve = reserve_conjoint_mensuelle(on) if conjoint_a_domicile else Decimal("0.00")
    annuelles = sum(comptees.values(), start=dormant)
    left = max(Fraction(annuelles) / MOIS_PAR_AN - Fraction(reserve), Fraction(0))
    return Ressources(
        comptees=comptees,
        exclues={nom: montant for nom, montant in amounts.items() if nom in EXCLUES},
        patrimoine=dormant,
        reserve_conjoint_mensuelle=reserve,
        annuelles=annuelles,
        mensuelles=round_to_cent(left),
        sources=tuple(dict.fromkeys(liste["source"] for liste in CATEGORIES.values())),
    )


def effet_neutralisation(evenement: str, *, on: date) -> date:
    """Give the day from which an event of life changes the resources (CASF R. 232-6)."""
    if evenement not in EVENEMENTS:
        raise CategorieRefusee(f"événement inconnu : {evenement}")
    return echeance("neutralisation", on)


def _check(montant: Decimal, *, nom: str, on: date) -> Decimal:
    return check_montant(montant, nom=nom, maximum=Bareme(on, PARAMETRES)["montant_maximal_saisi"])
