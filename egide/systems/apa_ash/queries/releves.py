"""The files already taken in, as the import screen lists them."""

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Import
from egide.systems.apa_ash.models.controle import NatureImport
from egide.systems.apa_ash.policy import IMPORTS


def list_imports(passage: Passage, *, limit: int = 30) -> list[Import]:
    """List the last files of hours and invoices."""
    rows = IMPORTS.rows(passage).exclude(nature=NatureImport.DEMANDES)
    return list(rows.order_by("-importe_on", "pk")[:limit])
