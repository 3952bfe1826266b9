"""What an input may be, whatever the rule: refused here before any formula sees it."""

GIRS = range(1, 7)
AGES = range(131)
DECIMALES_DU_TAUX = 6
MILLIONIEMES = 10**DECIMALES_DU_TAUX


class ValeurRefusee(ValueError):
    """Raised for a value that no reading of the text can accept, such as a GIR 7."""


def check_gir(gir: int) -> int:
    """Refuse a GIR that does not exist."""
    if gir not in GIRS:
        raise ValeurRefusee(f"gir : trouvé {gir}, attendu un entier de 1 à 6")
    return gir


def check_age(age: int) -> int:
    """Refuse an age that no living person has."""
    if age not in AGES:
        raise ValeurRefusee(f"age : trouvé {age}, attendu un entier de 0 à 130")
    return age
