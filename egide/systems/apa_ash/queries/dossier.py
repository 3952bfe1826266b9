"""A file and the person it is about, as the head of every screen shows them."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action, Policy
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES


def open_dossier(
    passage: Passage, pk: UUID, *, action: Action = Action.READ, lock: bool = False
) -> Dossier:
    """Give a file with its `identite`, in one statement; refused as absent otherwise."""
    found = DOSSIERS.get(passage, pk=pk, action=action, lock=lock, identite=IDENTITES)
    return as_of(found, on=passage.on)


def check_of_file(passage: Passage, policy: Policy[Any], *, pk: UUID, dossier_id: UUID) -> None:
    """Refuse as absent a row that is not of the file that its address names."""
    policy.get(passage, pk=pk, dossier_id=dossier_id)


def over(on: date, *, of: str = "") -> Q:
    """Say which files the last day of their right has closed; `of` leads to the file."""
    return Q(**{f"{of}fin_droit_on__lt": on})


def as_of(dossier: Dossier, *, on: date) -> Dossier:
    """Tell a file as it stands on a day: past the last day of its right, it is closed.

    No act closes it, nor any job: the signed end does, on its day (see docs/adr/0020).
    """
    if dossier.fin_droit_on is not None and dossier.fin_droit_on < on:
        dossier.etat, dossier.echeance, dossier.echeance_on = Etat.CLOS, "", None
        # A purpose that may not read the state of a right under revision has none to tell.
        if "etat_droit" not in dossier.get_deferred_fields():
            dossier.etat_droit = ""
    return dossier
