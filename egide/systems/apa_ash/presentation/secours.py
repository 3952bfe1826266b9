"""How a dispute over the domicile de secours is shown: its step, its words, its rows."""

from collections.abc import Iterable
from typing import Any

from egide.kernel import notation
from egide.systems.apa_ash.models import Dossier, LitigeSecours
from egide.systems.apa_ash.models.dossier import FINIS
from egide.systems.apa_ash.models.secours import EtatLitige

COLUMNS = [
    ("Contestée le", False),
    ("Département", False),
    ("Transmis le", False),
    ("Réponse le", False),
    ("État", False),
    ("Motif", False),
]
TONES = {
    EtatLitige.CONTESTE: "wait",
    EtatLitige.TRANSMIS: "wait",
    EtatLitige.ACCEPTE: "ok",
    EtatLitige.REFUSE: "stop",
    EtatLitige.ABANDONNE: "quiet",
}
STEPS = {EtatLitige.CONTESTE: "transmettre", EtatLitige.TRANSMIS: "repondre"}


def next_step(litige: LitigeSecours | None) -> str:
    """Name what comes next: a dispute to open, or the step that one awaits."""
    return STEPS[EtatLitige(litige.etat)] if litige else "contester"


def is_over(dossier: Dossier) -> bool:
    """Tell whether nothing can be contested any more."""
    return dossier.etat in FINIS


def litige_rows(litiges: Iterable[LitigeSecours]) -> list[list[Any]]:
    """Give one row a dispute."""
    return [
        [
            notation.jour(row.conteste_on),
            row.departement,
            notation.jour(row.transmis_on) if row.transmis_on else "—",
            notation.jour(row.repondu_on) if row.repondu_on else "—",
            {"text": EtatLitige(row.etat).label, "state": TONES[EtatLitige(row.etat)]},
            row.motif,
        ]
        for row in litiges
    ]
