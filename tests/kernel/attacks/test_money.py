"""Attacks on the money: one agent alone, in SQL, under the purpose role of a stolen session."""

import uuid

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import errors

from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.purposes import PAIEMENT
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import TABLE_OF, payable

pytestmark = pytest.mark.django_db
MOIS = today().replace(day=1)


@pytest.fixture(scope="module")
def droit(house, django_db_blocker):
    """Commit a right that is being paid in the north."""
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
        dossier = payable(house.team.nord, start=MOIS, nom="Payée", apa="500.00")
        return m.Droit.objects.get(dossier=dossier)


LOT = (
    "INSERT INTO apa_ash_lotpaiement (id, service_id, mois, etat, prepare_par_id, prepare_on)"
    " VALUES (%s, %s, %s, 'prepare', %s, access.today())"
)
LIGNE = (
    "INSERT INTO apa_ash_paiement (id, service_id, lot_id, dossier_id, droit_id, titulaire, iban,"
    " mois_du, montant_brut, retenue, anomalie, ecarte, examen) SELECT gen_random_uuid(),"
    " c.service_id, %s, c.dossier_id, %s, c.titulaire, c.iban, %s, %s, 0, '', false, ''"
    " FROM apa_ash_comptebancaire c WHERE c.dossier_id = %s"
)
VALIDE = (
    "UPDATE apa_ash_lotpaiement SET etat = 'valide', valide_par_id = %s, valide_on = access.today()"
    " WHERE id = %s"
)
FICHIER = (
    "INSERT INTO apa_ash_fichierpaiement (id, service_id, lot_id, forme, nom, empreinte, contenu)"
    " SELECT gen_random_uuid(), service, l.id, 'csv', 'x',"
    " coalesce(seal, encode(sha256(written), 'hex')), written"
    " FROM (SELECT %s::uuid AS service, %s::uuid AS lot, %s::text AS seal, %s::bytea AS forged) g"
    f" JOIN apa_ash_lotpaiement l ON l.id = lot,"
    f" LATERAL (SELECT coalesce(forged, {TABLE_OF}) AS written) b"
)
EMIS = "UPDATE apa_ash_lotpaiement SET etat = 'emis', emis_on = access.today() WHERE id = %s"
FORGED = b"lot;iban\r\nx;FR00"


class Run:
    """A run prepared by paul over one session, line by line, validated by remi when asked."""

    def __init__(self, house, opened, droit):
        self.house, self.opened, self.droit, self.id = house, opened, droit, uuid.uuid4()
        service, paul = house.team.nord.pk, house.team.paul.pk
        opened.execute(LOT, [self.id, service, MOIS, paul])

    def add(self, montant="500.00", mois=MOIS):
        values = [self.id, self.droit.pk, mois, montant, self.droit.dossier_id]
        self.opened.execute(LIGNE, values)

    def validate(self):
        self.house.take(self.opened, "remi", PAIEMENT)
        self.opened.execute(VALIDE, [self.house.team.remi.pk, self.id])

    def keep(self, seal=None, forged=None):
        self.opened.execute(FICHIER, [self.house.team.nord.pk, self.id, seal, forged])

    def date(self, day="access.today()"):
        self.opened.execute(
            f"UPDATE apa_ash_paiement SET verse_on = {day} WHERE lot_id = %s", [self.id]
        )

    def refused(self, attack, *values):
        with pytest.raises(errors.CheckViolation), self.opened.transaction():
            attack(*values)


@pytest.fixture
def run(house, droit):
    with house.inside("paul", PAIEMENT) as opened:
        yield Run(house, opened, droit)


def test_who_prepared_a_run_writes_no_file_of_it_nor_issues_it(run):
    run.add()
    run.validate()
    run.refused(run.opened.execute, EMIS, [run.id])  # without a file
    run.house.take(run.opened, "paul", PAIEMENT)
    run.refused(run.keep)
    run.house.take(run.opened, "remi", PAIEMENT)
    run.refused(run.keep, "0" * 64)
    run.keep()
    run.refused(run.opened.execute, EMIS, [run.id])  # its lines have no day
    run.date()
    run.house.take(run.opened, "paul", PAIEMENT)
    run.refused(run.opened.execute, EMIS, [run.id])
    run.house.take(run.opened, "remi", PAIEMENT)
    run.opened.execute(EMIS, [run.id])


