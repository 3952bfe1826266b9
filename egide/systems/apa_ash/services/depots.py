"""What a letter leaves to whoever receives it, when its post was told late."""

from datetime import date

from egide.kernel import notation
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.controle import jours_pour_noter_un_depot
from egide.rules.apa.delais import echeance
from egide.rules.apa.depots import Depot


class DepotNoteTard(ActeRefuse):
    """The post of a letter was told too late for its delay to be over."""

    def __init__(self, depot: Depot, *, until: date) -> None:
        """Say when it was told, and the last day of the delay."""
        jours = jours_pour_noter_un_depot(depot.constate_on)
        super().__init__(
            f"Ce courrier, posté le {notation.jour(depot.poste_on)}, n’a été noté posté que le "
            f"{notation.jour(depot.constate_on)}\u00a0: noté plus de {jours} jours après, le délai "
            f"court de {jours} jours avant ce jour-là. Il n’est écoulé qu’après le "
            f"{notation.jour(until)}."
        )


def term_of(delai: str, *, depot: Depot, recue_on: date, on: date) -> date:
    """Give the last day of a delay that runs from a receipt, or refuse what a late telling bars."""
    term, late = echeance(delai, recue_on), echeance(delai, depot.opposable_on)
    if term < on <= late:
        raise DepotNoteTard(depot, until=late)
    return max(term, late)
