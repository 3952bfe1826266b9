"""Many letters as one PDF to print: each page as it was rendered, in the order given."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

# Typst embeds one page at a time and does not tell how many a file has: its own files say it.
PAGES = re.compile(rb"/Type\s*/Pages\s*/Count\s+(\d+)")


class PagesInconnues(ValueError):
    """A file does not tell its pages: it was not rendered here."""


def bind(pdfs: Sequence[bytes]) -> bytes:
    """Bind letters for the printer; the accessible edition is each letter, kept as it left.

    Each begins on the front of a sheet: printed on both sides, a letter never bears another on its
    back. The last one needs no blank page after it.
    Typst reads the files that it embeds from a directory, which nobody else reads and which goes
    with them.
    """
    pages = [_pages(pdf) for pdf in pdfs]
    with TemporaryDirectory(prefix="egide-liasse-") as name:
        root = Path(name)
        for place, pdf in enumerate(pdfs):
            (root / f"{place}.pdf").write_bytes(pdf)
        sheet = "\n".join(('#set page(paper: "a4", margin: 0pt)', *_calls(pages)))
        (root / "liasse.typ").write_text(sheet, encoding="utf-8")
        bound = typst.compile(str(root / "liasse.typ"), root=name, format="pdf")
    if not isinstance(bound, bytes):
        raise TypeError("Typst gave no single document")
    return bound


def _calls(pages: Sequence[int]) -> Iterator[str]:
    for place, count in enumerate(pages):
        for page in range(1, count + 1):
            yield f'#page(image("{place}.pdf", page: {page}, width: 100%))'
        if count % 2 and place + 1 < len(pages):
            yield "#page[]"


def _pages(pdf: bytes) -> int:
    found = PAGES.search(pdf)
    if found is None:
        raise PagesInconnues
    return int(found[1])
