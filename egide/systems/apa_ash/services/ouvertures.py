"""Insert files and requests with what comes with them; parts of acts, never acts alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.refus import is_id_taken
from egide.rules.apa import delais
from egide.systems.apa_ash.models import (
    Conjoint,
    Coordonnees,
    Demande,
    Dossier,
    Identite,
    Nir,
    Piece,
)
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.nir import read_nir
from egide.systems.apa_ash.policy import (
    CONJOINTS,
    COORDONNEES,
    DEMANDES,
    DOSSIERS,
    IDENTITES,
    NIRS,
    PIECES,
)
from egide.systems.apa_ash.saisie import DemandeSaisie, Saisie


@dataclass(frozen=True, slots=True, kw_only=True)
class Ouverture:
    """A file to open: its id, its number, its service, and what was said of the person."""

    pk: UUID
    numero: str
    service_id: UUID
    saisie: Saisie


def open_dossiers(passage: Passage, *, ouvertures: Sequence[Ouverture]) -> list[Dossier]:
    """Insert files with their volets, in as many statements for a thousand as for one.

    Part of an act that has checked what they hold.
    """
    try:
        dossiers = DOSSIERS.create_many(passage, [_dossier(passage, o) for o in ouvertures])
    except IntegrityError as error:
        if not is_id_taken(error):
            raise
        # An id that exists where this agent does not see: said as if it did not.
        raise Refused("créer un dossier", targets=[str(o.pk) for o in ouvertures]) from error
    bound = [({"service_id": o.service_id, "dossier_id": o.pk}, o.saisie) for o in ouvertures]
    IDENTITES.create_many(passage, [Identite(**of, **s.etat_civil.columns()) for of, s in bound])
    COORDONNEES.create_many(passage, [Coordonnees(**of, **s.adresse.columns()) for of, s in bound])
    NIRS.create_many(passage, [_nir(s, of) for of, s in bound])
    CONJOINTS.create_many(
        passage, [Conjoint(**of, **s.conjoint.columns()) for of, s in bound if s.conjoint]
    )
    insert_demandes(passage, [(demande_of(s, **of), s.pieces) for of, s in bound])
    return dossiers


def insert_demandes(
    passage: Passage, demandes: Sequence[tuple[Demande, Mapping[str, date | None]]]
) -> list[Demande]:
    """Insert requests with the pieces expected with each, in two statements."""
    inserted = DEMANDES.create_many(passage, [demande for demande, _ in demandes])
    PIECES.create_many(
        passage,
        [
            Piece(
                service_id=demande.service_id,
                dossier_id=demande.dossier_id,
                demande=demande,
                code=code,
                recue_on=received,
            )
            for demande, (_, pieces) in zip(inserted, demandes, strict=True)
            for code, received in pieces.items()
        ],
    )
    return inserted


def _dossier(passage: Passage, ouverture: Ouverture) -> Dossier:
    saisie = ouverture.saisie
    return Dossier(
        pk=ouverture.pk,
        service_id=ouverture.service_id,
        numero=ouverture.numero,
        ouvert_on=saisie.recue_on,
        dernier_contact_on=saisie.recue_on,
        **begins(passage, recue_on=saisie.recue_on),
    )


def begins(passage: Passage, *, recue_on: date) -> dict[str, Any]:
    """Give what a file is once a request was received: its state, its clock, who follows it."""
    return {
        "etat": Etat.RECU,
        "echeance": Echeance.ACCUSE,
        "echeance_on": delais.accuse_avant(recue_on),
        "instructeur_id": passage.agent.pk,
        "departement_secours": passage.agent.organisme.departement,
    }


def _nir(saisie: Saisie, of: Mapping[str, UUID]) -> Nir:
    lecture = read_nir(saisie.nir)
    return Nir(**of, nir=lecture.nir, statut=lecture.statut)


def demande_of(saisie: DemandeSaisie, **of: UUID) -> Demande:
    """Give the row of a request as it was typed, for the keys of its file."""
    return Demande(
        **of,
        nature=saisie.nature,
        canal=saisie.canal,
        recue_on=saisie.recue_on,
        residence_stable=saisie.residence_stable,
        urgence_attestee_par=saisie.urgence_attestee_par,
        reference_externe=saisie.reference_externe,
    )
