"""Many letters as one PDF to print: each page as it was rendered, in the order given."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

# Typst embeds one page at a time and does not tell how many a file has: its own files say it.
PAGES = re.compile(rb"/Type\s*/Pages\s*/Count\s+(\d+)")


class PdfIllisible(ValueError):
    """A file among those to bind cannot be read: it was not rendered here, or it was cut."""

    def __init__(self, place: int) -> None:
        """Keep which one it is, by its place."""
        super().__init__(place)
        self.place = place


def bind(pdfs: Sequence[bytes]) -> bytes:
    """Bind letters for the printer; the accessible edition is each letter, kept as it left.

    Each begins on the front of a sheet: printed on both sides, a letter never bears another on its
    back. The last one needs no blank page after it.
    """
    try:
        return _compile(pdfs)
    except typst.TypstError:
        # It does not tell which file it could not read: each is tried alone.
        for place, pdf in enumerate(pdfs):
            if not _is_readable(pdf):
                raise PdfIllisible(place) from None
        raise


def _is_readable(pdf: bytes) -> bool:
    try:
        _compile([pdf])
    except typst.TypstError:
        return False
    return True


def _compile(pdfs: Sequence[bytes]) -> bytes:
    """Compile files, which Typst reads from a directory that nobody else reads, then goes."""
    pages = [_pages(pdf, place=place) for place, pdf in enumerate(pdfs)]
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


def _pages(pdf: bytes, *, place: int) -> int:
    found = PAGES.search(pdf)
    if found is None:
        raise PdfIllisible(place)
    return int(found[1])
