"""The account that is paid is the one that a second agent validated, in Python and in SQL."""

import csv
import io
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse

from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT, Role
from egide.systems.apa_ash.services import emission
from egide.systems.apa_ash.services import lot as acts
from egide.systems.apa_ash.services.compte import save_compte
from egide.systems.apa_ash.services.prestataire import Fiche, save_prestataire
from tests.personas import grant, today
from tests.systems.apa_ash.paiement_rows import IBAN, payable, prestataire

KEPT = "apa_ash:"


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
        with entering(agent or team.remi, PAIEMENT) as passage:
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
                fiche=Fiche(
                    nom=aide.nom,
                    siret=aide.siret,
                    finess="",
                    adresse="",
                    tarif_horaire=aide.tarif_horaire,
                    iban=iban,
                    actif=True,
                ),
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
    team, mois, prepare, validate, redirect
):
    aide = helped(team, mois)
    lot = prepare()
    redirect(aide)
    with pytest.raises(acts.AccountsChanged):
        validate(lot)
    redirect(aide, aide.iban)  # entered anew: whoever examines is to be told
    with pytest.raises(acts.AnomaliesUntold):
        validate(lot)


def test_a_service_redirected_after_the_validation_is_not_paid(
    team, mois, prepare, validate, issue, redirect
):
    aide = helped(team, mois)
    lot = prepare()
    validate(lot)
    redirect(aide)
    with pytest.raises(acts.AccountsChanged):
        issue(lot)


@pytest.mark.parametrize("validated", [False, True])
def test_a_death_known_after_the_preparation_stops_the_run(
    team, mois, entering, prepare, validate, issue, validated
):
    """What a dead person was due is computed again: neither validated nor issued as it stood."""
    dossier = payable(team.nord, start=mois)
    lot = prepare()
    if validated:
        validate(lot)
    m.Identite.objects.filter(dossier=dossier).update(deces_on=today())
    with pytest.raises(acts.DeathsUnseen):
        issue(lot) if validated else validate(lot)
    with entering(team.paul, PAIEMENT) as passage:
        acts.abandon_lot(passage, lot_id=lot.pk, motif="décès")
    assert Anomalie.DECES in prepare().paiements.get().anomalie.split()


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
    terms |= {"constate_par": team.carole}
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


@pytest.mark.parametrize("day", ["NULL", "'2020-01-01'"])
def test_an_account_changed_in_sql_is_dated_all_the_same(team, mois, entering, day):
    aide = helped(team, mois)
    with entering(team.carole, CONTROLE):
        sql("UPDATE apa_ash_prestataire SET iban = %s, iban_saisi_on = " + day, IBAN)
        sql("UPDATE apa_ash_prestataire SET iban_saisi_on = " + day)
    aide.refresh_from_db()
    assert aide.iban_saisi_on >= today() - timedelta(days=1)
    with entering(team.paul, PAIEMENT):
        sql("UPDATE apa_ash_comptebancaire SET iban = %s, saisi_on = " + day, IBAN)
        sql("UPDATE apa_ash_comptebancaire SET saisi_on = " + day)
    compte = m.CompteBancaire.objects.get()
    assert compte.saisi_on >= today() - timedelta(days=1)


# --- what PostgreSQL itself keeps, whatever the application does


LINE = (
    "INSERT INTO apa_ash_paiement (id, service_id, lot_id, dossier_id, droit_id, prestataire_id,"
    " titulaire, iban, mois_du, montant_brut, retenue, anomalie, ecarte, examen)"
    " SELECT gen_random_uuid(), service_id, lot_id, dossier_id, droit_id, NULL, 'Paul', 'FR00',"
    " mois_du - 31, 9999, 0, '', false, '' FROM apa_ash_paiement"
)


@pytest.fixture
def at(team, mois, prepare, validate, issue):
    """Bring a run of one line to a state."""

    def bring(etat):
        payable(team.nord, start=mois)
        lot = prepare()
        if etat != "prepare":
            validate(lot)
        if etat == "emis":
            issue(lot)
        return lot

    return bring


