"""What an import must know: files taken in before, requests and persons known."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Import
from egide.systems.apa_ash.models.controle import NatureImport
from egide.systems.apa_ash.policy import DEMANDES, DOSSIERS, IDENTITES, IMPORTS
from egide.systems.apa_ash.queries.dossiers import called
from egide.systems.apa_ash.saisie import EtatCivil

OF_DEMANDES = frozenset({NatureImport.DEMANDES})
OF_RELEVES = frozenset({NatureImport.HEURES, NatureImport.FACTURES})


def list_imports(
    passage: Passage, *, natures: Collection[NatureImport], limit: int = 30
) -> list[Import]:
    """List the last files taken in, the most recent first."""
    rows = IMPORTS.rows(passage).filter(nature__in=sorted(natures))
    return list(rows.order_by("-importe_on", "-pk")[:limit])


def known_references(passage: Passage, *, service_id: UUID, references: Iterable[str]) -> set[str]:
    """Give the references of a sender that are registered already."""
    rows = DEMANDES.rows(passage).filter(
        service_id=service_id, reference_externe__in=sorted(set(references))
    )
    return {row.reference_externe for row in rows.order_by("pk")}


def known_persons(passage: Passage, *, persons: Iterable[EtatCivil]) -> dict[tuple[str, date], str]:
    """Give the names and days of birth, among these, that a file bears, with its number."""
    wanted = list(persons)
    names = sorted(set().union(*(person.searched() for person in wanted)))
    days = sorted({person.naissance_on for person in wanted})
    rows = IDENTITES.rows(passage, dossier=DOSSIERS)
    rows = rows.filter(called(names), naissance_on__in=days)
    return {
        (name, row.naissance_on): row.dossier.numero
        for row in rows.order_by("-dossier__numero", "pk")
        for name in (row.nom_normalise, row.naissance_normalisee)
    }
