"""The other files of a person in the organisme: their numbers and services, told by the owner."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Dossier, ProjetDecision
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import NIRS

OPENING = frozenset({NatureDecision.ACCORD, NatureDecision.URGENCE, NatureDecision.FORFAIT_TACITE})


class Ailleurs(NamedTuple):
    """What is told of a file that the agent may not see."""

    numero: str
    service: str


def files_of_same_person(
    dossier_id: UUID, *, nir: str, noms: Iterable[str] = (), naissance_on: date | None = None
) -> list[Ailleurs]:
    """List the other files with this number, or this name and day of birth; the trail says so.

    PostgreSQL answers for the organisme of the passage in force.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT numero, service FROM access.files_of_same_person(%s, %s, %s::text[], %s)",
            [dossier_id, nir, sorted(noms), naissance_on],
        )
        return [Ailleurs(*row) for row in cursor.fetchall()]


def list_doublons(passage: Passage, *, dossier: Dossier) -> list[Ailleurs]:
    """List the other files of the person of a file, opened with its `identite`."""
    identite = dossier.identite
    return files_of_same_person(
        dossier.pk,
        nir=NIRS.get(passage, dossier_id=dossier.pk).nir,
        noms={identite.nom_normalise, identite.naissance_normalisee},
        naissance_on=identite.naissance_on,
    )


def list_same_nir(passage: Passage, *, dossier_id: UUID) -> list[Ailleurs]:
    """List the other files with the number of a file."""
    nir = NIRS.get(passage, dossier_id=dossier_id).nir
    return files_of_same_person(dossier_id, nir=nir)


def name_files(files: Iterable[Ailleurs]) -> str:
    """Name files that cannot be opened from here: « n° 26-00012, service Nord »."""
    return "\u00a0; ".join(f"n° {file.numero}, service {file.service}" for file in files)


def name_doublons(passage: Passage, projet: ProjetDecision, *, dossier: Dossier) -> str:
    """Name the other files of a person to whom a right would be opened: the APA is granted once.

    Asked when it is to be signed, outside the act: the question leaves its line in the trail.
    """
    if projet.nature not in OPENING:
        return ""
    return name_files(list_doublons(passage, dossier=dossier))
