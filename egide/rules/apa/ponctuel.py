"""What is paid upon invoices beside the monthly plan: the carer's répit and one-off aids."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from egide.rules.apa.bornes import DECIMALES_DU_TAUX
from egide.rules.apa.delais import MOIS_PAR_AN, add_months
from egide.rules.apa.effectivite import Majoration, taux_majore
from egide.rules.apa.montants import (
    majoration_hospitalisation_aidant,
    majoration_repit_annuelle,
    plafond_le_plus_haut,
    plafond_mensuel,
)
from egide.rules.apa.versement import Periode
from egide.rules.money import round_half_up, round_to_cent
from egide.rules.parameters import Bareme, load_parametres

PONCTUEL = load_parametres(Path(__file__).with_name("ponctuel.yaml"))

ZERO = Decimal("0.00")


def annee(on: date) -> Periode:
    """Give the calendar year over which a répit or grouped instalments are counted.

    Both texts say « une année » (CASF D. 232-9-1, D. 232-33); their amounts follow S, which is that
    of 1 January.
    """
    debut = on.replace(month=1, day=1)
    return Periode(debut, add_months(debut, months=MOIS_PAR_AN))


def plafond_ponctuel(on: date, *, gir: int, plan_mensuel: Decimal) -> Decimal:
    """Give what one-off aids may come to in a year: the instalments that may be grouped.

    An instalment is what the monthly plan leaves free under its ceiling (R. 232-10, D. 232-33).
    """
    libre = max(plafond_mensuel(on, gir=gir) - plan_mensuel, ZERO)
    return round_to_cent(Fraction(libre) * Fraction(Bareme(on, PONCTUEL)["mensualites_groupees"]))


def facture_la_plus_haute(on: date) -> Decimal:
    """Give what no invoice of a day passes: grouped instalments, répit, or relay of the carer."""
    mensualites = Fraction(Bareme(on, PONCTUEL)["mensualites_groupees"])
    return max(
        round_to_cent(Fraction(plafond_le_plus_haut(on)) * mensualites),
        majoration_repit_annuelle(on),
        majoration_hospitalisation_aidant(on),
    )


def taux_de_la_facture(taux: Decimal, *, majore: bool, on: date) -> Decimal:
    """Give the rate of an invoice: the rate of the plan, raised if need be (CASF R. 232-14)."""
    if not majore:
        return taux
    return round_half_up(taux_majore(taux, on=on), places=DECIMALES_DU_TAUX)


def partager_facture(montant: Decimal, *, reste: Decimal, taux: Decimal) -> Majoration:
    """Share an invoice between the person and the département, within what is left to use.

    The person takes part in it at the rate of the plan (CASF D. 232-9-1, R. 232-11); what passes
    the ceiling stays with the person. Rounded once, half up.
    """
    retenu = min(montant, max(reste, ZERO))
    apa = round_to_cent(Fraction(retenu) * (1 - Fraction(taux)))
    return Majoration(retenu, retenu - apa, apa)
