"""Issue the file of a validated run, once, and keep its bytes as they left."""

import hashlib
from datetime import date, timedelta
from uuid import UUID

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import refusing
from egide.rules.apa.controle import jours_pour_executer
from egide.systems.apa_ash.fichiers.jours_bancaires import is_jour_bancaire, prochain_jour_bancaire
from egide.systems.apa_ash.fichiers.verification import same_csv, same_sepa
from egide.systems.apa_ash.fichiers.virements import Debiteur, Virement, write_csv, write_sepa
from egide.systems.apa_ash.models import FichierPaiement, LotPaiement
from egide.systems.apa_ash.models.paiement import EtatLot, FormatFichier
from egide.systems.apa_ash.policy import (
    DOSSIERS,
    FICHIERS,
    LOTS,
    PAIEMENTS,
    PRESTATAIRES,
)
from egide.systems.apa_ash.queries.factures import hold_emission
from egide.systems.apa_ash.services.lot import check_up_to_date
from egide.systems.apa_ash.services.lot_refus import (
    BankClosed,
    ExecutionLointaine,
    ExecutionPast,
    FichierAltere,
    IssuedByPreparer,
    PrestataireModifie,
    SepaAlreadyThere,
    WrongState,
)


@act("émettre le fichier de paiement")
def issue_lot(
    passage: Passage, *, lot_id: UUID, iban_debiteur: str, execution_on: date
) -> LotPaiement:
    """Write the files of a validated run; with the payer's account, SEPA transfers as well."""
    lot = LOTS.get(passage, pk=lot_id, action=Action.WRITE, lock=True)
    if lot.etat != EtatLot.VALIDE:
        raise WrongState
    if lot.prepare_par_id == passage.agent.pk:
        raise IssuedByPreparer
    hold_emission(lot.service_id)
    check_up_to_date(passage, lot)
    virements = _virements(passage, lot.pk)
    _keep(passage, lot, FormatFichier.CSV, write_csv(virements, lot_id=lot.pk))
    if iban_debiteur:
        debiteur = _debiteur(passage, iban=iban_debiteur, on=execution_on)
        _keep_sepa(passage, lot, virements, debiteur=debiteur)
    PAIEMENTS.rows(passage, action=Action.WRITE).filter(lot_id=lot.pk, ecarte=False).update(
        verse_on=passage.on
    )
    LOTS.update(passage, lot, etat=EtatLot.EMIS, emis_on=passage.on)
    return lot


def _debiteur(passage: Passage, *, iban: str, on: date) -> Debiteur:
    return Debiteur(passage.agent.organisme.nom, iban, execution_on=on, emis_on=passage.on)


@act("émettre le fichier de virements")
def issue_sepa(
    passage: Passage, *, lot_id: UUID, iban_debiteur: str, execution_on: date
) -> LotPaiement:
    """Write the transfers of a run issued without them: the lines are those that were paid."""
    lot = LOTS.get(passage, pk=lot_id, action=Action.WRITE, lock=True)
    if lot.etat != EtatLot.EMIS:
        raise WrongState
    if lot.prepare_par_id == passage.agent.pk:
        raise IssuedByPreparer
    if FICHIERS.rows(passage).filter(lot=lot, forme=FormatFichier.SEPA).exists():
        raise SepaAlreadyThere
    debiteur = _debiteur(passage, iban=iban_debiteur, on=execution_on)
    _keep_sepa(passage, lot, _virements(passage, lot.pk), debiteur=debiteur)
    return lot


@act("télécharger le fichier de paiement")
def download_fichier(passage: Passage, *, fichier_id: UUID) -> FichierPaiement:
    """Give a file as it was issued; the trail names every person whose account it holds.

    It is compared with the frozen lines: a file that says anything else goes to no bank.
    """
    fichier = FICHIERS.get(passage, pk=fichier_id)
    contenu = bytes(fichier.contenu)
    same = same_csv if fichier.forme == FormatFichier.CSV else same_sepa
    virements = _virements(passage, fichier.lot_id)
    if hashlib.sha256(contenu).hexdigest() != fichier.empreinte or not same(
        contenu, virements=virements, lot_id=fichier.lot_id
    ):
        raise FichierAltere
    return fichier


@act("refuser un fichier de paiement altéré")
def report_fichier(passage: Passage, *, fichier_id: UUID) -> FichierPaiement:
    """Leave in the trail that a file was withheld because its lines say something else."""
    return FICHIERS.get(passage, pk=fichier_id)


def _virements(passage: Passage, lot_id: UUID) -> list[Virement]:
    # The accounts are those of the lines: what the second agent validated, nothing entered since.
    lines = (
        PAIEMENTS.rows(passage, dossier=DOSSIERS)
        .filter(lot_id=lot_id, ecarte=False)
        .order_by("dossier__numero", "mois_du", "prestataire_id", "facture_id")
    )
    sirets = {row["id"]: row["siret"] for row in PRESTATAIRES.rows(passage).values("id", "siret")}
    return [
        Virement(
            mois_du=line.mois_du,
            dossier=line.dossier.numero,
            beneficiaire=line.titulaire,
            siret=sirets[line.prestataire_id] if line.prestataire_id else "",
            iban=line.iban,
            montant_brut=line.montant_brut,
            retenue=line.retenue,
            sur_facture=line.facture_id is not None,
        )
        for line in lines
    ]


def _keep_sepa(
    passage: Passage, lot: LotPaiement, virements: list[Virement], *, debiteur: Debiteur
) -> None:
    check_execution(debiteur.execution_on, on=passage.on)
    message = write_sepa(virements, lot_id=lot.pk, debiteur=debiteur)
    _keep(passage, lot, FormatFichier.SEPA, message)


def check_execution(day: date, *, on: date) -> None:
    """Refuse a day that is past or far, or on which banks are closed: no file is written again."""
    if day < on:
        raise ExecutionPast
    if day > (last := on + timedelta(days=jours_pour_executer(on))):
        raise ExecutionLointaine(last)
    if not is_jour_bancaire(day):
        raise BankClosed(prochain_jour_bancaire(day))


def _keep(passage: Passage, lot: LotPaiement, forme: FormatFichier, contenu: bytes) -> None:
    suffix = {FormatFichier.CSV: "csv", FormatFichier.SEPA: "xml"}[forme]
    # The lines are frozen: of what a file says, the SIRET alone may have changed since it was read.
    with refusing("fichier_paiement_tells_its_lines", PrestataireModifie()):
        FICHIERS.create(
            passage,
            service_id=lot.service_id,
            lot_id=lot.pk,
            forme=forme,
            nom=f"apa-{lot.mois:%Y-%m}-{str(lot.pk)[:8]}.{suffix}",
            empreinte=hashlib.sha256(contenu).hexdigest(),
            contenu=contenu,
        )
