"""The resources of a file: those in force, their lines, and those before."""

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Dossier, LigneRessource, Ressources
from egide.systems.apa_ash.policy import LIGNES_RESSOURCE, RESSOURCES


def current_ressources(passage: Passage, *, dossier: Dossier) -> Ressources | None:
    """Give the resources in force."""
    rows = RESSOURCES.rows(passage).filter(dossier=dossier, en_vigueur=True)
    return rows.order_by("pk").first()


def list_ressources(passage: Passage, *, dossier: Dossier) -> list[Ressources]:
    """List all the resources of a file, those in force first."""
    rows = RESSOURCES.rows(passage).filter(dossier=dossier)
    return list(rows.order_by("-en_vigueur", "-recueillies_on", "-pk"))


def list_lignes(passage: Passage, *, ressources: Ressources) -> list[LigneRessource]:
    """List the amounts of some resources, the person's before the spouse's."""
    rows = LIGNES_RESSOURCE.rows(passage).filter(ressources=ressources)
    return list(rows.order_by("conjoint", "nature"))
