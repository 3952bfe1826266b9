"""What leaves of a run besides its table: the words of a transfer, the slip of a service."""

import csv
import io
import uuid
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa import versement
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.fichiers.bordereaux import RAPPEL
from egide.systems.apa_ash.fichiers.jours_bancaires import prochain_jour_bancaire
from egide.systems.apa_ash.fichiers.tableur import write_table
from egide.systems.apa_ash.fichiers.virements import (
    Debiteur,
    Virement,
    libelle,
    reference,
    write_sepa,
)
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.services import emission, lot, lot_examens
from egide.systems.apa_ash.services.bordereaux import write_slip
from egide.systems.apa_ash.services.lot_refus import WrongState
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import IBAN, payable, prestataire

PAYER = "FR7630001007941234567890185"
LOT = uuid.UUID("0123456789abcdef0123456789abcdef")
NS = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.03}"


def virement(mois, *, siret="", sur_facture=False):
    amounts = (Decimal(10), Decimal(0))
    return Virement(date(2026, mois, 1), "2026-00001", "Jeanne", siret, IBAN, *amounts, sur_facture)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([virement(11)], "APA 11/2026 MENSUEL"),
        ([virement(11), virement(9)], "APA 09/2026-11/2026 MENSUEL"),
        ([virement(11, sur_facture=True)], "APA 11/2026 FACTURES"),
        (
            [virement(11, siret="1"), virement(11, siret="1", sur_facture=True)],
            "APA 11/2026 MENSUEL ET FACTURES BORDEREAU 01234567",
        ),
    ],
)
def test_the_words_of_a_transfer_tell_months_and_kind_and_name_nobody(lines, told):
    assert libelle(lines, lot_id=LOT) == told


@pytest.mark.parametrize("letters", [69, 70, 71])
def test_a_name_in_a_message_has_seventy_signs_at_the_most(letters):
    line = Virement(
        date(2026, 11, 1), "2026-00001", "x" * letters, "", IBAN, Decimal(10), Decimal(0)
    )
    payer = Debiteur("y" * letters, PAYER, date(2026, 11, 10), date(2026, 11, 3))
    names = ET.fromstring(write_sepa([line], lot_id=LOT, debiteur=payer)).iter(f"{NS}Nm")
    assert {len(name.text) for name in names} == {min(letters, 70)}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_table_is_a_formula(sign):
    table = write_table(["a", "b", "c"], [[f"{sign}A1", Decimal("-1.5"), None]])
    text = table.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    assert row == {"a": f"'{sign}A1", "b": "-1.50", "c": ""}


def test_a_reference_is_that_of_the_payee_in_its_run():
    one = reference(LOT, nom="Jeanne", iban=IBAN)
    assert one == reference(LOT, nom="Jeanne", iban=IBAN)
    assert len(one) <= 35
    others = {
        reference(uuid.uuid4(), nom="Jeanne", iban=IBAN),
        reference(LOT, nom="Jean", iban=IBAN),
        reference(LOT, nom="Jeanne", iban=PAYER),
    }
    assert one not in others
    assert len(others) == 3


@pytest.fixture
def mois():
    return today().replace(day=1)


@pytest.fixture
def aide(team):
    return prestataire(team.departement, nom="=Aide à Domicile")


@pytest.fixture
def paid(team, entering, aide, mois):
    """An issued run that pays a service for one person, and the person for the rest."""
    dossier = payable(
        team.nord,
        start=mois,
        apa="100.01",
        lines=[(ModeAide.PRESTATAIRE, aide, 20, 25), (ModeAide.GRE_A_GRE, None, 10, 25)],
    )
    m.Prestation.objects.create(
        service=team.nord,
        dossier=dossier,
        prestataire=aide,
        mois=mois,
        heures_realisees=Decimal("18.50"),
    )
    with entering(team.paul, PAIEMENT) as passage:
        run = lot.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois)
    with entering(team.remi, PAIEMENT) as passage:
        lot.validate_lot(passage, lot_id=run.pk)
    return run


def issue(team, entering, run):
    with entering(team.remi, PAIEMENT) as passage:
        emission.issue_lot(
            passage,
            lot_id=run.pk,
            iban_debiteur=PAYER,
            execution_on=prochain_jour_bancaire(today()),
        )


def slip(team, entering, run, aide, *, who="paul"):
    with entering(team.agents[who], PAIEMENT) as passage:
        return write_slip(passage, lot_id=run.pk, prestataire_id=aide.pk)