@pytest.mark.parametrize(
    ("montant", "mois"),
    [("500.02", MOIS), ("500.00", next_month(MOIS)), ("1.00", previous_month(MOIS))],
)
def test_no_line_pays_more_than_the_right_gives_nor_another_month(run, montant, mois):
    run.refused(run.add, montant, mois)
    run.add()


@pytest.mark.parametrize("retenue", ["0.01", "500"])
def test_a_run_withholds_nothing_for_a_debt_that_nobody_was_told_of(run, retenue):
    values = [run.id, run.droit.pk, MOIS, "500.00", run.droit.dossier_id]
    run.opened.execute(LIGNE.replace("%s, 0, ''", f"%s, {retenue}, ''"), values)
    run.refused(run.validate)


def test_a_run_of_another_decade_is_not_prepared(run, house):
    mois = MOIS.replace(year=MOIS.year + 5)
    values = [uuid.uuid4(), house.team.nord.pk, mois, house.team.paul.pk]
    run.refused(run.opened.execute, LOT, values)


def test_two_runs_pay_no_month_twice(run, house):
    run.add()
    run.id = uuid.uuid4()
    values = [run.id, house.team.nord.pk, next_month(MOIS), house.team.paul.pk]
    run.opened.execute(LOT, values)
    run.refused(run.add, "0.02")


def test_a_line_set_aside_then_kept_again_is_seen_at_the_validation(run, house):
    run.add()
    aside = (
        "UPDATE apa_ash_paiement SET ecarte = %s, examen = %s, examine_par_id = %s"
        " WHERE lot_id = %s"
    )
    paul = house.team.paul.pk
    run.opened.execute(aside, [True, "x", paul, run.id])
    first, run.id = run.id, uuid.uuid4()
    run.opened.execute(LOT, [run.id, house.team.nord.pk, next_month(MOIS), paul])
    run.add()
    run.opened.execute(aside, [False, "y", paul, first])
    run.refused(run.validate)


def test_a_line_enters_a_run_before_anybody_has_looked_at_it(run):
    examined = (
        LIGNE.replace("false, ''", "false, 'vu'")
        .replace("(id, ", "(examine_par_id, id, ")
        .replace("SELECT gen", "SELECT access.agent(), gen")
    )
    values = [run.id, run.droit.pk, MOIS, "500.00", run.droit.dossier_id]
    run.refused(run.opened.execute, examined, values)


def test_a_line_takes_the_known_account_and_the_hand_that_entered_it(run):
    values = [run.id, run.droit.pk, MOIS, "500.00", run.droit.dossier_id]
    for forged in (
        LIGNE.replace("c.iban,", "'FR00',"),
        LIGNE.replace("c.titulaire,", "'Paul',"),
        LIGNE.replace("(id, ", "(saisi_par_id, id, ").replace(
            "SELECT gen", "SELECT access.agent(), gen"
        ),
    ):
        run.refused(run.opened.execute, forged, values)
    run.add()


@pytest.mark.parametrize("day", ["'2020-01-01'", "access.today() + 2", "access.today() - 2"])
def test_a_payment_is_dated_by_the_act_that_wrote_its_file(run, day):
    run.add()
    run.validate()
    run.refused(run.date)  # no file yet
    run.refused(run.keep, None, FORGED)
    run.refused(run.keep, "0" * 64)
    run.keep()
    run.refused(run.date, day)
    run.date()
    run.refused(run.date)  # once


def test_a_run_whose_file_was_written_is_not_given_up(run):
    run.add()
    run.validate()
    given_up = "UPDATE apa_ash_lotpaiement SET etat = 'abandonne' WHERE id = %s"
    with run.opened.transaction() as undone:
        run.opened.execute(given_up, [run.id])
        raise psycopg.Rollback(undone)
    run.keep()
    run.refused(run.opened.execute, given_up, [run.id])
