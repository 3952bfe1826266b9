"""Exact amounts: euros as Decimal with two places, rounded once in a named mode."""

from decimal import Decimal
from fractions import Fraction

CENTIME = Decimal("0.01")
CENTIMES_PAR_EURO = 100
DECIMALES_LISIBLES = 20  # nobody follows more of them, and no figure of a text has as many
ARRONDI = "au centime le plus proche, le demi-centime vers le haut"


class MontantRefuse(ValueError):
    """Raised for an amount that is negative, has parts of a cent, or is beyond the bounds."""


def round_half_up(value: Fraction | Decimal, *, places: int) -> Decimal:
    """Round half up (away from zero) to a number of decimal places, exactly."""
    exact = Fraction(value)
    scaled = abs(exact) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-whole if exact < 0 else whole).scaleb(-places)


def round_to_cent(value: Fraction | Decimal) -> Decimal:
    """Round to the cent, half a cent going up."""
    return round_half_up(value, places=2)


def round_to_euro(value: Fraction | Decimal) -> Decimal:
    """Round to the euro, half a euro going up."""
    return round_half_up(value, places=0)


def check_montant(value: Decimal, *, nom: str, maximum: Decimal) -> Decimal:
    """Refuse an amount that is not an exact number of cents between zero and the maximum."""
    if not value.is_finite():
        raise MontantRefuse(f"{nom} : montant illisible")
    if value < 0:
        raise MontantRefuse(f"{nom} : montant négatif ({value})")
    if value > maximum:
        raise MontantRefuse(f"{nom} : montant supérieur à {maximum} ({value})")
    if value != value.quantize(CENTIME):
        raise MontantRefuse(f"{nom} : plus de deux décimales ({value})")
    return value.quantize(CENTIME)


def format_nombre(value: Decimal) -> str:
    """Write a number the French way: narrow spaces between thousands, decimal comma."""
    return f"{value:,f}".replace(",", "\u202f").replace(".", ",")


def format_euros(value: Decimal) -> str:
    """Write an amount the French way, to the cent."""
    return f"{format_nombre(round_to_cent(value))}\u00a0€"


def format_exact(value: Decimal, *, places: int = 0) -> str:
    """Write a number with all its digits, at least some decimals, and no zero after them."""
    whole, _, decimals = f"{value:f}".partition(".")
    return format_nombre(Decimal(f"{whole}.{decimals.rstrip('0').ljust(places, '0')}"))


def format_euros_exact(value: Fraction | Decimal) -> str:
    """Write an amount that nothing has rounded yet: with all its decimals, two at least."""
    exact = round_half_up(value, places=DECIMALES_LISIBLES)
    return f"{format_exact(exact, places=2)}\u00a0€"


def format_taux(value: Decimal | Fraction, *, places: int = 4) -> str:
    """Write a rate as a percentage the French way."""
    pour_cent = round_half_up(Fraction(value) * 100, places=places)
    return f"{format_nombre(pour_cent)}\u00a0%"
