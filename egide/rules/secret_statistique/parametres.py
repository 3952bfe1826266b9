"""The declared figures of secrecy, as they stand on a day."""

from datetime import date
from pathlib import Path

from egide.rules.parameters import Bareme, load_parametres

PARAMETRES = load_parametres(Path(__file__).with_name("secret.yaml"))


def bareme(day: date) -> Bareme:
    """Give the threshold, its floor and the protection interval in force on a day."""
    return Bareme(day, PARAMETRES)
