"""What is told of the resources that a decision rests on."""

from datetime import date

from egide.kernel import notation
from egide.rules.apa.ressources import annee_reference
from egide.systems.apa_ash.queries.decision import Situation


def tell_old_ressources(situation: Situation, *, on: date) -> list[str]:
    """Tell that the resources are of an earlier year than the request calls for; often nothing.

    They may stand: whoever decides knows it, and asks for the last tax notice otherwise.
    """
    counted, demande = situation.ressources_on(on), situation.demande
    if counted is None or demande is None:
        return []
    wanted = annee_reference(demande.recue_on)
    if counted.annee_reference >= wanted:
        return []
    said = (
        f"Les ressources retenues sont celles de {counted.annee_reference} ; une demande reçue le "
        f"{notation.jour(demande.recue_on)} appelle celles de {wanted} (CASF annexe 2-3). Demandez "
        "le dernier avis d’imposition avant de décider, si la situation a pu changer."
    )
    return [notation.insecable(said)]
