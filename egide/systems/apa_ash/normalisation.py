"""Names without accents or case, so that they sort and are found alike in every deployment."""

import re
import unicodedata


def normalise_name(*parts: str) -> str:
    """Give upper-case ASCII words: « Lefèvre-Ægir », « Jeanne » → `LEFEVRE AEGIR JEANNE`."""
    text = " ".join(parts).replace("œ", "oe").replace("Œ", "OE")
    text = text.replace("æ", "ae").replace("Æ", "AE").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return " ".join(re.findall(r"[A-Z0-9]+", plain))
