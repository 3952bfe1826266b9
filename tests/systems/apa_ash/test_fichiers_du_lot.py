"""The files of a run that PostgreSQL writes again, byte by byte, before it keeps them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.fichiers.jours_bancaires import prochain_jour_bancaire
from egide.systems.apa_ash.fichiers.virements import COLONNES, Debiteur, write_csv, write_sepa
from egide.systems.apa_ash.models.paiement import FormatFichier
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.services import emission
from egide.systems.apa_ash.services.lot_refus import PrestataireModifie
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import IBAN, payable, prestataire

MOIS = today().replace(day=1)
PAYER = Debiteur(
    "Département de l’Ain", IBAN, execution_on=prochain_jour_bancaire(today()), emis_on=today()
)
NAMES = [
    "Jeanne Lefèvre",
    'Le "Clos" ; fils',
    "=SOMME(A1)",
    "-Dupont",
    "+33",
    "@ici",
    "\tTabulation",
    "\rRetour",
    "Deux\r\nlignes",
    "Trois\nlignes",
    "O’Brien-d'Arc & <fils>",
    "Œuvre Ægir Straße cœur æther",
    "Łódź ﬁn ① ² ½ ǅ",
    "Ωμέγα",
    "日本 Tanaka 👩 Anne",
    "Nom\u00a0insécable   et double ",
    "x" * 69 + " suite",
    "é" * 150,
    "Y" * 70,
]


@pytest.fixture
def run(team):
    """A validated run: a name in each file, arrears, a service, an invoice, what is withheld."""
    lot = m.LotPaiement.objects.create(
        service=team.nord,
        mois=MOIS,
        etat="valide",
        prepare_par=team.paul,
        prepare_on=today(),
        valide_par=team.remi,
        valide_on=today(),
    )
    files = [payable(team.nord, start=previous_month(MOIS), nom="N") for _ in NAMES]

    def line(dossier, titulaire, iban, montant="500.10", mois=MOIS, **more):
        m.Paiement.objects.create(
            service=team.nord,
            lot=lot,
            dossier=dossier,
            droit=m.Droit.objects.get(dossier=dossier),
            titulaire=titulaire,
            iban=iban,
            mois_du=mois,
            montant_brut=montant,
            **more,
        )

    for number, (dossier, name) in enumerate(zip(files, NAMES, strict=True)):
        line(dossier, name, f"FR76{number:023d}")
    first, other, third = files[:3]
    services = [prestataire(team.departement, nom=f"Aide « {n} »", iban=IBAN) for n in "ab"]
    for service in services[::-1]:
        line(first, service.nom, service.iban, prestataire=service, retenue=Decimal("0.10"))
        line(other, service.nom, service.iban, prestataire=service, mois=previous_month(MOIS))
    line(other, NAMES[1], f"FR76{1:023d}", mois=previous_month(MOIS), retenue=Decimal(100))
    line(third, "Retenue entière", "FR00", "80", mois=previous_month(MOIS), retenue=Decimal(80))
    line(third, "Écartée", "FR01", "80", mois=previous_month(MOIS, back=2), ecarte=True,
         examen="x", examine_par=team.remi)  # fmt: skip
    right = m.Droit.objects.get(dossier=third)
    aide = m.AidePonctuelle.objects.create(
        service=team.nord, dossier=third, plan=right.decision.plan, nature="repit", objet="x",
        montant=100,
    )  # fmt: skip
    paid = m.Facture.objects.create(
        service=team.nord, dossier=third, aide=aide, droit=right, reference="T", depense_on=today(),
        montant=50, retenu=50, taux_participation=0, a_verser=50, saisie_on=today(),
        saisie_par=team.carole,
    )  # fmt: skip
    line(third, services[0].nom, services[0].iban, "50", prestataire=services[0], facture=paid)
    return lot


def test_postgresql_writes_the_bytes_that_the_act_writes(team, run, entering):
    with entering(team.remi, PAIEMENT) as passage:
        lines = emission._virements(passage, run.pk)
        emission._keep(passage, run, FormatFichier.CSV, write_csv(lines, lot_id=run.pk))
        emission._keep_sepa(passage, run, lines, debiteur=PAYER)
    assert len(lines) == len(NAMES) + 7
    table, sepa = (bytes(f.contenu) for f in m.FichierPaiement.objects.order_by("forme"))
    assert table.startswith("\ufeff".encode() + ";".join(COLONNES).encode() + b"\r\n")
    assert b"<Nm />" in sepa
    assert b"MENSUEL ET FACTURES BORDEREAU" in sepa
    assert sepa.count(b"<CdtTrfTxInf>") == len(NAMES) + 2


def test_a_run_that_withholds_everything_makes_no_transfer(team, run, entering):
    m.Paiement.objects.filter(lot=run).exclude(titulaire="Retenue entière").delete()
    with entering(team.remi, PAIEMENT) as passage:
        lines = emission._virements(passage, run.pk)
        emission._keep_sepa(passage, run, lines, debiteur=PAYER)
    assert b"<NbOfTxs>0</NbOfTxs><CtrlSum>0.00</CtrlSum>" in bytes(
        m.FichierPaiement.objects.get().contenu
    )


FILED = (
    "INSERT INTO apa_ash_fichierpaiement (id, service_id, lot_id, forme, nom, empreinte, contenu)"
    " SELECT gen_random_uuid(), %s, %s, %s, 'x', encode(sha256(b.told), 'hex'), b.told"
    " FROM (SELECT %s::bytea AS told) b"
)
FORGED = {
    "a row behind a line feed": ("csv", b"\r\n", b"\r\nx;x;x;x;x;x;FR00;9;0;9\n"),
    "another name": ("csv", b"Jeanne Lef\xc3\xa8vre", b"Paul"),
    "another kind": ("csv", b";service;", b";personne;"),
    "another run": ("csv", b"\r\n", b"\r\nx"),
    "a tag with a space": ("sepa", b"<CdtTrfTxInf>", b"<CdtTrfTxInf >"),
    "transfers in a comment": ("sepa", b"<CdtTrfTxInf>", b"<!-- x --><CdtTrfTxInf>"),
    "a processing instruction": ("sepa", b"<GrpHdr>", b"<?x?><GrpHdr>"),
    "another amount": ("sepa", b"500.10<", b"999.10<"),
    "another sum": ("sepa", b"<CtrlSum>", b"<CtrlSum>1"),
    "another account": ("sepa", b"<IBAN>FR76", b"<IBAN>FR00"),
    "another name of a payee": ("sepa", b"<Nm>DUPONT</Nm>", b"<Nm>PAUL</Nm>"),
    "no account of the payer": ("sepa", f"<IBAN>{IBAN}</IBAN>".encode(), b"<IBAN></IBAN>"),
    "bytes that are no text": ("sepa", b"<GrpHdr>", b"\xff\\<GrpHdr>"),
    "something after the end": ("sepa", b"</Document>", b"</Document>\n"),
}


def test_postgresql_keeps_no_file_but_the_one_that_the_lines_give(team, run, entering):
    with entering(team.remi, PAIEMENT) as passage:
        lines = emission._virements(passage, run.pk)
        honest = {
            "csv": write_csv(lines, lot_id=run.pk),
            "sepa": write_sepa(lines, lot_id=run.pk, debiteur=PAYER),
        }
        for what, (forme, old, new) in FORGED.items():
            forged = honest[forme].replace(old, new, 1)
            assert forged != honest[forme], what
            values = [team.nord.pk, run.pk, forme, forged]
            with (
                pytest.raises(IntegrityError, match="that it pays"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(FILED, values)


def test_a_siret_corrected_while_the_file_is_written_is_told(team, run, entering, monkeypatch):
    monkeypatch.setattr(emission, "check_up_to_date", lambda *_: None)
    with entering(team.remi, PAIEMENT) as passage:
        lines = emission._virements(passage, run.pk)
    stale = [replace(line, siret=line.siret and "73282932000074") for line in lines]
    monkeypatch.setattr(emission, "_virements", lambda *_: stale)
    with entering(team.remi, PAIEMENT) as passage, pytest.raises(PrestataireModifie):
        emission.issue_lot(passage, lot_id=run.pk, iban_debiteur="", execution_on=today())
    assert not m.FichierPaiement.objects.exists()
