"""One month of ASH: from the resources and the costs to the aid, with every step kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.montants import aspa_annuelle
from egide.rules.apa.ressources import reserve_conjoint_mensuelle
from egide.rules.ash.contribution import (
    Etapes,
    Formule,
    MoisHebergement,
    share_frais,
    somme_laissee,
    somme_laissee_logement,
)
from egide.rules.ash.feuille import FeuilleAsh
from egide.rules.ash.montants import (
    HEBERGEMENT,
    REGLEMENT,
    is_provisional,
    minimum_laisse,
    plancher_logement,
)
from egide.rules.dated import Version
from egide.rules.money import check_montant, round_to_cent
from egide.rules.parameters import Bareme

RESSOURCES_SUFFISANTES = "ressources suffisantes"
SUFFISANTES_AVEC_OBLIGES = "ressources suffisantes avec les obligés alimentaires"
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Particularites:
    """What most persons do not have, and what the règlement départemental decides about it."""

    charges_mensuelles: Decimal = ZERO
    aide_logement_mensuelle: Decimal = ZERO
    logement_seul: bool = False

    @property
    def present(self) -> bool:
        """Tell whether the règlement départemental weighs on the result."""
        return bool(self.charges_mensuelles or self.aide_logement_mensuelle or self.logement_seul)


ORDINAIRE = Particularites()


def compute_ash(
    *,
    on: date,
    ressources_mensuelles: Decimal,
    cout_mensuel_hebergement: Decimal,
    ticket_moderateur_mensuel: Decimal,
    contribution_obliges: Decimal,
    conjoint_domicile: bool = False,
    ressources_conjoint: Decimal = ZERO,
    particularites: Particularites = ORDINAIRE,
) -> FeuilleAsh:
    """Compute the ASH of a month; the resources of a spouse count when one stays at home."""
    version = _version(on, particularites=particularites)
    amounts = _checked(
        on,
        {
            "ressources_mensuelles": ressources_mensuelles,
            "ressources_conjoint": ressources_conjoint,
            "cout_mensuel_hebergement": cout_mensuel_hebergement,
            "ticket_moderateur_mensuel": ticket_moderateur_mensuel,
            "contribution_obliges": contribution_obliges,
            "charges_mensuelles": particularites.charges_mensuelles,
            "aide_logement_mensuelle": particularites.aide_logement_mensuelle,
        },
    )
    reserve = reserve_conjoint_mensuelle(on) if conjoint_domicile else ZERO
    minimum = plancher_logement(on) if particularites.logement_seul else minimum_laisse(on)
    mois = _mois(on, amounts=amounts, reserve=reserve, conjoint_domicile=conjoint_domicile)
    bareme = Bareme(on, HEBERGEMENT)
    found = share_frais(
        mois, formule=version.apply, minimum=Fraction(minimum), bareme=bareme.fractions()
    )
    sources = [version.source, aspa_annuelle(on).source, *bareme.sources]
    if particularites.present:
        sources += Bareme(on, REGLEMENT).sources
    return FeuilleAsh(
        on=on,
        ressources_mensuelles=amounts["ressources_mensuelles"],
        conjoint_domicile=conjoint_domicile,
        ressources_conjoint=amounts["ressources_conjoint"] if conjoint_domicile else ZERO,
        reserve_conjoint=reserve,
        base=round_to_cent(found.base),
        minimum_laisse=round_to_cent(minimum),
        charges_laissees=round_to_cent(mois.charges),
        laisse_a_disposition=round_to_cent(found.laisse),
        aide_logement_affectee=round_to_cent(mois.affecte),
        contribution=round_to_cent(found.contribution),
        cout_mensuel_hebergement=amounts["cout_mensuel_hebergement"],
        ticket_moderateur_mensuel=amounts["ticket_moderateur_mensuel"],
        contribution_obliges=amounts["contribution_obliges"],
        ash=round_to_cent(found.ash),
        motif=_motif(found, frais=mois.frais),
        provisoire=is_provisional(on) or _reglement_provisional(on, particularites=particularites),
        version=version.start,
        version_source=version.source,
        sources=tuple(dict.fromkeys(sources)),
    )


def _version(on: date, *, particularites: Particularites) -> Version[Formule]:
    rule = somme_laissee_logement if particularites.logement_seul else somme_laissee
    return rule.version(on)


def _checked(on: date, amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    maximum = Bareme(on, HEBERGEMENT)["montant_maximal_saisi"]
    return {
        nom: check_montant(montant, nom=nom, maximum=maximum) for nom, montant in amounts.items()
    }


def _mois(
    on: date, *, amounts: Mapping[str, Decimal], reserve: Decimal, conjoint_domicile: bool
) -> MoisHebergement[Fraction]:
    part = {nom: Fraction(value) for nom, value in amounts.items()}
    reglement = Bareme(on, REGLEMENT).fractions()
    conjoint = part["ressources_conjoint"] if conjoint_domicile else Fraction(0)
    charges = reglement["part_charges"] * part["charges_mensuelles"]
    affecte = reglement["part_aide_logement"] * part["aide_logement_mensuelle"]
    return MoisHebergement(
        ressources=part["ressources_mensuelles"] + conjoint,
        reserve=Fraction(reserve),
        frais=part["cout_mensuel_hebergement"] + part["ticket_moderateur_mensuel"],
        obliges=part["contribution_obliges"],
        charges=Fraction(round_to_cent(charges)),
        affecte=Fraction(round_to_cent(affecte)),
    )


def _motif(found: Etapes[Fraction], *, frais: Fraction) -> str:
    if found.ash:
        return ""
    alone = found.contribution >= frais
    return RESSOURCES_SUFFISANTES if alone else SUFFISANTES_AVEC_OBLIGES


def _reglement_provisional(on: date, *, particularites: Particularites) -> bool:
    return particularites.present and Bareme(on, REGLEMENT).provisional
