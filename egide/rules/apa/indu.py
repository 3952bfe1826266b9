"""Amounts unduly paid: what may be recovered, how much is withheld, until when."""

from datetime import date
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path

from egide.rules.apa.delais import echeance
from egide.rules.apa.montants import DOMICILE, smic_horaire
from egide.rules.money import CENTIME
from egide.rules.parameters import Bareme, load_parametres

PARAMETRES = load_parametres(Path(__file__).with_name("indu.yaml"))


def seuil_recouvrement(on: date) -> Decimal:
    """Give the total up to which an indu is not recovered (CASF D. 232-31)."""
    return Bareme(on, DOMICILE)["seuil_versement"] * smic_horaire(on).valeur


def is_recouvrable(total: Decimal, *, on: date) -> bool:
    """Tell whether an indu is above the threshold of recovery."""
    return total > seuil_recouvrement(on)


def part_retenue(on: date) -> Decimal:
    """Give the part of each payment that may be withheld (CASF D. 232-31)."""
    return Bareme(on, PARAMETRES)["retenue_maximale"]


def retenue_mensuelle(versement: Decimal, *, reste_du: Decimal, on: date) -> Decimal:
    """Give what may be withheld of a payment: a limit, so it is rounded down."""
    maximum = part_retenue(on) * versement
    return min(reste_du, maximum.quantize(CENTIME, rounding=ROUND_FLOOR))


def prescription(depuis: date, *, fraude: bool = False) -> date:
    """Give the day from which recovery is barred: since payment, or the discovery of a fraud."""
    return echeance("prescription_fraude" if fraude else "prescription_indu", depuis)
