"""The letters of a file, as instruction and control list them."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse

from egide.kernel import notation
from egide.systems.apa_ash.models import Courrier, Decision, Dossier
from egide.systems.apa_ash.presentation.a_poster import tell_post
from egide.systems.apa_ash.queries.a_poster import DU_CONTROLE
from egide.systems.apa_ash.queries.annulation import is_void
from egide.systems.apa_ash.queries.courriers import name_of

LETTER_COLUMNS = tuple(
    (name, False) for name in ("Courrier", "Destinataire", "Écrit le", "Départ", "Empreinte")
)
COLUMNS = (*LETTER_COLUMNS, ("Portée", False))
VOID = {"text": "Sans objet : décès annulé", "state": "stop"}


def instruction_letters(
    courriers: Iterable[Courrier],
    *,
    dossier: Dossier,
    annulations: list[Decision],
    claims: Collection[UUID],
) -> dict[str, Any]:
    """Give the letters of a file, each leading to its PDF; a death undone leaves some void."""
    rows = [
        [*_letter(row, page="courrier", dossier=dossier, void=void), VOID if void else "—"]
        for row in courriers
        for void in [is_void(row, annulations=annulations, claims=claims)]
    ]
    return {"rows": rows, "columns": COLUMNS}


def control_letters(courriers: Iterable[Courrier], *, dossier: Dossier) -> dict[str, Any]:
    """Give the letters that the control wrote about a file, each leading to its PDF."""
    rows = [
        # A claim leaves with the decisions: whether it is still to leave is told there.
        _letter(row, page="controle_courrier", dossier=dossier, void=row.nature not in DU_CONTROLE)
        for row in courriers
    ]
    return {"letter_columns": LETTER_COLUMNS, "letters": rows}


def _letter(row: Courrier, *, page: str, dossier: Dossier, void: bool) -> list[object]:
    return [
        {"text": name_of(row), "url": reverse(f"apa_ash:{page}", args=[row.pk])},
        row.nom_destinataire or "—",
        notation.jour(row.cree_on),
        tell_post(row, dossier=dossier, void=void),
        f"{row.empreinte[:12]}…",
    ]
