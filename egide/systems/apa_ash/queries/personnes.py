"""Everything that the screen of the person shows and changes."""

from dataclasses import dataclass
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Aidant, Coordonnees, Dossier, Nir, Protection
from egide.systems.apa_ash.policy import (
    AIDANTS,
    COORDONNEES,
    DOSSIERS,
    IDENTITES,
    NIRS,
    PROTECTIONS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Personne:
    """A person with the volets around."""

    dossier: Dossier
    coordonnees: Coordonnees
    nir: Nir
    protection: Protection | None
    aidants: list[Aidant]


def read_personne(passage: Passage, *, pk: UUID) -> Personne:
    """Read the person of a file in two statements."""
    dossier = DOSSIERS.get(
        passage,
        pk=pk,
        identite=IDENTITES,
        coordonnees=COORDONNEES,
        nir=NIRS,
        protection=PROTECTIONS,
    )
    return Personne(
        dossier=dossier,
        coordonnees=dossier.coordonnees,
        nir=dossier.nir,
        protection=getattr(dossier, "protection", None),
        aidants=list(AIDANTS.rows(passage).filter(dossier=dossier).order_by("nom", "pk")),
    )
