"""The colour of an organisme: white words stand on it and it stands on the page, readable."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import DecimalField, Expression, ExpressionWrapper, F, Func, Value
from django.db.models.functions import Power, Substr
from django.db.models.lookups import LessThanOrEqual

# WCAG 2.2, 1.4.3: 4.5:1 for words of the usual size. The page is #f5f6f4, a little darker than
# white, and links bear the colour on it: what is readable there is readable on white as well.
CONTRASTE = Decimal("4.5")
FOND = "#f5f6f4"
POIDS = (Decimal("0.2126"), Decimal("0.7152"), Decimal("0.0722"))
OCTET = Decimal(255)
SEUIL, PENTE = Decimal("0.04045"), Decimal("12.92")
DECALAGE, ECHELLE, EXPOSANT = Decimal("0.055"), Decimal("1.055"), Decimal("2.4")
DIFFUSE = Decimal("0.05")
NOMBRE = DecimalField(max_digits=30, decimal_places=20)


def luminance(couleur: str) -> Decimal:
    """Give the relative luminance of `#rrggbb`, from 0 (black) to 1 (white)."""
    parts = (Decimal(int(couleur[i : i + 2], 16)) / OCTET for i in (1, 3, 5))
    linear = (p / PENTE if p <= SEUIL else ((p + DECALAGE) / ECHELLE) ** EXPOSANT for p in parts)
    return sum((w * p for w, p in zip(POIDS, linear, strict=True)), Decimal(0))


def contraste(couleur: str, *, fond: str = FOND) -> Decimal:
    """Give the ratio of contrast of two colours, from 1 to 21."""
    dark, light = sorted((luminance(couleur), luminance(fond)))
    return (light + DIFFUSE) / (dark + DIFFUSE)


LUMINANCE_MAXIMALE = ((luminance(FOND) + DIFFUSE) / CONTRASTE - DIFFUSE).quantize(Decimal("0.0001"))
"""What a colour may reach at most, as the constraint of PostgreSQL holds it."""

REFUS = (
    "Cette couleur est trop claire : les mots blancs du bandeau et les liens n’y seraient pas "
    "lisibles. Choisissez-en une plus foncée (contraste d’au moins 4,5 pour 1)."
)


def check_couleur(couleur: str) -> None:
    """Refuse a colour on which nobody could read."""
    try:
        found = luminance(couleur)
    except ValueError:
        return  # not a colour at all: its own constraint says so
    if found > LUMINANCE_MAXIMALE:
        ratio = f"{contraste(couleur):.1f}".replace(".", ",")
        raise ValidationError(f"{REFUS} Trouvé : {ratio} pour 1.")


class Octet(Func):
    """Two hexadecimal digits of a column, as a number from 0 to 255."""

    template = "(('x' || %(expressions)s)::bit(8)::int::numeric)"


def _part(start: int, *, weight: Decimal) -> Expression:
    digits = Octet(Substr(F("couleur"), start, 2), output_field=NOMBRE)
    part = ExpressionWrapper(digits / Value(OCTET), output_field=NOMBRE)
    linear = Power((part + Value(DECALAGE)) / Value(ECHELLE), Value(EXPOSANT), output_field=NOMBRE)
    return ExpressionWrapper(linear * Value(weight), output_field=NOMBRE)


# PostgreSQL takes the curve for the darkest parts too, where the norm takes a line: that counts
# less than a thousandth too much, which the margin gives back.
MARGE = Decimal("0.0010")
LISIBLE = LessThanOrEqual(
    ExpressionWrapper(
        _part(2, weight=POIDS[0]) + _part(4, weight=POIDS[1]) + _part(6, weight=POIDS[2]),
        output_field=NOMBRE,
    ),
    Value(LUMINANCE_MAXIMALE + MARGE),
)
"""The constraint: whatever writes the row, nobody is shown words that cannot be read."""
