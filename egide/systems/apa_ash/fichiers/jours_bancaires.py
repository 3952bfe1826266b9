"""The days on which banks settle transfers in euros: those of the European Central Bank's system.

It closes on Saturdays and Sundays, on 1 January, Good Friday, Easter Monday, 1 May, 25 and 26
December (European Central Bank, long-term calendar of closing days, 14 December 2000).
"""

from datetime import date, timedelta

SAMEDI = 5
JOURS_FIXES = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})
AUTOUR_DE_PAQUES = (timedelta(days=-2), timedelta(days=1))
UN_JOUR = timedelta(days=1)


def paques(year: int) -> date:
    """Give Easter Sunday of the Gregorian calendar (algorithm of Butcher and Meeus)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    lunar = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - lunar + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def is_jour_bancaire(day: date) -> bool:
    """Tell whether a transfer may be settled on a day."""
    if day.weekday() >= SAMEDI or (day.month, day.day) in JOURS_FIXES:
        return False
    return day - paques(day.year) not in AUTOUR_DE_PAQUES


def prochain_jour_bancaire(day: date) -> date:
    """Give this day if banks are open, or the next one on which they are."""
    while not is_jour_bancaire(day):
        day += UN_JOUR
    return day
