"""Everything that the screen of the person shows and changes."""

from dataclasses import dataclass
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.systems.apa_ash.models import (
    Aidant,
    Conjoint,
    Coordonnees,
    Dossier,
    Nir,
    Protection,
    Succession,
)
from egide.systems.apa_ash.policy import (
    AIDANTS,
    CONJOINTS,
    COORDONNEES,
    DOSSIERS,
    IDENTITES,
    NIRS,
    PROTECTIONS,
    SUCCESSIONS,
)
from egide.systems.apa_ash.queries.dossier import as_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Personne:
    """A person with the volets around."""

    dossier: Dossier
    coordonnees: Coordonnees
    nir: Nir
    protection: Protection | None
    conjoint: Conjoint | None
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
        conjoint=CONJOINTS,
    )
    return Personne(
        dossier=as_of(dossier, on=passage.on),
        coordonnees=dossier.coordonnees,
        nir=dossier.nir,
        protection=getattr(dossier, "protection", None),
        conjoint=getattr(dossier, "conjoint", None),
        aidants=list_aidants(passage, dossier=dossier),
    )


def list_aidants(passage: Passage, *, dossier: Dossier) -> list[Aidant]:
    """List the relatives who help, by name."""
    return list(AIDANTS.rows(passage).filter(dossier=dossier).order_by("nom", "pk"))


def read_aidant(passage: Passage, *, dossier_id: UUID, pk: UUID) -> Aidant:
    """Give one relative of a file; refused as absent when they are another's."""
    return AIDANTS.get(passage, pk=pk, dossier_id=dossier_id)


def find_conjoint(
    passage: Passage, *, dossier: Dossier, action: Action = Action.READ
) -> Conjoint | None:
    """Give who the person lives in a couple with, if anybody."""
    return CONJOINTS.rows(passage, action=action).filter(dossier=dossier).order_by("pk").first()


def find_succession(passage: Passage, *, dossier: Dossier) -> Succession | None:
    """Give to whom the letters of an estate go, if it is known."""
    return SUCCESSIONS.rows(passage).filter(dossier=dossier).order_by("pk").first()
