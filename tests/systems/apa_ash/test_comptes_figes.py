"""The account that is paid is the one that a second agent validated."""

import csv
import io
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import CONTROLE, PAIEMENT
from egide.systems.apa_ash.services import emission
from egide.systems.apa_ash.services import lot as acts
from egide.systems.apa_ash.services.compte import save_compte
from egide.systems.apa_ash.services.echeancier import Anomalie, previous_month
from egide.systems.apa_ash.services.prestataire import save_prestataire
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import IBAN, payable, prestataire


@pytest.fixture
def mois():
    return today().replace(day=1)


@pytest.fixture
def prepare(team, entering, mois):
    def run(agent=None):
        with entering(agent or team.paul, PAIEMENT) as passage:
            return acts.prepare_lot(
                passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=mois
            )

    return run


@pytest.fixture
def validate(team, entering):
    def run(lot):
        with entering(team.remi, PAIEMENT) as passage:
            acts.validate_lot(passage, lot_id=lot.pk)

    return run


@pytest.fixture
def issue(team, entering, mois):
    def run(lot, agent=None):
        with entering(agent or team.paul, PAIEMENT) as passage:
            emission.issue_lot(passage, lot_id=lot.pk, iban_debiteur="", execution_on=mois)

    return run


@pytest.fixture
def change(team, entering):
    def run(dossier, iban=IBAN, titulaire="Jeanne Lefèvre"):
        with entering(team.paul, PAIEMENT) as passage:
            save_compte(passage, dossier_id=dossier.pk, titulaire=titulaire, iban=iban)

    return run


@pytest.fixture
def redirect(team, entering):
    def run(aide, iban=IBAN):
        with entering(team.carole, CONTROLE) as passage:
            save_prestataire(
                passage,
                prestataire_id=aide.pk,
                nom=aide.nom,
                siret=aide.siret,
                finess="",
                tarif_horaire=aide.tarif_horaire,
                iban=iban,
                actif=True,
            )

    return run


def helped(team, mois):
    aide = prestataire(team.departement)
    payable(team.nord, start=mois, lines=[(ModeAide.PRESTATAIRE, aide, 40, 25)])
    return aide


def sql(query, *params):
    with connection.cursor() as cursor:
        cursor.execute(query, params)


@pytest.mark.clause("APA-05")
def test_an_account_changed_after_the_validation_is_not_paid(
    team, mois, prepare, validate, issue, change
):
    dossier = payable(team.nord, start=mois)
    lot = prepare()
    validate(lot)
    change(dossier)
    with pytest.raises(acts.AccountsChanged, match="Le compte d’une ligne a changé"):
        issue(lot)
    lot.refresh_from_db()
    assert lot.etat == "valide"
    assert not m.FichierPaiement.objects.exists()


@pytest.mark.parametrize("what", [{"iban": IBAN}, {"titulaire": "Paul"}])
def test_an_account_changed_before_the_validation_stops_it(
    team, mois, prepare, validate, change, what
):
    dossiers = [payable(team.nord, start=mois, nom=nom) for nom in "AB"]
    lot = prepare()
    for dossier in dossiers:
        known = m.CompteBancaire.objects.get(dossier=dossier)
        change(dossier, **{"iban": known.iban, "titulaire": known.titulaire} | what)
    with pytest.raises(acts.AccountsChanged, match="Le compte de 2 lignes a changé"):
        validate(lot)
    lot.refresh_from_db()
    assert lot.etat == "prepare"


def test_a_service_redirected_after_the_preparation_is_not_paid(
    team, mois, prepare, validate, issue, redirect
):
    aide = helped(team, mois)
    lot = prepare()
    redirect(aide)
    with pytest.raises(acts.AccountsChanged):
        validate(lot)
    redirect(aide, aide.iban)
    validate(lot)
    redirect(aide)
    with pytest.raises(acts.AccountsChanged):
        issue(lot)


def test_a_line_set_aside_waits_for_no_account(team, mois, entering, prepare, validate, change):
    payable(team.nord, start=mois, nom="A")
    aside = payable(team.nord, start=mois, nom="B")
    lot = prepare()
    line = m.Paiement.objects.get(dossier=aside)
    with entering(team.paul, PAIEMENT) as passage:
        acts.examine_paiement(passage, paiement_id=line.pk, ecarter=True, motif="Compte clos")
    change(aside)
    validate(lot)
    lot.refresh_from_db()
    assert lot.etat == "valide"


