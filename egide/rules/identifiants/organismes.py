"""Identifiers of organisations and professionals: SIREN, SIRET, FINESS, RPPS."""

import re
from dataclasses import dataclass

from stdnum import luhn
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret
from stdnum.util import clean

LONGUEUR_FINESS = 9
LONGUEUR_RPPS = 11
SEPARATEURS = " -.\u00a0\u202f"


@dataclass(frozen=True, slots=True)
class Identifiant:
    """An identifier as it is written, and why it is not valid if it is not."""

    normalise: str
    valide: bool
    motif: str = ""


def read_siren(text: str) -> Identifiant:
    """Read a SIREN (9 digits with a Luhn key)."""
    normalise = clean(text, SEPARATEURS).strip()
    return Identifiant(normalise, *_verdict(stdnum_siren.is_valid(normalise), nom="SIREN"))


def read_siret(text: str) -> Identifiant:
    """Read a SIRET (a SIREN and 5 digits); the establishments of La Poste have their own rule."""
    normalise = clean(text, SEPARATEURS).strip()
    return Identifiant(normalise, *_verdict(stdnum_siret.is_valid(normalise), nom="SIRET"))


def read_finess(text: str) -> Identifiant:
    """Read a FINESS: 9 characters, the first two a département (2A, 2B), with a Luhn key."""
    normalise = clean(text, SEPARATEURS).strip().upper()
    # How the key counts the letter of Corsica is not known from a text here: form only.
    corse = re.fullmatch(r"2[AB][0-9]{7}", normalise, re.ASCII) is not None
    valide = corse or _is_luhn(normalise, length=LONGUEUR_FINESS)
    return Identifiant(normalise, *_verdict(valide, nom="numéro FINESS"))


def read_rpps(text: str) -> Identifiant:
    """Read an RPPS: 11 digits with a Luhn key."""
    normalise = clean(text, SEPARATEURS).strip()
    return Identifiant(
        normalise, *_verdict(_is_luhn(normalise, length=LONGUEUR_RPPS), nom="numéro RPPS")
    )


def _is_luhn(digits: str, *, length: int) -> bool:
    if len(digits) != length or not (digits.isascii() and digits.isdigit()):
        return False
    return bool(luhn.is_valid(digits))


def _verdict(valide: bool, *, nom: str) -> tuple[bool, str]:  # noqa: FBT001 - a verdict is a bool
    return valide, "" if valide else f"{nom} incorrect : longueur ou clé"
