"""Renders a letter to PDF/UA-1 and PDF/A-2a with Typst; data travels as JSON, never as code."""

import json
import re
import threading
import unicodedata
from dataclasses import Field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from egide.kernel import notation
from egide.systems.apa_ash.letters.content import Letter, Organisme
from egide.systems.apa_ash.letters.mentions import mentions, recours

GABARITS = Path(__file__).with_name("gabarits")
UNKNOWN = "\u25af"  # what stands for a character that the letter's face cannot draw

# The scripts that the embedded face draws. A standard that forbids missing glyphs would refuse
# the whole letter for one emoji; directional controls could reorder what is read.
DRAWN = (
    (0x0020, 0x007E),
    (0x00A0, 0x00AC),  # not the soft hyphen, a control
    (0x00AE, 0x017F),
    (0x0218, 0x021B),
    (0x0300, 0x0304),
    (0x0391, 0x03A1),
    (0x03A3, 0x03C9),
    (0x0400, 0x045F),
    (0x1E80, 0x1E85),
    (0x1EA0, 0x1EF9),
    (0x2010, 0x2015),
    (0x2018, 0x201E),
    (0x2026, 0x2026),
    (0x202F, 0x202F),
    (0x20AC, 0x20AC),
    (0x2212, 0x2212),
    (0x00D7, 0x00D7),
    (0x2264, 0x2265),
)

UNDRAWN = re.compile("[^" + "".join(f"{chr(low)}-{chr(high)}" for low, high in DRAWN) + "]")

_local = threading.local()


def plain(text: str) -> str:
    """Keep what the letter's face can draw; name nothing, execute nothing, reorder nothing."""
    composed = unicodedata.normalize("NFC", text)
    return notation.insecable(UNDRAWN.sub(_stand_in, composed))


def _stand_in(found: re.Match[str]) -> str:
    return "" if unicodedata.category(found[0]) in {"Cf", "Cc"} else UNKNOWN


def _value(value: object, spec: Field[Any] | None = None) -> object:
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, date):
        return notation.jour_long(value)
    if isinstance(value, Decimal):
        written = spec.metadata.get("notation", notation.euros) if spec else notation.euros
        return written(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _value(getattr(value, item.name), item) for item in fields(value)}
    raise TypeError(f"a letter cannot hold {type(value).__name__}")


def as_data(letter: Letter) -> dict[str, object]:
    """Give the texts of a letter, every amount and day already in French notation."""
    contenu = letter.contenu
    data = _value(letter)
    if not isinstance(data, dict):
        raise TypeError("a letter is a mapping of its fields")
    return data | {
        "titre": contenu.titre,
        **_owed(letter.organisme, contenu.recours),
    }


@lru_cache(maxsize=64)
def _owed(organisme: Organisme, kind: str) -> dict[str, object]:
    return {
        "mentions": _value(mentions(organisme)),
        "recours": _value(recours(kind, organisme=organisme)),
    }


def _compiler(gabarit: str) -> typst.Compiler:
    # A compiler is not shared between threads: it keeps its world between two letters.
    compilers: dict[str, typst.Compiler] = _local.__dict__.setdefault("compilers", {})
    if gabarit not in compilers:
        compilers[gabarit] = typst.Compiler(
            str(GABARITS / f"{gabarit}.typ"),
            root=str(GABARITS),
            ignore_system_fonts=True,
        )
    return compilers[gabarit]


def render(letter: Letter) -> bytes:
    """Render a letter; the same letter always gives the same bytes."""
    day = letter.envoyee_on
    rendered = _compiler(letter.contenu.gabarit).compile(
        format="pdf",
        sys_inputs={"lettre": json.dumps(as_data(letter), ensure_ascii=False)},
        pdf_standards=["ua-1", "a-2a"],
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )
    if not isinstance(rendered, bytes):
        raise TypeError("Typst gave no single document")
    return rendered
