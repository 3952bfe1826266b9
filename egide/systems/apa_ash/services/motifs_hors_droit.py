"""Why a month was paid beyond its right, in the words of the list and of the claim."""

from collections.abc import Iterable

from egide.kernel import notation
from egide.systems.apa_ash.calculs.hors_droit import Cause, Raison


def write_causes(causes: Iterable[Cause]) -> str:
    """Tell the reasons of a month in a few words, as its list and its claim do."""
    return ", ".join(_write(cause) for cause in causes)


def _write(cause: Cause) -> str:
    day = notation.jour(cause.depuis) if cause.depuis else ""
    match cause.raison:
        case Raison.FIN:
            return f"droit achevé le {day}"
        case Raison.BAISSE if cause.avant is not None and cause.apres is not None:
            before, after = notation.euros(cause.avant), notation.euros(cause.apres)
            return f"APA passée de {before} à {after} le {day}"
        case Raison.PLAN:
            return f"plan d’aide changé le {day}"
        case Raison.SUSPENSION:
            return f"versement suspendu à compter du {day}"
        case Raison.SEJOUR:
            return f"hospitalisation, non versée à compter du {day}"
        case _:
            return "aucun droit ne couvre ce mois"
