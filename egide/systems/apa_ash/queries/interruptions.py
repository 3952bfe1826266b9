"""The stays and suspensions of one file, as the rules read them."""

from collections.abc import Iterable

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.rules.apa.versement import Interruption, Nature, Periode
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.policy import INTERRUPTIONS


def list_interruptions(passage: Passage, *, dossier: m.Dossier) -> list[m.Interruption]:
    """List the interruptions of a file; a purpose that may not read them has none to show."""
    if not INTERRUPTIONS.allowed(passage, Action.READ):
        return []
    return list(INTERRUPTIONS.rows(passage).filter(dossier=dossier).order_by("-periode", "pk"))


def read_interruptions(rows: Iterable[m.Interruption]) -> list[Interruption]:
    """Give rows to the rules; what was lifted before it began covers no day."""
    return [
        Interruption(Nature(row.nature), Periode(row.periode.lower, row.periode.upper))
        for row in rows
        if not row.periode.isempty
    ]
