"""One entry of the main navigation; each system lists its own, in the order of a working day."""

from dataclasses import dataclass

from egide.kernel.access.catalogue import HABILITER, PROTEGER
from egide.kernel.catalogue.declarations import Purpose


@dataclass(frozen=True, slots=True)
class Entry:
    """An address that agents reach from every page, under one purpose."""

    purpose: Purpose
    label: str
    url_name: str


NAVIGATION = (
    Entry(HABILITER, "Habilitations", "habilitations:list"),
    Entry(PROTEGER, "Ma journée", "protection"),
    Entry(PROTEGER, "Destructions", "destructions"),
)