@pytest.mark.clause("APA-05")
@pytest.mark.parametrize(
    ("etat", "attack"),
    [
        *(
            ("emis", f"UPDATE apa_ash_lotpaiement SET etat = '{to}'")
            for to in ("prepare", "valide", "abandonne")
        ),
        ("valide", "UPDATE apa_ash_lotpaiement SET etat = 'prepare'"),
        ("prepare", "UPDATE apa_ash_lotpaiement SET etat = 'emis', emis_on = access.today()"),
        ("valide", "UPDATE apa_ash_lotpaiement SET valide_on = '2020-01-01'"),
        ("valide", "UPDATE apa_ash_lotpaiement SET emis_on = '2020-01-01'"),
        ("emis", "UPDATE apa_ash_lotpaiement SET emis_on = '2020-01-01'"),
        ("valide", LINE),
        ("emis", LINE),
        ("prepare", "UPDATE apa_ash_paiement SET verse_on = access.today()"),
        ("emis", "UPDATE apa_ash_paiement SET verse_on = NULL"),
        ("emis", "UPDATE apa_ash_paiement SET verse_on = '2020-01-01'"),
        *(
            (
                etat,
                (
                    "UPDATE apa_ash_paiement SET examen = 'x', examine_par_id ="
                    " (SELECT prepare_par_id FROM apa_ash_lotpaiement)"
                ),
            )
            for etat in ("valide", "emis")
        ),
    ],
)
def test_what_was_validated_cannot_be_changed_in_sql(team, entering, at, etat, attack):
    at(etat)
    with entering(team.paul, PAIEMENT):
        for switch in ("off", "on"):  # the owner's own switch opens nothing to a purpose
            sql("SELECT set_config('egide.maintenance', %s, true)", switch)
            with pytest.raises(IntegrityError, match=KEPT), transaction.atomic():
                sql(attack)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE apa_ash_paiement SET iban = 'FR00'",
        "UPDATE apa_ash_paiement SET titulaire = 'Paul'",
        "UPDATE apa_ash_paiement SET anomalie = ''",
        "UPDATE apa_ash_paiement SET montant_brut = 9999",
        "DELETE FROM apa_ash_paiement",
        "DELETE FROM apa_ash_lotpaiement",
        "UPDATE apa_ash_lotpaiement SET prepare_par_id = prepare_par_id",
    ],
)
def test_a_line_keeps_its_account_and_its_anomalies_even_while_prepared(team, entering, at, attack):
    at("prepare")
    with (
        entering(team.paul, PAIEMENT),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        sql(attack)


@pytest.mark.clause("APA-05")
def test_nobody_lends_a_hand_in_another_name(team, entering, at, mois):
    """One agent alone is both hands: as the one who prepares, then as the one who validates."""
    lot = at("prepare")
    run = (
        "INSERT INTO apa_ash_lotpaiement (id, service_id, mois, etat, prepare_par_id, prepare_on,"
        " valide_par_id, valide_on) VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s)"
    )
    day, other = today(), previous_month(mois)
    forged = [
        (run, team.nord.pk, other, "prepare", team.remi.pk, day, None, None),
        (run, team.nord.pk, other, "valide", team.paul.pk, day, team.remi.pk, day),
        (
            (
                "UPDATE apa_ash_lotpaiement SET etat = 'valide', valide_par_id = %s, valide_on = %s"
                " WHERE id = %s"
            ),
            team.remi.pk,
            day,
            lot.pk,
        ),
    ]
    with entering(team.paul, PAIEMENT):
        for attack in forged:
            with pytest.raises(IntegrityError, match=KEPT), transaction.atomic():
                sql(*attack)
        sql(run, team.nord.pk, other, "prepare", team.paul.pk, day, None, None)


def test_no_line_slips_into_a_prepared_run_beyond_what_is_owed(team, entering, at, validate):
    lot = at("prepare")
    with (
        entering(team.paul, PAIEMENT),
        pytest.raises(IntegrityError, match="no more than the rights give"),
        transaction.atomic(),
    ):
        sql(LINE.replace("'Paul', 'FR00'", "titulaire, iban"))
    validate(lot)


@pytest.mark.clause("APA-05")
def test_a_line_that_no_preparation_computed_is_found_at_the_validation(
    team, mois, entering, at, validate
):
    """As much as the right gives, and still not what this month of the file is owed."""
    lot = at("prepare")
    dossier = m.Paiement.objects.get(lot=lot).dossier
    m.Paiement.objects.filter(lot=lot).update(montant_brut=Decimal("800.00"))
    with pytest.raises(acts.DuesChanged, match=dossier.numero):
        validate(lot)


def test_a_run_of_another_service_takes_no_line(team, entering, at):
    lot = at("prepare")
    grant(team.nora, Role.AGENT_PAIEMENT, team.sud, by=team.admin)
    mine = payable(team.sud, start=lot.mois)
    right = m.Droit.objects.get(dossier=mine)
    with (
        entering(team.nora, PAIEMENT),
        pytest.raises(IntegrityError, match=KEPT),
        transaction.atomic(),
    ):
        sql(
            "INSERT INTO apa_ash_paiement (id, service_id, lot_id, dossier_id, droit_id, titulaire,"
            " iban, mois_du, montant_brut, retenue, anomalie, ecarte, examen) VALUES"
            " (gen_random_uuid(), %s, %s, %s, %s, '', '', %s, 1, 0, '', false, '')",
            team.sud.pk,
            lot.pk,
            mine.pk,
            right.pk,
            lot.mois,
        )


def test_no_other_purpose_reads_the_account_of_a_line(team, entering, at):
    at("prepare")
    for agent, purpose in ((team.alice, INSTRUCTION), (team.carole, CONTROLE)):
        for column in ("iban", "titulaire"):
            with (
                entering(agent, purpose),
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
            ):
                sql(f"SELECT {column} FROM apa_ash_paiement")
