"""The resources of a file: those in force, their lines, and those before."""

from datetime import date

from django.db.models import Q

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Dossier, Droit, LigneRessource, Ressources
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.policy import DROITS, LIGNES_RESSOURCE, RESSOURCES


def list_ressources(passage: Passage, *, dossier: Dossier) -> list[Ressources]:
    """List all the resources of a file, those in force first."""
    rows = RESSOURCES.rows(passage).filter(dossier=dossier)
    return list(rows.order_by("-en_vigueur", "-recueillies_on", "-pk"))


def list_etablies(passage: Passage, *, dossier: Dossier) -> list[Ressources]:
    """List the same rows for a computation: the medical team reads no day of them."""
    rows = RESSOURCES.rows(passage).filter(dossier=dossier)
    return list(rows.order_by("-en_vigueur", "pk"))


def ressources_on(rows: list[Ressources], *, day: date) -> Ressources | None:
    """Give the resources that count on a day: an event changes nothing before its effect."""
    known = {row.pk: row for row in rows}
    row = next((row for row in rows if row.en_vigueur), None)
    while row and row.effet_on and row.effet_on > day and row.avant_id in known:
        row = known[row.avant_id]
    return row


def find_droit_ouvert(passage: Passage, *, dossier: Dossier) -> Droit | None:
    """Give the right that goes on, or up to its signed end; nothing is counted of a lump sum."""
    goes_on = Q(periode__upper_inf=True)
    fin = dossier.fin_droit_on
    if fin is not None and fin >= passage.on and dossier.etat != Etat.CLOS:
        goes_on |= Q(periode__contains=fin)
    rows = DROITS.rows(passage).filter(goes_on, dossier=dossier, forfait=False)
    return rows.filter(periode__isempty=False).order_by("pk").first()


def differs(droit: Droit, *, ressources: Ressources) -> bool:
    """Tell whether an open right was computed with other resources."""
    return (droit.couple, droit.ressources_mensuelles) != (
        ressources.couple,
        ressources.ressources_mensuelles,
    )


def list_lignes(passage: Passage, *, ressources: Ressources) -> list[LigneRessource]:
    """List the amounts of some resources, the person's before the spouse's."""
    rows = LIGNES_RESSOURCE.rows(passage).filter(ressources=ressources)
    return list(rows.order_by("conjoint", "nature"))
