"""Take in a file of requests, whole or not at all, and once."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import act
from egide.systems.apa_ash import nir
from egide.systems.apa_ash.fichiers.defauts import Defaut, FichierRefuse
from egide.systems.apa_ash.models import Dossier, Import
from egide.systems.apa_ash.models.controle import NatureImport
from egide.systems.apa_ash.queries.imports import known_persons, known_references
from egide.systems.apa_ash.saisie import Saisie
from egide.systems.apa_ash.services.fichiers import check_new, keep_import
from egide.systems.apa_ash.services.numeros import allot_numeros
from egide.systems.apa_ash.services.ouvertures import Ouverture, open_dossiers


@dataclass(frozen=True, slots=True)
class LigneLue:
    """A request that was read, with the line where it starts."""

    ligne: int
    saisie: Saisie


def doubts(lignes: Sequence[LigneLue]) -> list[tuple[int, str]]:
    """Tell, by line, where a NIR and the civil status differ; it never repeats the number."""
    return [
        (lue.ligne, warning)
        for lue in lignes
        if lue.saisie.nir
        for warning in nir.warnings(
            nir.read_nir(lue.saisie.nir).nir,
            sexe=lue.saisie.etat_civil.sexe,
            naissance_on=lue.saisie.etat_civil.naissance_on,
        )
    ]


@act("importer des demandes")
def import_demandes(
    passage: Passage, *, service_id: UUID, contenu: bytes, lignes: Sequence[LigneLue]
) -> tuple[Import, list[Dossier]]:
    """Open a file for each request; refused whole when one of them is known already."""
    empreinte = check_new(passage, service_id=service_id, contenu=contenu)
    if defects := [*_repeated(lignes), *_known(passage, service_id, lignes)]:
        raise FichierRefuse(*defects)
    taken = keep_import(
        passage,
        service_id=service_id,
        nature=NatureImport.DEMANDES,
        empreinte=empreinte,
        lignes=len(lignes),
    )
    numeros = allot_numeros(passage, count=len(lignes))
    dossiers = open_dossiers(
        passage,
        ouvertures=[
            Ouverture(pk=uuid.uuid4(), numero=numero, service_id=service_id, saisie=ligne.saisie)
            for numero, ligne in zip(numeros, lignes, strict=True)
        ],
    )
    return taken, dossiers


def _repeated(lignes: Sequence[LigneLue]) -> Iterator[Defaut]:
    """Tell requests and persons that the file gives twice."""
    references: dict[str, int] = {}
    persons: dict[tuple[str, object], int] = {}
    for lue in lignes:
        reference, civil = lue.saisie.reference_externe, lue.saisie.etat_civil
        first = references.setdefault(reference, lue.ligne)
        if first != lue.ligne:
            yield Defaut(lue.ligne, "reference", f"une autre que celle ligne {first}", reference)
        key = (str(civil.columns()["naissance_normalisee"]), civil.naissance_on)
        first = persons.setdefault(key, lue.ligne)
        if first != lue.ligne:
            yield Defaut(
                lue.ligne, "nom_naissance", f"une autre que ligne {first}", "la même personne"
            )


def _known(passage: Passage, service_id: UUID, lignes: Sequence[LigneLue]) -> Iterator[Defaut]:
    """Tell requests already registered, and persons who already have a file."""
    references = known_references(
        passage,
        service_id=service_id,
        references=[lue.saisie.reference_externe for lue in lignes],
    )
    persons = known_persons(passage, persons=[lue.saisie.etat_civil for lue in lignes])
    for lue in lignes:
        reference, civil = lue.saisie.reference_externe, lue.saisie.etat_civil
        if reference in references:
            yield Defaut(lue.ligne, "reference", "une demande pas encore enregistrée", reference)
        for name in civil.searched():
            if known := persons.get((name, civil.naissance_on)):
                yield Defaut(
                    lue.ligne,
                    "nom_naissance",
                    "une personne sans dossier\u00a0; sinon, saisissez sa demande à l’écran",
                    f"une personne qui a déjà le dossier n° {known}",
                )
                break
