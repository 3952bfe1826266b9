"""The stylesheet that gives an organisme its own deep colour, refused where white is unreadable."""

import re

HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
BRAND = "#124e57"
READABLE = 4.5  # WCAG 2.1, 1.4.3
SRGB_LINEAR = 0.04045


class UnreadableBrand(ValueError):
    """White text would not be readable on this colour, or it is no colour."""


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= SRGB_LINEAR else ((share + 0.055) / 1.055) ** 2.4


def contrast_with_white(colour: str) -> float:
    """Give the contrast ratio of white on a colour `#rrggbb`, from 1 to 21."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _mix(colour: str, *, towards: int, share: float) -> str:
    mixed = (round(c + (towards - c) * share) for c in _channels(colour))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def stylesheet(brand: str = BRAND) -> str:
    """Write the custom properties of a brand colour: itself, stronger, softer."""
    if not HEX.fullmatch(brand) or contrast_with_white(brand) < READABLE:
        raise UnreadableBrand(brand)
    strong = _mix(brand, towards=0, share=0.26)
    soft = _mix(brand, towards=255, share=0.89)
    return (
        f":root{{--eg-brand:{brand};--eg-brand-strong:{strong};--eg-brand-soft:{soft};"
        f"--bs-link-color:{brand};--bs-link-hover-color:{strong}}}\n"
    )
