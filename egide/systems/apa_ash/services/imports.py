"""Take in a file of requests, whole or not at all, and once."""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash import nir
from egide.systems.apa_ash.models import Dossier, Import
from egide.systems.apa_ash.models.controle import NatureImport
from egide.systems.apa_ash.policy import IMPORTS
from egide.systems.apa_ash.queries.imports import known_persons, known_references
from egide.systems.apa_ash.saisie import Saisie
from egide.systems.apa_ash.services.demandes import Ouverture, open_dossiers
from egide.systems.apa_ash.services.numeros import allot_numeros

NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Defaut:
    """What is wrong in a file: where, what was found, what was expected."""

    ligne: int
    colonne: str
    trouve: str
    attendu: str


class FichierRefuse(ActeRefuse):
    """The file has defects: nothing of it is taken."""

    def __init__(self, defauts: Sequence[Defaut]) -> None:
        """Keep the defects."""
        super().__init__("Le fichier a des défauts : rien n’est importé.")
        self.defauts = tuple(defauts)


class DejaImporte(ActeRefuse):
    """This very file was taken in before: nothing changes."""

    def __init__(self, connu: Import | None) -> None:
        """Keep the first import."""
        super().__init__("Ce fichier a déjà été importé : rien n’a changé.")
        self.connu = connu


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
    passage: Passage, *, service_id: UUID, nom: str, contenu: bytes, lignes: Sequence[LigneLue]
) -> tuple[Import, list[Dossier]]:
    """Open a file for each request; refused whole when one of them is known already."""
    empreinte = hashlib.sha256(contenu).hexdigest()
    rows = IMPORTS.rows(passage).filter(service_id=service_id, empreinte=empreinte)
    known = rows.order_by("pk").first()
    if known is not None:
        raise DejaImporte(known)
    if defects := [*_repeated(lignes), *_known(passage, service_id, lignes)]:
        raise FichierRefuse(sorted(defects, key=lambda d: (d.ligne, d.colonne)))
    taken = _take(passage, service_id=service_id, nom=nom, empreinte=empreinte, count=len(lignes))
    numeros = allot_numeros(passage, count=len(lignes))
    dossiers = open_dossiers(
        passage,
        ouvertures=[
            Ouverture(pk=uuid.uuid4(), numero=numero, service_id=service_id, saisie=ligne.saisie)
            for numero, ligne in zip(numeros, lignes, strict=True)
        ],
    )
    return taken, dossiers


def _take(passage: Passage, *, service_id: UUID, nom: str, empreinte: str, count: int) -> Import:
    try:
        with transaction.atomic():
            return IMPORTS.create(
                passage,
                service_id=service_id,
                nature=NatureImport.DEMANDES,
                nom_fichier=nom[:NAME_LENGTH],
                empreinte=empreinte,
                lignes=count,
                importe_on=passage.on,
                importe_par_id=passage.agent.pk,
            )
    except IntegrityError as error:  # the same file, at the same moment
        raise DejaImporte(None) from error


def _repeated(lignes: Sequence[LigneLue]) -> Iterator[Defaut]:
    """Tell requests and persons that the file gives twice."""
    references: dict[str, int] = {}
    persons: dict[tuple[str, object], int] = {}
    for lue in lignes:
        reference, civil = lue.saisie.reference_externe, lue.saisie.etat_civil
        first = references.setdefault(reference, lue.ligne)
        if first != lue.ligne:
            yield Defaut(lue.ligne, "reference", reference, f"une autre que celle ligne {first}")
        key = (str(civil.columns()["nom_normalise"]), civil.naissance_on)
        first = persons.setdefault(key, lue.ligne)
        if first != lue.ligne:
            yield Defaut(
                lue.ligne, "nom_naissance", "la même personne", f"une autre que ligne {first}"
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
            yield Defaut(lue.ligne, "reference", reference, "une demande pas encore enregistrée")
        for name in civil.searched():
            if (name, civil.naissance_on) in persons:
                yield Defaut(
                    lue.ligne,
                    "nom_naissance",
                    "une personne qui a déjà un dossier",
                    "une personne sans dossier ; sinon, saisissez la demande à l’écran",
                )
                break
