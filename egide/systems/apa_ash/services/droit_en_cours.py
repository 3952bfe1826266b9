"""Where a file goes back to when a procedure ends and its right goes on (CASF R. 232-28)."""

from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.dossier import Echeance, Etat

UNDER_A_RIGHT = frozenset({Etat.OUVERT, Etat.SUSPENDU})

# What the other département or ours owes in a dispute: no end of a right takes its place.
DU_LITIGE = frozenset({Echeance.TRANSMISSION, Echeance.COMPETENCE})


def droit_continue(dossier: Dossier) -> bool:
    """Tell whether a right goes on, a revision being studied or not."""
    return Etat(dossier.etat) in UNDER_A_RIGHT or bool(dossier.etat_droit)


def back_to_droit(dossier: Dossier) -> dict[str, object]:
    """Give back to a right that goes on its state and its periodic revision.

    The procedure that ends had taken both; without them the file would leave the worklist for good.
    """
    return {"etat": dossier.etat_droit or dossier.etat, "etat_droit": ""} | next_revision(dossier)


def next_revision(dossier: Dossier) -> dict[str, object]:
    """Give the deadline of a right that nothing else is expected of: its revision, or its end."""
    if dossier.echeance in DU_LITIGE:
        return {}
    return of_the_right(dossier)


def of_the_right(dossier: Dossier) -> dict[str, object]:
    """Give the deadline of a right, whatever the file waits for: its revision, or its end."""
    if dossier.fin_droit_on is not None:
        return {"echeance": Echeance.FIN, "echeance_on": dossier.fin_droit_on}
    if dossier.revision_on is None:
        return {"echeance": "", "echeance_on": None}
    return {"echeance": Echeance.REVISION, "echeance_on": dossier.revision_on}
