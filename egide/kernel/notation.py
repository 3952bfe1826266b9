"""French notation of amounts, rates, hours, ages and days, for screens and letters alike."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from egide.rules.age import age_on

NARROW = "\u202f"  # between groups of three digits
NO_BREAK = "\u00a0"  # before a unit

# Spaces that a line must not break at: before high punctuation, after the letter of an article.
BOUND = re.compile(r" (?=[;:?!»%€])|(?<=«) |(?<=\b[LRD]\.) (?=\d)|(?<=\bart\.) (?=\d)|(?<=n°) ")
VOWELS = frozenset("aeiouâàéèêëîïôûœ")

CENT = Decimal("0.01")
MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
MOIS_COURTS = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juill.", "août", "sept.", "oct.", "nov.", "déc."),
)


class NotANumber(TypeError):
    """An amount was given in a type that is not exact (float), or is no finite number."""


def _exact(value: Decimal | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise NotANumber(f"expected Decimal or int, found {type(value).__name__}")
    number = Decimal(value)
    if not number.is_finite():
        raise NotANumber(f"not a finite number: {number}")
    return number


def _grouped(number: Decimal) -> str:
    text = f"{number:,f}".replace(",", NARROW).replace(".", ",")
    return text.replace("-", "\u2212")


def _trimmed(number: Decimal) -> Decimal:
    # Decimal.normalize() would write 1E+3 for 1000.
    whole = number.to_integral_value()
    return whole.quantize(Decimal(1)) if number == whole else number.normalize()


def euros(value: Decimal | int) -> str:
    """Write an amount rounded to the cent: « 1 013,36 € »."""
    cents = _exact(value).quantize(CENT, ROUND_HALF_UP)
    return f"{_grouped(abs(cents) if cents == 0 else cents)}{NO_BREAK}€"


def euros_exact(value: Decimal | int) -> str:
    """Write an amount with every decimal it holds, two at least: « 137,2253 € »."""
    number = _exact(value)
    if number == number.quantize(CENT, ROUND_HALF_UP):
        return euros(number)
    return f"{_grouped(number.normalize())}{NO_BREAK}€"


def taux(value: Decimal | int) -> str:
    """Write a rate of [0, 1] in percent with two decimals: « 13,54 % »."""
    percent = (_exact(value) * 100).quantize(CENT, ROUND_HALF_UP)
    return f"{_grouped(abs(percent) if percent == 0 else percent)}{NO_BREAK}%"


def pour_cent(value: Decimal | int) -> str:
    """Write a share in whole percent, where nobody computes with it: « 54 % »."""
    percent = (_exact(value) * 100).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{_grouped(abs(percent) if percent == 0 else percent)}{NO_BREAK}%"


def mois_court(day: date) -> str:
    """Write the month of a day in short, on one line: « nov. 2026 »."""
    return f"{MOIS_COURTS[day.month - 1]}{NO_BREAK}{day.year}"


def de(nom: str) -> str:
    """Put « de » before a name, elided before a vowel: « d’octobre 2026 », « de mars 2026 »."""
    return f"d’{nom}" if nom[:1].lower() in VOWELS else f"de {nom}"


def insecable(text: str) -> str:
    """Bind what a line must not part: high punctuation, the number of an article, « n° »."""
    return BOUND.sub(NO_BREAK, text)


def nombre(value: Decimal | int) -> str:
    """Write a number without its useless zeros: « 1 250,5 »."""
    return _grouped(_trimmed(_exact(value)))


def nombre_de(count: int, nom: str) -> str:
    """Write how many, each word of the noun in its number: « 1 pièce notée », « 2 aides »."""
    words = [f"{word}s" for word in nom.split()] if count > 1 else nom.split()
    return f"{nombre(count)}{NO_BREAK}{' '.join(words)}"


def heures(value: Decimal | int) -> str:
    """Write decimal hours in hours and minutes: « 22 h 30 »."""
    minutes = int((_exact(value) * 60).quantize(Decimal(1), ROUND_HALF_UP))
    sign = "\u2212" if minutes < 0 else ""
    whole, rest = divmod(abs(minutes), 60)
    text = f"{sign}{_grouped(Decimal(whole))}{NO_BREAK}h"
    return f"{text}{NO_BREAK}{rest:02d}" if rest else text


def _day_of_month(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def jour(day: date) -> str:
    """Write a day in short: « 6 nov. 2026 »."""
    return f"{_day_of_month(day)}{NO_BREAK}{MOIS_COURTS[day.month - 1]}{NO_BREAK}{day.year}"


def du_au(debut: date, dernier: date) -> str:
    """Write days from the first to the last: « du 1er novembre 2026 au 22 novembre 2026 »."""
    return f"du {jour(debut)} au {jour(dernier)}"


def jour_long(day: date) -> str:
    """Write a day in full: « 6 novembre 2026 »."""
    return f"{_day_of_month(day)}{NO_BREAK}{MOIS[day.month - 1]}{NO_BREAK}{day.year}"


def age(born: date, on: date) -> str:
    """Write the age reached on a day: « 87 ans »."""
    years = age_on(born, on=on)
    if years < 0:
        raise ValueError(f"born after the day considered: {born} > {on}")
    return f"{years}{NO_BREAK}an{'s' if years > 1 else ''}"


LOINTAIN = 60  # beyond, the date alone speaks


def delai(day: date, on: date) -> str:
    """Write what is left before a deadline: « 6 jours », « dépassé de 2 jours »; far, nothing."""
    days = (day - on).days
    if days > LOINTAIN:
        return ""
    if days in {0, 1}:
        return ("aujourd’hui", "demain")[days]
    unit = f"{NO_BREAK}jour{'s' if abs(days) > 1 else ''}"
    return f"{days}{unit}" if days > 0 else f"dépassé de {-days}{unit}"
