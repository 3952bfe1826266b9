"""The amounts of the day on which the ASH rests, all of them parts of the ASPA."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from egide.rules.apa.delais import MOIS_PAR_AN
from egide.rules.apa.montants import REFERENCE, aspa_annuelle
from egide.rules.money import round_to_cent, round_to_euro
from egide.rules.parameters import Bareme, load_parametres

HEBERGEMENT = load_parametres(Path(__file__).with_name("hebergement.yaml"))
REGLEMENT = load_parametres(Path(__file__).with_name("reglement.yaml"))
# The rule is older than the first ASPA that is written here: before it, no amount is given.
PREMIER_JOUR = REFERENCE["aspa_annuelle"].valeurs[0].depuis


def minimum_laisse(on: date) -> Decimal:
    """Give the monthly minimum left to a person lodged and fed (CASF R. 231-6)."""
    part = Bareme(on, HEBERGEMENT)["part_minimum_laisse"]
    return round_to_euro(Fraction(aspa_annuelle(on).valeur) * Fraction(part))


def plancher_logement(on: date) -> Decimal:
    """Give the monthly floor of a person who is lodged only; the règlement may raise it."""
    part = Bareme(on, REGLEMENT)["part_plancher_logement"]
    return round_to_cent(Fraction(aspa_annuelle(on).valeur) * Fraction(part) / MOIS_PAR_AN)


def is_provisional(on: date) -> bool:
    """Tell whether an ASH may only be simulated on that day, not notified."""
    return aspa_annuelle(on).provisoire or Bareme(on, HEBERGEMENT).provisional
