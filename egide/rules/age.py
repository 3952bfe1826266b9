"""Count the age that a person has reached."""

from datetime import date


def age_on(naissance_on: date, *, on: date) -> int:
    """Give the age reached on a day; who was born on 29 February reaches it on 1 March."""
    before_birthday = (on.month, on.day) < (naissance_on.month, naissance_on.day)
    return on.year - naissance_on.year - before_birthday
