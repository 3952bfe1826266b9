"""The pages of a list: which one an address asks for."""

from typing import Final

# A list of ten thousand pages is read by searching, not by turning them.
PAGE_DIGITS: Final = 4


def read_page(text: str | None) -> int:
    """Read the number of a page; a wrong one, or an enormous one, leads to the first page."""
    if not text or len(text) > PAGE_DIGITS or not text.isdecimal():
        return 1
    return max(int(text), 1)
