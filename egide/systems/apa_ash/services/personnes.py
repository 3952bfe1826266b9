"""Keep who the person is, where they live and who stands beside them up to date."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse, refusing
from egide.systems.apa_ash.models import Aidant, Conjoint, Coordonnees, Identite, Nir, Protection
from egide.systems.apa_ash.models.personne import SourceNir, StatutNir
from egide.systems.apa_ash.nir import read_nir
from egide.systems.apa_ash.policy import (
    AIDANTS,
    CONJOINTS,
    COORDONNEES,
    IDENTITES,
    NIRS,
    PROTECTIONS,
    RELAIS,
)
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.personnes import find_conjoint
from egide.systems.apa_ash.saisie import Adresse, EtatCivil, EtatConjoint


class RienAVerifier(ActeRefuse):
    """There is no number to verify."""


class VerificationSansSource(ActeRefuse):
    """A number is certified by one of the three sources of the CNIL's opinion, never by itself."""


class VerificationFuture(ActeRefuse):
    """A verification cannot be dated after today."""


class NirDejaCertifie(ActeRefuse):
    """A certified number is that of one file of the organisme."""

    message = "Ce NIR est déjà certifié pour un autre dossier du département."


class AidantAvecRelais(ActeRefuse):
    """A relay was asked for while this carer was in hospital: who they are explains it."""

    message = (
        "Une hospitalisation de cet aidant est au dossier\u00a0: il ne peut plus en être retiré."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandataire:
    """A legal protection and who exercises it (R. 232-41, 1° g)."""

    mesure: str
    nom: str
    adresse: str = ""
    telephone: str = ""


@act("modifier l’identité")
def update_identite(passage: Passage, *, dossier_id: UUID, etat_civil: EtatCivil) -> Identite:
    """Correct the civil status of a person."""
    row = IDENTITES.get(passage, dossier_id=dossier_id, action=Action.WRITE, lock=True)
    IDENTITES.update(passage, row, **etat_civil.columns())
    return row


@act("modifier les coordonnées")
def update_coordonnees(passage: Passage, *, dossier_id: UUID, adresse: Adresse) -> Coordonnees:
    """Change where the person lives and can be reached."""
    row = COORDONNEES.get(passage, dossier_id=dossier_id, action=Action.WRITE, lock=True)
    COORDONNEES.update(passage, row, **adresse.columns())
    return row


@act("déclarer le NIR")
def declare_nir(passage: Passage, *, dossier_id: UUID, nir: str) -> Nir:
    """Record a number as supplied; a former one is kept, and any certification falls with it."""
    row = NIRS.get(passage, dossier_id=dossier_id, action=Action.WRITE, lock=True)
    lecture = read_nir(nir)
    if lecture.nir == row.nir:
        return row
    former = [*row.anciens, row.nir] if row.nir and row.nir not in row.anciens else row.anciens
    NIRS.update(
        passage,
        row,
        nir=lecture.nir,
        statut=lecture.statut,
        anciens=former,
        verifie_on=None,
        verifie_aupres=SourceNir.AUCUNE,
    )
    return row


@act("vérifier le NIR")
def verify_nir(passage: Passage, *, dossier_id: UUID, source: str, on: date, conforme: bool) -> Nir:
    """Record what the SNGI, the RNCPS or the carte Vitale answered (R. 232-42)."""
    row = NIRS.get(passage, dossier_id=dossier_id, action=Action.WRITE, lock=True)
    if not row.nir:
        raise RienAVerifier("Aucun numéro n’est enregistré : déclarez-le d’abord.")
    if source not in {SourceNir.SNGI, SourceNir.RNCPS, SourceNir.VITALE}:
        raise VerificationSansSource("Choisissez la source consultée : SNGI, RNCPS ou Vitale.")
    if on > passage.on:
        raise VerificationFuture("La date de vérification est dans l’avenir.")
    statut = StatutNir.CERTIFIE if conforme else StatutNir.REJETE
    with refusing("nir_certified_once", NirDejaCertifie()):
        NIRS.update(passage, row, statut=statut, verifie_on=on, verifie_aupres=source)
    return row


@act("modifier la protection juridique")
def set_protection(
    passage: Passage, *, dossier_id: UUID, mandataire: Mandataire | None
) -> Protection | None:
    """Record the measure of a person and its holder, or that there is none any more."""
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    rows = PROTECTIONS.rows(passage, action=Action.WRITE).filter(dossier=dossier)
    row = rows.order_by("pk").first()
    if mandataire is None:
        if row is not None:
            PROTECTIONS.delete(passage, row)
        return row
    columns = {
        "mesure": mandataire.mesure,
        "nom": mandataire.nom,
        "adresse": mandataire.adresse,
        "telephone": mandataire.telephone,
    }
    if row is None:
        return PROTECTIONS.create(
            passage, service_id=dossier.service_id, dossier_id=dossier.pk, **columns
        )
    PROTECTIONS.update(passage, row, **columns)
    return row


@act("modifier le conjoint")
def set_conjoint(
    passage: Passage, *, dossier_id: UUID, conjoint: EtatConjoint | None
) -> Conjoint | None:
    """Record who the person lives in a couple with, or that they live alone from now on.

    What is counted does not move by itself: the resources are to be established again.
    """
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE, lock=True)
    row = find_conjoint(passage, dossier=dossier, action=Action.WRITE)
    if conjoint is None:
        if row is not None:
            CONJOINTS.delete(passage, row)
        return row
    if row is None:
        return CONJOINTS.create(
            passage,
            service_id=dossier.service_id,
            dossier_id=dossier.pk,
            **conjoint.columns(),
        )
    CONJOINTS.update(passage, row, **conjoint.columns())
    return row


@act("ajouter un aidant")
def add_aidant(
    passage: Passage,
    *,
    jeton: UUID,
    dossier_id: UUID,
    nom: str,
    lien: str,
    telephone: str = "",
    adresse: str = "",
    indispensable: bool = False,
) -> Aidant:
    """Record a relative who helps; a replayed form adds nobody twice."""
    dossier = open_dossier(passage, dossier_id, action=Action.WRITE)
    known = AIDANTS.rows(passage).filter(pk=jeton, dossier=dossier).order_by("pk").first()
    if known is not None:
        return known
    return AIDANTS.create(
        passage,
        pk=jeton,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        nom=nom,
        lien=lien,
        telephone=telephone,
        adresse=adresse,
        indispensable=indispensable,
    )


@act("modifier un aidant")
def update_aidant(
    passage: Passage,
    *,
    dossier_id: UUID,
    pk: UUID,
    nom: str,
    lien: str,
    telephone: str = "",
    adresse: str = "",
    indispensable: bool = False,
) -> Aidant:
    """Correct who a relative is and how to reach them."""
    row = AIDANTS.get(passage, pk=pk, dossier_id=dossier_id, action=Action.WRITE, lock=True)
    AIDANTS.update(
        passage,
        row,
        nom=nom,
        lien=lien,
        telephone=telephone,
        adresse=adresse,
        indispensable=indispensable,
    )
    return row


@act("retirer un aidant")
def remove_aidant(passage: Passage, *, dossier_id: UUID, pk: UUID) -> Aidant:
    """Take away a relative who no longer helps."""
    row = AIDANTS.get(passage, pk=pk, dossier_id=dossier_id, action=Action.WRITE)
    if RELAIS.rows(passage).filter(aidant=row).exists():
        raise AidantAvecRelais
    AIDANTS.delete(passage, row)
    return row
