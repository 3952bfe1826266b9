"""The password rule of CNIL délibération 2022-100, in the case of an account that locks."""

import math
import string

from django.core.exceptions import ValidationError

# Access is restricted after failures (django-axes), so 50 bits are enough by law; Égide asks for
# the 80 bits of an account without restriction, because health data stand behind it.
BITS_REQUIRED = 79.5
CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
OTHER_SYMBOLS = 37


class DeliberationCnil2022:
    """Refuse a password whose theoretical entropy is under that of the CNIL's own examples.

    Twelve characters of four classes (99 symbols) make 79.6 bits; the text rounds them to 80.
    """

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 -- Django's
        """Raise ValidationError when the password is too weak."""
        if entropy_bits(password) < BITS_REQUIRED:
            raise ValidationError(self.get_help_text(), code="cnil_2022_100")

    def get_help_text(self) -> str:
        """Say how to choose a password that passes."""
        return (
            "Choisissez au moins 12 caractères avec majuscules, minuscules, chiffres et signes, "
            "ou 14 sans signes, ou une phrase d’au moins sept mots."
        )


def entropy_bits(password: str) -> float:
    """Give length × log2(alphabet in use), the measure that the délibération uses."""
    alphabet = sum(len(c) for c in CLASSES if any(ch in c for ch in password))
    if any(ch not in "".join(CLASSES) for ch in password):
        alphabet += OTHER_SYMBOLS
    # Repeating one character adds nothing that an attacker would not try first.
    length = len(password) if len(set(password)) > len(password) / 4 else len(set(password))
    return length * math.log2(alphabet) if alphabet else 0.0
