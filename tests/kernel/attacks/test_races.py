"""Agents at the same moment: the others wait for the first, then are told, never a failure."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from egide.kernel.access.passage import enter, openings_of
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.fichiers.releves import Nature
from egide.systems.apa_ash.purposes import CONTROLE, PAIEMENT
from egide.systems.apa_ash.services.compte import EnteredMeanwhile, save_compte
from egide.systems.apa_ash.services.fichiers import DejaImporte
from egide.systems.apa_ash.services.lot import prepare_lot
from egide.systems.apa_ash.services.lot_refus import AlreadyPrepared
from egide.systems.apa_ash.services.releves import import_releves
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import IBAN, payable, prestataire

OTHER = "FR7630006000011234567890189"
SIRET = "73282932000074"
PATIENCE = 20


class Race:
    """Several connections: the other acts start before the first one has committed."""

    def __init__(self, house):
        self.house = house
        self.done, self.blocked = threading.Event(), threading.Event()

    def run(self, purpose, agent, first, *others):
        with ThreadPoolExecutor(1 + len(others)) as pool:
            runs = [pool.submit(self.hold, purpose, agent, first)]
            runs += [pool.submit(self.follow, purpose, agent, other) for other in others]
            if self.done.wait(PATIENCE):
                _wait_until_blocked(len(others))
                self.blocked.set()
            return [run.result(PATIENCE) for run in runs]

    def hold(self, purpose, agent, act):
        with self.passage(purpose, agent) as passage:
            found = act(passage)
            self.done.set()
            assert self.blocked.wait(PATIENCE)
            return found

    def follow(self, purpose, agent, act):
        assert self.done.wait(PATIENCE)
        with self.passage(purpose, agent) as passage:
            try:
                return act(passage)
            except ActeRefuse as refused:
                # The page that tells it is still to be read in this transaction.
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                return refused

    @contextmanager
    def passage(self, purpose, agent):
        who = self.house.team.agents[agent]
        openings = openings_of(who, on=today())
        try:
            with enter(who, purpose=purpose, openings=openings, session=agent, on=today()) as held:
                yield held
        finally:
            connection.close()


@pytest.fixture
def two(house, django_db_blocker):
    with django_db_blocker.unblock():
        yield Race(house).run
        with upkeep():
            m.CompteBancaire.objects.filter(dossier_id=house.nord).delete()


def _wait_until_blocked(others):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= others:
                return
        time.sleep(0.02)
    pytest.fail("the other acts never waited for the first")


@contextmanager
def upkeep():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
        yield


def entered(house):
    with upkeep():
        rows = m.CompteBancaire.objects.filter(dossier_id=house.nord)
        return list(rows.values_list("iban", flat=True))


def enter_account(house, iban):
    return lambda passage: save_compte(
        passage, dossier_id=house.nord, titulaire="Jeanne Lefèvre", iban=iban
    )


def test_the_same_account_entered_twice_at_once_is_entered_once(house, two):
    one, other = two(PAIEMENT, "paul", enter_account(house, IBAN), enter_account(house, IBAN))
    assert one == other
    assert entered(house) == [IBAN]


def test_two_accounts_at_once_keep_the_first_and_tell_the_second(house, two):
    one, other = two(PAIEMENT, "paul", enter_account(house, IBAN), enter_account(house, OTHER))
    assert isinstance(other, EnteredMeanwhile)
    assert entered(house) == [one.iban] == [IBAN]


def test_two_imports_of_one_file_at_once_take_it_in_once(house, two):
    with upkeep():
        aide = prestataire(house.team.departement)
        m.Prestataire.objects.filter(pk=aide.pk).update(siret=SIRET)
        numero = m.Dossier.objects.get(pk=house.nord).numero
    contenu = f"dossier;siret;mois;heures\n{numero};{SIRET};2026-10;12\n".encode()

    def take(passage):
        return import_releves(
            passage, service_id=house.team.nord.pk, nature=Nature.HEURES, contenu=contenu
        )

    one, other = two(CONTROLE, "carole", take, take)
    assert one.lignes == 1
    assert isinstance(other, DejaImporte)
    with upkeep():
        assert m.Prestation.objects.get(prestataire=aide).heures_realisees == 12


@pytest.fixture
def mois(house, django_db_blocker):
    with django_db_blocker.unblock():
        month = today().replace(day=1)
        with upkeep():
            payable(house.team.nord, start=month, nom="Due")
        yield month
        with upkeep():
            m.LotPaiement.objects.filter(mois=month).delete()


def prepare(house, mois, lot_id=None):
    return lambda passage: prepare_lot(
        passage, lot_id=lot_id or uuid.uuid4(), service_id=house.team.nord.pk, mois=mois
    )


def test_three_preparations_at_once_make_one_run_and_tell_the_others(house, two, mois):
    one, *others = two(PAIEMENT, "paul", *(prepare(house, mois) for _ in range(3)))
    assert [type(told) for told in others] == [AlreadyPrepared, AlreadyPrepared]
    with upkeep():
        assert m.LotPaiement.objects.get(mois=mois) == one
        assert m.Paiement.objects.filter(lot__mois=mois).count() == one.paiements.count() > 0


def test_one_form_sent_three_times_at_once_prepares_one_run(house, two, mois):
    lot_id = uuid.uuid4()
    runs = two(PAIEMENT, "paul", *(prepare(house, mois, lot_id) for _ in range(3)))
    assert [run.pk for run in runs] == [lot_id] * 3
