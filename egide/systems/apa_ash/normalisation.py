"""Names without accents or case, so that they sort and are found alike in every deployment."""

import re
import unicodedata

WRITTEN = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"} | dict.fromkeys("’‘ʼʹ′´`", "'")
)


def normalise_name(*parts: str) -> str:
    """Give upper-case ASCII words: « Lefèvre-Ægir », « Jeanne » → `LEFEVRE AEGIR JEANNE`.

    An apostrophe parts two words, whichever a keyboard, or another software, writes.
    """
    text = " ".join(parts).translate(WRITTEN)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return " ".join(re.findall(r"[A-Z0-9]+", plain))


def normalise_birth(nom: str, prenoms: str) -> str:
    """Give a birth name with the first of the first names: some give one of them, others all."""
    return normalise_name(nom, *prenoms.split()[:1])