def test_the_message_names_no_person_beside_a_service(team, entering, paid, aide):
    issue(team, entering, paid)
    sepa = bytes(m.FichierPaiement.objects.get(forme="sepa").contenu)
    tree = ET.fromstring(sepa)
    (written,) = tree.iter(f"{NS}CreDtTm")
    assert written.text == f"{today()}T00:00:00"  # the day of its issue, before its execution
    told = sorted(e.text for e in tree.iter(f"{NS}Ustrd"))
    assert [text.split()[2:3] for text in told] == [["MENSUEL"], ["MENSUEL"]]
    assert sum("BORDEREAU" in text for text in told) == 1
    dossier = m.Dossier.objects.get()
    assert dossier.numero.encode() not in sepa
    assert b"LEFEVRE" in sepa.upper()  # the person is named as the holder of her own account
    assert sepa.upper().count(b"LEFEVRE") == 1
    order = {tuple(c.tag.removeprefix(NS) for c in t) for t in tree.iter(f"{NS}CdtTrfTxInf")}
    assert order == {("PmtId", "Amt", "Cdtr", "CdtrAcct", "RmtInf")}  # as the schema wants them


def test_the_slip_tells_a_service_for_whom_it_is_paid(team, entering, paid, aide, mois):
    with pytest.raises(WrongState):
        slip(team, entering, paid, aide)
    issue(team, entering, paid)
    text = slip(team, entering, paid, aide).decode("utf-8-sig")
    row, total = csv.DictReader(io.StringIO(text), delimiter=";")
    dossier = m.Dossier.objects.get()
    assert row == {
        "dossier": dossier.numero,
        "personne": m.Identite.objects.get().nom_complet,
        "mois": f"{mois:%Y-%m}",
        "nature": "mensuel",
        "heures_declarees": "18.50",
        "montant_brut": "66.67",
        "retenue": "0.00",
        "montant": "66.67",
    }
    assert (total["dossier"], total["montant"]) == ("total", "66.67")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subjects FROM audit.trail WHERE verb = 'éditer le bordereau d’un service'"
        )
        assert cursor.fetchall() == [([dossier.pk],)]


def test_what_is_added_to_a_month_already_paid_is_told_apart(team, entering, paid, aide, mois):
    """Another run paid the month: the right has risen since, and the person advanced the rest."""
    issue(team, entering, paid)
    m.Droit.objects.update(apa=Decimal("400.00"), taux_participation=Decimal("0.1"))
    key = m.Dossier.objects.get().pk
    with entering(team.paul, PAIEMENT) as passage:
        said = {"service_id": team.nord.pk, "mois": versement.next_month(mois)}
        run = lot.prepare_lot(passage, lot_id=uuid.uuid4(), **said)
    with entering(team.paul, PAIEMENT) as passage:
        lot_examens.examine_dossier(
            passage,
            lot_id=run.pk,
            dossier_id=key,
            ecarter=False,
            motif="Droit révisé",
        )
    with entering(team.remi, PAIEMENT) as passage:
        lot.validate_lot(passage, lot_id=run.pk)
    issue(team, entering, run)
    for told, natures in ((run, [RAPPEL, "mensuel"]), (paid, ["mensuel"])):
        text = slip(team, entering, told, aide).decode("utf-8-sig")
        *rows, _ = csv.DictReader(io.StringIO(text), delimiter=";")
        assert [row["nature"] for row in rows] == natures
    # What never reached the account was not paid: nothing is added to it.
    m.Paiement.objects.filter(lot=paid).update(verse_on=None)
    text = slip(team, entering, run, aide).decode("utf-8-sig")
    assert RAPPEL not in text


def test_another_service_has_no_slip_and_another_agent_neither(team, entering, paid, aide):
    issue(team, entering, paid)
    other = prestataire(team.departement, nom="Autre")
    with pytest.raises(Refused):
        slip(team, entering, paid, other)
    for who in ("alice", "carole", "bruno"):
        with pytest.raises(Refused):
            slip(team, entering, paid, aide, who=who)


def test_the_run_leads_to_its_slips(client, team, entering, paid, aide):
    client.force_login(team.paul)
    listed = reverse("apa_ash:lot_bordereaux", args=[paid.pk])
    assert "Aucun bordereau" in client.get(listed).content.decode()
    issue(team, entering, paid)
    page = client.get(reverse("apa_ash:lot", args=[paid.pk])).content.decode()
    assert listed in page
    assert "Ce ne sont pas des flux PES" in page
    assert "=Aide à Domicile" in client.get(listed).content.decode()
    one = reverse("apa_ash:lot_bordereau", args=[paid.pk, aide.pk])
    assert client.get(one).status_code == 405
    answer = client.post(one)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert "attachment" in answer["Content-Disposition"]
    client.force_login(team.carole)
    for address in (listed, one):
        assert client.post(address).status_code in {404, 405}
    assert client.get(listed).status_code == 404
