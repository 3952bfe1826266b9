"""What a run meets between its preparation and its file: stays, accounts, and whose hand."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from egide.kernel import notation
from egide.kernel.access.passage import Refused
from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.fichiers.jours_bancaires import prochain_jour_bancaire
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import CONTROLE, PAIEMENT, Role
from egide.systems.apa_ash.queries.lot_perime import Perime, Touchees, read_perime
from egide.systems.apa_ash.services import emission, lot_examens, lot_refus
from egide.systems.apa_ash.services import lot as acts
from egide.systems.apa_ash.services.compte import save_compte
from egide.systems.apa_ash.services.prestataire import Fiche, save_prestataire
from tests import factories
from tests.personas import grant, today
from tests.systems.apa_ash.paiement_rows import IBAN, TABLE_OF, droit, payable, prestataire

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
    def run(lot, agent=None):
        with entering(agent or team.remi, PAIEMENT) as passage:
            acts.validate_lot(passage, lot_id=lot.pk)

    return run


@pytest.fixture
def issue(team, entering):
    def run(lot, iban="", on=None):
        with entering(team.remi, PAIEMENT) as passage:
            emission.issue_lot(
                passage, lot_id=lot.pk, iban_debiteur=iban, execution_on=on or today()
            )

    return run


@pytest.fixture
def enter_account(team, entering):
    def enter(dossier, agent=None, iban=IBAN):
        with entering(agent or team.paul, PAIEMENT) as passage:
            save_compte(passage, dossier_id=dossier.pk, titulaire="Jeanne", iban=iban)

    return enter


def stay(dossier, start, *, end=None, nature="hospitalisation"):
    return m.Interruption.objects.create(
        service=dossier.service, dossier=dossier, nature=nature, periode=DateRange(start, end)
    )


def without_account(team, mois):
    dossier = factories.dossier(team.nord, etat="ouvert")
    droit(dossier, start=mois)
    return dossier


def sql(query, *params):
    with connection.cursor() as cursor:
        cursor.execute(query, params)


# --- a stay recorded after the preparation


@pytest.mark.parametrize("validated", [False, True])
@pytest.mark.parametrize("nature", ["hospitalisation", "suspension"])
def test_a_stay_recorded_after_the_preparation_stops_the_run(
    team, mois, entering, prepare, validate, issue, validated, nature
):
    dossier = payable(team.nord, start=mois)
    payable(team.nord, start=mois, nom="Autre")
    lot = prepare()
    if validated:
        validate(lot)
    stay(dossier, previous_month(mois, back=2), nature=nature)
    with pytest.raises(lot_refus.DuesChanged, match=dossier.numero) as refused:
        issue(lot) if validated else validate(lot)
    assert "autres" not in str(refused.value)
    with entering(team.paul, PAIEMENT) as passage:
        acts.abandon_lot(passage, lot_id=lot.pk, motif="hospitalisation")
    assert {line.dossier for line in prepare().paiements.all()} != {dossier}


@pytest.mark.parametrize("nature", ["hospitalisation", "had"])
def test_a_stay_that_changes_no_amount_stops_nothing(team, mois, prepare, validate, issue, nature):
    """Thirty days of hospital stay paid, and care at home always does (CASF R. 232-32)."""
    dossier = payable(team.nord, start=mois)
    lot = prepare()
    stay(dossier, mois, nature=nature)
    validate(lot)
    issue(lot)
    lot.refresh_from_db()
    assert lot.etat == "emis"


def test_a_discharge_recorded_after_the_preparation_gives_back_what_is_due(
    team, mois, prepare, validate
):
    start = previous_month(mois, back=2)
    dossier = payable(team.nord, start=start)
    known = stay(dossier, start.replace(day=15))
    lot = prepare()
    assert lot.paiements.filter(montant_brut__lt=Decimal("876.13")).exists()
    m.Interruption.objects.filter(pk=known.pk).update(
        periode=DateRange(known.periode.lower, previous_month(mois).replace(day=20))
    )
    with pytest.raises(lot_refus.DuesChanged):
        validate(lot)


def test_a_line_set_aside_does_not_stop_the_others(team, mois, entering, prepare, validate):
    dossier = payable(team.nord, start=mois)
    payable(team.nord, start=mois, nom="Autre")
    lot = prepare()
    line = lot.paiements.get(dossier=dossier)
    stay(dossier, previous_month(mois, back=2))
    with entering(team.paul, PAIEMENT) as passage:
        acts.examine_paiement(passage, paiement_id=line.pk, ecarter=True, motif="Hôpital")
    validate(lot)


def test_the_page_names_the_files_whose_amount_changed(team, mois, client, prepare, validate):
    dossier = payable(team.nord, start=mois)
    payable(team.nord, start=mois, nom="Autre")
    lot = prepare()
    validate(lot)
    stay(dossier, previous_month(mois, back=2))
    client.force_login(team.remi)
    page = client.get(reverse("apa_ash:lot", args=[lot.pk]))
    text = page.content.decode()
    assert "Ce lot ne correspond plus aux dossiers" in text
    (due,) = page.context["dues"]
    assert dossier.numero in due["dossier"]
    assert (due["prepare"], due["du"]) == ("876,13\u00a0€", "0,00\u00a0€")
    assert "Émettre le fichier" not in text
    assert "Abandonner ce lot" in text


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ({}, False),
        ({"comptes": Touchees(1)}, True),
        ({"deces": Touchees(1)}, True),
        ({"dues": ["one"]}, True),
        ({"a_relire": 1, "own_account": True}, False),
    ],
)
def test_each_change_alone_makes_a_run_out_of_date(why, expected):
    assert Perime(**why).any is expected


# --- an account missing at preparation


def read_again(entering, agent, lot):
    with entering(agent, PAIEMENT) as passage:
        acts.read_missing_accounts(passage, lot_id=lot.pk)


def test_an_account_entered_after_the_preparation_is_read_again(
    team, mois, entering, prepare, validate, enter_account
):
    dossier = without_account(team, mois)
    lot = prepare()
    with pytest.raises(lot_refus.NothingToRead):
        read_again(entering, team.paul, lot)
    line = lot.paiements.get()
    with entering(team.paul, PAIEMENT) as passage:
        acts.examine_paiement(passage, paiement_id=line.pk, ecarter=True, motif="Sans compte")
    enter_account(dossier)
    read_again(entering, team.paul, lot)
    line.refresh_from_db()
    assert (line.iban, line.titulaire, line.relu_on) == (IBAN, "Jeanne", today())
    assert (line.anomalie, line.ecarte, line.examen) == (Anomalie.COMPTE_MODIFIE, False, "")
    with pytest.raises(lot_refus.AnomaliesLeft):
        validate(lot)
    with entering(team.remi, PAIEMENT) as passage:
        acts.examine_paiement(passage, paiement_id=line.pk, ecarter=False, motif="RIB vu")
    with pytest.raises(lot_refus.ExaminedBySame):
        validate(lot)
    grant(team.nora, Role.AGENT_PAIEMENT, team.nord, by=team.admin)
    validate(lot, team.nora)


def test_the_account_of_a_service_is_read_again_too(team, mois, entering, prepare):
    aide = prestataire(team.departement, iban="")
    payable(team.nord, start=mois, lines=[(ModeAide.PRESTATAIRE, aide, 40, 25)])
    lot = prepare()
    m.Prestataire.objects.filter(pk=aide.pk).update(iban=IBAN)
    read_again(entering, team.paul, lot)
    line = lot.paiements.get()
    assert (line.iban, line.anomalie) == (IBAN, Anomalie.SERVICE_COMPTE_MODIFIE)


def test_an_account_shared_with_another_file_is_said_when_it_is_read(
    team, mois, entering, prepare, enter_account
):
    payable(team.nord, start=mois, nom="Autre", iban=IBAN)
    dossier = without_account(team, mois)
    lot = prepare()
    enter_account(dossier)
    read_again(entering, team.paul, lot)
    assert lot.paiements.get(dossier=dossier).anomalie == "compte_modifie compte_partage"


@pytest.mark.parametrize("name", ["alice", "carole", "denis", "nora"])
def test_only_the_payment_of_the_service_reads_accounts_again(
    team, mois, entering, prepare, enter_account, name
):
    dossier = without_account(team, mois)
    lot = prepare()
    enter_account(dossier)
    with pytest.raises(Refused):
        read_again(entering, team.agents[name], lot)


def test_the_screen_reads_the_accounts_again(team, mois, client, prepare, enter_account):
    dossier = without_account(team, mois)
    lot = prepare()
    client.force_login(team.paul)
    address = reverse("apa_ash:lot", args=[lot.pk])
    text = client.get(address).content.decode()
    assert "Relire les comptes" not in text
    assert "Ce lot ne correspond plus" not in text
    enter_account(dossier)
    assert "Relire les comptes" in client.get(address).content.decode()
    client.post(reverse("apa_ash:lot_relecture", args=[lot.pk]))
    assert lot.paiements.get().iban == IBAN


def test_a_line_that_has_an_account_never_takes_another(
    team, mois, entering, prepare, enter_account
):
    dossier = payable(team.nord, start=mois)
    lot = prepare()
    enter_account(dossier)
    with entering(team.paul, PAIEMENT):
        with pytest.raises(IntegrityError, match=KEPT), transaction.atomic():
            sql("UPDATE apa_ash_paiement SET relu_on = access.today()")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            sql("UPDATE apa_ash_paiement SET relu_on = access.today(), iban = %s", IBAN)
    assert lot.paiements.get().iban != IBAN


# --- whoever entered an account neither keeps its anomaly nor validates its payment


@pytest.fixture
def own(team, mois, prepare, enter_account):
    """Prepare a run by Paul that pays an account lately entered by Rémi, and its only line."""
    dossier = payable(team.nord, start=mois)
    enter_account(dossier, team.remi)
    lot = prepare()
    return lot, lot.paiements.get()


@pytest.mark.clause("APA-05")
def test_an_agent_does_not_keep_an_account_of_their_own(team, entering, own, validate):
    lot, line = own
    assert (line.anomalie, m.CompteBancaire.objects.get().saisi_par) == (
        Anomalie.COMPTE_MODIFIE,
        team.remi,
    )
    with entering(team.remi, PAIEMENT) as passage:
        with pytest.raises(lot_refus.OwnAccount):
            acts.examine_paiement(passage, paiement_id=line.pk, ecarter=False, motif="Vu")
        with pytest.raises(lot_refus.OwnAccount):
            acts.keep_anomalies(
                passage, lot_id=lot.pk, anomalie=Anomalie.COMPTE_MODIFIE, motif="Vu"
            )
    with entering(team.paul, PAIEMENT) as passage:
        acts.examine_paiement(passage, paiement_id=line.pk, ecarter=False, motif="RIB vu")
    with pytest.raises(lot_refus.OwnAccount):
        validate(lot)
    grant(team.nora, Role.AGENT_PAIEMENT, team.nord, by=team.admin)
    validate(lot, team.nora)


def test_the_page_of_a_run_tells_whose_account_it_pays(team, entering, own, validate):
    lot, line = own

    def told(agent):
        lot.refresh_from_db()
        with entering(agent, PAIEMENT) as passage:
            return read_perime(passage, lot).own_account

    assert (told(team.remi), told(team.paul)) == (True, False)
    with entering(team.paul, PAIEMENT) as passage:
        acts.examine_paiement(passage, paiement_id=line.pk, ecarter=False, motif="RIB vu")
    grant(team.nora, Role.AGENT_PAIEMENT, team.nord, by=team.admin)
    validate(lot, team.nora)
    assert not told(team.remi)  # signed by others since


def test_keeping_all_keeps_those_of_others(team, mois, entering, prepare, enter_account):
    mine, other = (payable(team.nord, start=mois, nom=nom) for nom in "AB")
    enter_account(mine, team.paul)
    enter_account(other, team.remi, iban="FR7630006000011234567890189")
    lot = prepare()
    with entering(team.paul, PAIEMENT) as passage:
        acts.keep_anomalies(passage, lot_id=lot.pk, anomalie=Anomalie.COMPTE_MODIFIE, motif="Vu")
    assert lot.paiements.get(dossier=mine).examen == ""
    assert lot.paiements.get(dossier=other).examen == "Vu"


def test_an_account_never_paid_is_new_however_long_ago_it_was_entered(
    team, mois, entering, own, validate, issue, enter_account
):
    """Near miss: once another agent has paid it, whoever entered it validates."""
    lot, line = own
    dossier = line.dossier
    with entering(team.paul, PAIEMENT) as passage:
        acts.abandon_lot(passage, lot_id=lot.pk, motif="essai")
    m.CompteBancaire.objects.update(saisi_on=previous_month(mois, back=3))

    def prepare_month(month):
        with entering(team.paul, PAIEMENT) as passage:
            return acts.prepare_lot(
                passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=month
            )

    first = prepare_month(mois)
    assert first.paiements.get().anomalie == Anomalie.COMPTE_MODIFIE
    with entering(team.paul, PAIEMENT) as passage:
        acts.keep_anomalies(passage, lot_id=first.pk, anomalie=Anomalie.COMPTE_MODIFIE, motif="Vu")
    # Entered again by another, as it was: the hand of the preparation is the one that counts.
    enter_account(dossier, team.paul)
    with pytest.raises(lot_refus.OwnAccount):
        validate(first)
    m.CompteBancaire.objects.update(saisi_on=previous_month(mois, back=3))
    with (
        entering(team.remi, PAIEMENT),
        pytest.raises(IntegrityError, match="account of their own"),
        transaction.atomic(),
    ):
        sql(
            "UPDATE apa_ash_lotpaiement SET etat = 'valide', valide_par_id = %s, valide_on = %s"
            " WHERE id = %s",
            team.remi.pk,
            today(),
            first.pk,
        )
    grant(team.nora, Role.AGENT_PAIEMENT, team.nord, by=team.admin)
    validate(first, team.nora)
    issue(first)
    second = prepare_month(previous_month(mois, back=-1))
    assert second.paiements.get().anomalie == ""
    validate(second)


def test_a_service_account_is_signed_by_the_control(team, entering):
    with entering(team.carole, CONTROLE) as passage:
        row = save_prestataire(
            passage,
            prestataire_id=uuid.uuid4(),
            fiche=Fiche(
                nom="Aide",
                siret="73282932000074",
                finess="",
                adresse="",
                tarif_horaire=Decimal(20),
                iban=IBAN,
                actif=True,
            ),
        )
    row.refresh_from_db()
    assert row.iban_saisi_par == team.carole


@pytest.mark.clause("APA-05")
def test_postgresql_keeps_the_hands_apart(team, entering, own):
    lot, line = own
    examine = "UPDATE apa_ash_paiement SET examen = 'vu', examine_par_id = %s"
    sign = "UPDATE apa_ash_comptebancaire SET saisi_par_id = %s"
    with entering(team.remi, PAIEMENT):
        for who in (team.remi, team.paul):
            with pytest.raises(IntegrityError, match=KEPT), transaction.atomic():
                sql(examine, who.pk)
        sql(sign, team.paul.pk)
    assert m.CompteBancaire.objects.get().saisi_par == team.remi
    with entering(team.paul, PAIEMENT):
        sql(examine, team.paul.pk)
    validated = "UPDATE apa_ash_lotpaiement SET etat = 'valide', valide_on = %s, valide_par_id = %s"
    with (
        entering(team.remi, PAIEMENT),
        pytest.raises(IntegrityError, match="of their own entering"),
        transaction.atomic(),
    ):
        sql(validated, today(), team.remi.pk)
    lot.refresh_from_db()
    line.refresh_from_db()
    assert (lot.etat, line.examine_par) == ("prepare", team.paul)


@pytest.mark.parametrize("anomalie", ["compte_modifie", "compte_partage", "hausse"])
def test_postgresql_lets_nobody_keep_a_doubt_on_an_account_of_their_own(
    team, entering, own, anomalie
):
    """An account that two files share is a doubt of its own, when it is not new any more."""
    _, line = own
    m.Paiement.objects.filter(pk=line.pk).update(anomalie=anomalie)
    examine = "UPDATE apa_ash_paiement SET examen = 'vu', examine_par_id = %s"
    with entering(team.remi, PAIEMENT):
        if anomalie == "hausse":
            sql(examine, team.remi.pk)
        else:
            with (
                pytest.raises(IntegrityError, match="of their own entering"),
                transaction.atomic(),
            ):
                sql(examine, team.remi.pk)
    line.refresh_from_db()
    assert line.examen == ("vu" if anomalie == "hausse" else "")


# --- the file of a run


def test_a_payment_is_never_executed_in_the_past(team, mois, prepare, validate, issue, client):
    payable(team.nord, start=mois)
    lot = prepare()
    validate(lot)
    yesterday = today() - timedelta(days=1)
    with pytest.raises(lot_refus.ExecutionPast):
        issue(lot, IBAN, yesterday)
    client.force_login(team.paul)
    data = {"iban_debiteur": IBAN, "execution_on": str(yesterday)}
    answer = client.post(reverse("apa_ash:lot_emission", args=[lot.pk]), data)
    assert answer.status_code == 422
    assert "La date d’exécution est passée" in answer.content.decode()
    assert not m.FichierPaiement.objects.exists()
    page = client.get(reverse("apa_ash:lot", args=[lot.pk]))
    assert page.context["emission"].initial["execution_on"] >= today()
    issue(lot, IBAN, prochain_jour_bancaire(today()))


FILE = (
    "INSERT INTO apa_ash_fichierpaiement (id, service_id, lot_id, forme, nom, empreinte, contenu)"
    " SELECT gen_random_uuid(), %s, %s, %s, 'x', encode(sha256(''), 'hex'), ''"
)


@pytest.mark.clause("APA-05")
@pytest.mark.parametrize("etat", ["prepare", "abandonne", "emis", "elsewhere"])
def test_postgresql_takes_the_file_of_a_validated_run_only(
    team, mois, entering, prepare, validate, issue, etat
):
    payable(team.nord, start=mois)
    lot, service, agent = prepare(), team.nord, team.remi
    if etat == "abandonne":
        with entering(team.paul, PAIEMENT) as passage:
            acts.abandon_lot(passage, lot_id=lot.pk, motif="essai")
    elif etat != "prepare":
        validate(lot)
    if etat == "emis":
        issue(lot)
    if etat == "elsewhere":
        grant(team.bruno, Role.AGENT_PAIEMENT, team.sud, by=team.admin)
        service, agent = team.sud, team.bruno
    before = m.FichierPaiement.objects.count()
    with (
        entering(agent, PAIEMENT),
        pytest.raises(IntegrityError, match=KEPT),
        transaction.atomic(),
    ):
        sql(FILE, service.pk, lot.pk, "csv" if etat == "emis" else "sepa")
    assert m.FichierPaiement.objects.count() == before


def test_postgresql_takes_the_file_of_a_validated_run(team, mois, entering, prepare, validate):
    payable(team.nord, start=mois)
    lot = prepare()
    validate(lot)
    with entering(team.remi, PAIEMENT):
        for forme in ("csv", "sepa"):  # it tells nothing of what is paid
            with pytest.raises(IntegrityError, match="that it pays"), transaction.atomic():
                sql(FILE, team.nord.pk, lot.pk, forme)
        true = FILE.replace("sha256('')", f"sha256({TABLE_OF})").removesuffix("''") + TABLE_OF
        sql(f"{true} FROM apa_ash_lotpaiement l", team.nord.pk, lot.pk, "csv")
        for attack in (
            "UPDATE apa_ash_fichierpaiement SET contenu = 'x'",
            "DELETE FROM apa_ash_fichierpaiement",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                sql(attack)


def test_the_transfers_of_an_issued_run_are_made_later_and_once(
    team, mois, client, prepare, validate, issue
):
    payable(team.nord, start=mois)
    lot = prepare()
    validate(lot)
    day = prochain_jour_bancaire(today() + timedelta(days=7))
    client.force_login(team.remi)
    address = reverse("apa_ash:lot_virements", args=[lot.pk])
    client.post(address, {"iban_debiteur": IBAN, "execution_on": str(day)})
    assert not m.FichierPaiement.objects.exists()
    issue(lot)
    page = client.get(reverse("apa_ash:lot", args=[lot.pk])).content.decode()
    assert "Émettre les virements" in page
    assert client.post(address, {"execution_on": str(day)}).status_code == 422
    client.force_login(team.paul)  # who prepared the run
    page = client.get(reverse("apa_ash:lot", args=[lot.pk])).content.decode()
    assert "Émettre les virements" not in page
    client.post(address, {"iban_debiteur": IBAN, "execution_on": str(day)})
    assert not m.FichierPaiement.objects.filter(forme="sepa").exists()
    client.force_login(team.remi)
    for _ in range(2):
        client.post(address, {"iban_debiteur": IBAN, "execution_on": str(day)})
    sepa = m.FichierPaiement.objects.get(forme="sepa")
    assert f"<ReqdExctnDt>{day}</ReqdExctnDt>".encode() in bytes(sepa.contenu)
    page = client.get(reverse("apa_ash:lot", args=[lot.pk])).content.decode()
    assert "Émettre les virements" not in page
    client.force_login(team.carole)
    assert client.post(address).status_code == 404


def test_no_bank_executes_on_a_sunday(team, mois, client, prepare, validate, issue):
    payable(team.nord, start=mois)
    lot = prepare()
    validate(lot)
    sunday = today() + timedelta(days=13 - today().weekday())
    with pytest.raises(lot_refus.BankClosed):
        issue(lot, IBAN, sunday)
    client.force_login(team.paul)
    data = {"iban_debiteur": IBAN, "execution_on": str(sunday)}
    answer = client.post(reverse("apa_ash:lot_emission", args=[lot.pk]), data)
    assert answer.status_code == 422
    assert notation.jour(prochain_jour_bancaire(sunday)) in answer.content.decode()


# --- whoever examined a line does not validate the run alone


@pytest.mark.clause("APA-05")
@pytest.mark.parametrize("ecarter", [False, True])
def test_who_examined_a_line_does_not_validate_the_run(
    team, mois, client, entering, prepare, validate, ecarter
):
    """Near miss: who prepares the run again leaves it to be validated by another."""
    payable(team.nord, start=mois)
    odd = payable(team.nord, start=mois, nom="Autre")
    m.Identite.objects.filter(dossier=odd).update(deces_on=today())
    lot = prepare()
    line = lot.paiements.get(dossier=odd)

    def examine(agent):
        with entering(agent, PAIEMENT) as passage:
            acts.examine_paiement(passage, paiement_id=line.pk, ecarter=ecarter, motif="Vu")

    examine(team.remi)
    with pytest.raises(lot_refus.ExaminedBySame):
        validate(lot)
    client.force_login(team.remi)
    text = client.get(reverse("apa_ash:lot", args=[lot.pk])).content.decode()
    assert "Vous avez examiné 1 ligne de ce lot" in text
    assert "Valider le lot" not in text
    with (
        entering(team.remi, PAIEMENT),
        pytest.raises(IntegrityError, match="validate what they examined"),
        transaction.atomic(),
    ):
        sql(
            "UPDATE apa_ash_lotpaiement SET etat = 'valide', valide_par_id = %s,"
            " valide_on = access.today()",
            team.remi.pk,
        )
    with entering(team.remi, PAIEMENT) as passage:
        again = acts.recompute_lot(passage, lot_id=lot.pk, nouveau_id=uuid.uuid4())
    with entering(team.paul, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=again.pk)
    again.refresh_from_db()
    assert again.etat == "valide"


@pytest.mark.clause("APA-05")
def test_what_another_agent_said_stays_unless_to_pay_less(
    team, mois, client, entering, prepare, validate
):
    payable(team.nord, start=mois)
    odd = payable(team.nord, start=mois, nom="Autre")
    m.Identite.objects.filter(dossier=odd).update(deces_on=today())
    lot = prepare()
    line = lot.paiements.get(dossier=odd)
    whole = {"lot_id": lot.pk, "dossier_id": odd.pk}

    def refused(agent, *, ecarter):
        for act, what in (
            (acts.examine_paiement, {"paiement_id": line.pk}),
            (lot_examens.examine_dossier, whole),
        ):
            with entering(agent, PAIEMENT) as passage, pytest.raises(lot_refus.ExaminedByAnother):
                act(passage, **what, ecarter=ecarter, motif="Autrement")

    def said(agent, *, ecarter):
        with entering(agent, PAIEMENT) as passage:
            acts.examine_paiement(passage, paiement_id=line.pk, ecarter=ecarter, motif="Vu")

    said(team.paul, ecarter=False)
    said(team.paul, ecarter=False)  # one's own may be said better
    refused(team.remi, ecarter=False)
    client.force_login(team.remi)
    page = client.get(reverse("apa_ash:paiement_ligne", args=[line.pk])).content.decode()
    assert "ce qu’il en a dit reste" in page
    assert "peut encore être écartée" in page
    said(team.remi, ecarter=True)
    refused(team.paul, ecarter=False)
    refused(team.paul, ecarter=True)
    line.refresh_from_db()
    assert (line.examen, line.examine_par, line.ecarte) == ("Vu", team.remi, True)


def test_an_examination_carried_over_binds_its_hand(team, mois, entering, prepare, validate):
    odd = payable(team.nord, start=mois)
    m.Identite.objects.filter(dossier=odd).update(deces_on=today())
    lot = prepare()
    with entering(team.remi, PAIEMENT) as passage:
        acts.keep_anomalies(passage, lot_id=lot.pk, anomalie=Anomalie.DECES, motif="Vu")
    with entering(team.paul, PAIEMENT) as passage:
        again = acts.recompute_lot(passage, lot_id=lot.pk, nouveau_id=uuid.uuid4())
    assert again.paiements.get().examine_par == team.remi
    with pytest.raises(lot_refus.ExaminedBySame):
        validate(again)