def test_the_file_names_the_accounts_of_the_lines(team, mois, prepare, validate, issue):
    aide = helped(team, mois)
    dossier = payable(team.nord, start=mois, nom="Autre")
    compte = m.CompteBancaire.objects.get(dossier=dossier)
    lot = prepare()
    validate(lot)
    issue(lot)
    text = bytes(m.FichierPaiement.objects.get().contenu).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {row["iban"] for row in rows} == {aide.iban, compte.iban}
    frozen = set(m.Paiement.objects.values_list("titulaire", "iban"))
    assert frozen == {(aide.nom, aide.iban), (compte.titulaire, compte.iban)}


def test_a_validated_run_that_cannot_be_issued_is_given_up_with_what_it_withheld(
    team, mois, entering, prepare, validate, change
):
    dossier = payable(team.nord, start=mois, apa="500.00")
    keys = {"service": team.nord, "dossier": dossier, "mois": mois}
    terms = {"constate_on": mois, "prescrit_on": date(2099, 1, 1), "etat": EtatIndu.NOTIFIE}
    debts = [
        m.Indu.objects.create(**keys, **terms, motif=name, montant=Decimal(montant))
        for name, montant in (("a", "30.00"), ("b", "200.00"))
    ]
    lot = prepare()
    validate(lot)
    assert sum(m.Indu.objects.values_list("recouvre", flat=True)) == Decimal("100.00")
    assert m.Indu.objects.filter(etat=EtatIndu.RECOUVRE).count() <= 1
    with entering(team.remi, PAIEMENT) as passage, pytest.raises(acts.WrongState):
        acts.abandon_lot(passage, lot_id=lot.pk, motif="sans raison")
    change(dossier)
    with entering(team.remi, PAIEMENT) as passage:
        acts.abandon_lot(passage, lot_id=lot.pk, motif="Compte changé")
    for debt in debts:
        debt.refresh_from_db()
        assert (debt.recouvre, debt.etat) == (0, EtatIndu.NOTIFIE)
    again = prepare()
    assert m.Paiement.objects.get(lot=again).anomalie == Anomalie.COMPTE_MODIFIE


def test_the_screen_says_that_an_account_changed(team, mois, client, prepare, validate, change):
    dossier = payable(team.nord, start=mois)
    lot = prepare()
    client.force_login(team.remi)
    address = reverse("apa_ash:lot", args=[lot.pk])
    assert "Comptes changés" not in client.get(address).content.decode()
    validate(lot)
    change(dossier)
    page = client.get(address).content.decode()
    assert "Comptes changés" in page
    assert "Abandonner ce lot" in page
    assert "Émettre le fichier" not in page


# --- a service's account is looked at when it is new, as a person's is


def test_a_new_account_of_a_service_is_an_anomaly(team, mois, prepare, validate, redirect):
    aide = helped(team, mois)
    redirect(aide)
    lot = prepare()
    assert m.Paiement.objects.get(lot=lot).anomalie == Anomalie.SERVICE_COMPTE_MODIFIE
    with pytest.raises(acts.AnomaliesLeft):
        validate(lot)


def test_an_account_kept_as_it_was_is_not_dated_again(team, mois, prepare, redirect):
    aide = helped(team, mois)
    redirect(aide, aide.iban)
    aide.refresh_from_db()
    assert aide.iban_saisi_on is None
    assert m.Paiement.objects.get(lot=prepare()).anomalie == ""


def test_an_account_entered_after_a_run_ahead_of_time_is_still_new(team, entering, mois, prepare):
    # The next month is prepared as soon as this one: what was entered this month, after its run,
    # is flagged two months on.
    aide = helped(team, mois)
    m.Prestataire.objects.filter(pk=aide.pk).update(iban_saisi_on=previous_month(mois))
    with entering(team.paul, PAIEMENT) as passage:
        ahead = previous_month(mois, back=-1)
        lot = acts.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=ahead)
    assert set(m.Paiement.objects.filter(lot=lot).values_list("anomalie", flat=True)) == {
        Anomalie.SERVICE_COMPTE_MODIFIE
    }
