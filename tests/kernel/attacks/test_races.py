"""Agents at the same moment: the others wait for the first, then are told, never a failure."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from egide.kernel.access.passage import enter, openings_of
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.fichiers.releves import Nature
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT
from egide.systems.apa_ash.services import emission, factures, lot, relais, remises, retraits
from egide.systems.apa_ash.services.compte import EnteredMeanwhile, save_compte
from egide.systems.apa_ash.services.fichiers import DejaImporte
from egide.systems.apa_ash.services.lot import prepare_lot
from egide.systems.apa_ash.services.lot_refus import AlreadyPrepared
from egide.systems.apa_ash.services.releves import import_releves
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import IBAN, TABLE_OF, payable, prestataire

OTHER = "FR7630006000011234567890189"
SIRET = "73282932000074"
PATIENCE = 20


class Race:
    """Several connections: the other acts start before the first one has committed."""

    def __init__(self, house):
        self.house = house
        self.done, self.blocked = threading.Event(), threading.Event()

    def run(self, purpose, agent, first, *others, then=None):
        with ThreadPoolExecutor(1 + len(others)) as pool:
            runs = [pool.submit(self.hold, purpose, agent, first)]
            after = then or (purpose, agent)
            runs += [pool.submit(self.follow, *after, other) for other in others]
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
            except (ActeRefuse, IntegrityError) as refused:
                # The page that tells it is still to be read in this transaction.
                if isinstance(refused, ActeRefuse):
                    statement("SELECT 1")
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


def statement(query):
    with connection.cursor() as cursor:
        cursor.execute(query)


@pytest.fixture
def validated(house, two):
    """An invoice of one file, in a run validated and ready to be issued."""
    with upkeep():
        dossier = payable(house.team.nord, start=today().replace(day=1))
        aide = m.AidePonctuelle.objects.create(
            service=house.team.nord,
            dossier=dossier,
            plan=m.PlanAide.objects.get(dossier=dossier),
            nature="repit",
            objet="Accueil temporaire",
            montant=400,
        )
    race = Race(house)
    with race.passage(CONTROLE, "carole") as passage:
        facture = enter_invoice(passage, dossier.pk, aide.pk)
    with race.passage(PAIEMENT, "paul") as passage:
        run = lot.prepare_lot(
            passage,
            lot_id=uuid.uuid4(),
            service_id=house.team.nord.pk,
            mois=today().replace(day=1),
        )
    with upkeep():
        lines = m.Paiement.objects.filter(lot=run)
        lines.update(examen="Vu", examine_par=house.team.paul)
        lines.exclude(dossier=dossier).update(ecarte=True)
    with race.passage(PAIEMENT, "remi") as passage:
        lot.validate_lot(passage, lot_id=run.pk)
    yield run.pk, facture.pk
    with upkeep():
        for rows in (m.FichierPaiement, m.Paiement):
            rows.objects.filter(lot=run).delete()
        m.LotPaiement.objects.filter(pk=run.pk).delete()
        m.Facture.objects.filter(dossier=dossier).delete()
        forget(dossier.pk)


def enter_invoice(passage, dossier_id, cible_id, *, on=None):
    depense = factures.Depense(
        reference="F-1", depense_on=on or today(), montant=Decimal(100), a_la_personne=True
    )
    return factures.record_facture(
        passage, dossier_id=dossier_id, jeton=uuid.uuid4(), cible_id=cible_id, depense=depense
    )


def forget(dossier_id):
    for rows in (m.Relais, m.AidePonctuelle, m.Aidant, m.Droit, m.Decision, m.LignePlan):
        rows.objects.filter(dossier_id=dossier_id).delete()
    m.PlanAide.objects.filter(dossier_id=dossier_id).delete()
    m.Dossier.objects.filter(pk=dossier_id).delete()


def issue(run):
    return lambda passage: emission.issue_lot(
        passage, lot_id=run, iban_debiteur="", execution_on=None
    )


def withdraw(facture):
    return lambda passage: factures.withdraw_facture(passage, facture_id=facture, motif="Doublon")


def test_an_invoice_is_not_withdrawn_while_its_run_is_being_issued(two, validated):
    run, facture = validated
    _, other = two(PAIEMENT, "remi", issue(run), withdraw(facture), then=(CONTROLE, "carole"))
    assert isinstance(other, factures.FactureDejaPayee)


def test_a_run_is_not_issued_while_its_invoice_is_being_withdrawn(two, validated):
    run, facture = validated
    _, other = two(CONTROLE, "carole", withdraw(facture), issue(run), then=(PAIEMENT, "remi"))
    assert isinstance(other, lot.FacturesWithdrawn)


# Without the services: what a process that writes its own statements would obtain.
RETIRE = "UPDATE apa_ash_facture SET retiree_on = access.today(), retrait = 'x' WHERE id = '{}'"
EMET = (
    "INSERT INTO apa_ash_fichierpaiement (id, service_id, lot_id, forme, nom, empreinte, contenu)"
    " SELECT gen_random_uuid(), service_id, id, 'csv', 'x', encode(sha256(bytes), 'hex'), bytes"
    f" FROM apa_ash_lotpaiement l, LATERAL (SELECT {TABLE_OF} AS bytes) b"
    " WHERE id = '{0}';"
    "UPDATE apa_ash_paiement SET verse_on = access.today()"
    " WHERE lot_id = '{0}' AND NOT ecarte;"
    "UPDATE apa_ash_lotpaiement SET etat = 'emis', emis_on = access.today() WHERE id = '{0}'"
)


@pytest.mark.parametrize("first", ["issue", "withdraw"])
def test_postgresql_itself_keeps_them_apart(two, validated, first):
    run, facture = validated
    sides = {
        "issue": ((PAIEMENT, "remi"), EMET.format(run)),
        "withdraw": ((CONTROLE, "carole"), RETIRE.format(facture)),
    }
    who, query = sides.pop(first)
    ((then, other_query),) = sides.values()
    _, other = two(*who, lambda _: statement(query), lambda _: statement(other_query), then=then)
    name = {"issue": "facture_frozen", "withdraw": "paiement_of_its_invoice"}[first]
    assert isinstance(other, IntegrityError)
    assert other.__cause__.diag.constraint_name == name


@pytest.fixture
def relay(house, two):
    """A relay granted ten days ago, whose discharge nobody recorded."""
    since = today() - timedelta(days=10)
    with upkeep():
        dossier = payable(house.team.nord, start=since - timedelta(days=40))
        bound = {"service": house.team.nord, "dossier": dossier}
        decision = m.Decision.objects.create(
            **bound, nature="relais", prise_on=since, effet_on=since
        )
        made = m.Relais.objects.create(
            **bound,
            aidant=m.Aidant.objects.create(**bound, nom="Léa Roy", lien="fille"),
            entree_on=since,
            justificatif="bulletin",
            justifie_on=since,
            objet="Garde",
            cout=400,
            plafond=400,
            retenu=400,
            etat="accorde",
            decision=decision,
        )
    yield dossier.pk, made.pk
    with upkeep():
        m.Facture.objects.filter(dossier=dossier).delete()
        forget(dossier.pk)


def end(dossier, made, sortie_on):
    return lambda passage: relais.end_relais(
        passage, dossier_id=dossier, relais_id=made, sortie_on=sortie_on
    )


def test_an_invoice_being_entered_is_seen_by_the_discharge_that_excludes_it(two, relay):
    yesterday = today() - timedelta(days=1)
    _, other = two(
        CONTROLE,
        "carole",
        lambda passage: enter_invoice(passage, *relay),
        end(*relay, yesterday),
        then=(INSTRUCTION, "alice"),
    )
    assert isinstance(other, relais.FacturesApresSortie)


def test_a_discharge_being_recorded_is_seen_by_the_invoice_that_it_excludes(two, relay):
    yesterday = today() - timedelta(days=1)
    _, other = two(
        INSTRUCTION,
        "alice",
        end(*relay, yesterday),
        lambda passage: enter_invoice(passage, *relay),
        then=(CONTROLE, "carole"),
    )
    assert isinstance(other, factures.DepenseHorsPeriode)


@pytest.fixture
def debt(house, two):
    """A run prepared that withholds a debt of one file, and the debt."""
    mois = today().replace(day=1)
    with upkeep():
        dossier = payable(house.team.nord, start=mois, apa="500.00")
        owed = m.Indu.objects.create(
            service=house.team.nord,
            dossier=dossier,
            mois=mois,
            motif="Absence",
            montant=80,
            constate_on=mois,
            constate_par=house.team.carole,
            prescrit_on=date(2099, 1, 1),
            etat="notifie",
        )
    with Race(house).passage(PAIEMENT, "paul") as passage:
        run = lot.prepare_lot(
            passage, lot_id=uuid.uuid4(), service_id=house.team.nord.pk, mois=mois
        )
    with upkeep():
        lines = m.Paiement.objects.filter(lot=run)
        lines.update(examen="Vu", examine_par=house.team.paul)
        lines.exclude(dossier=dossier).update(ecarte=True)
        asked = m.Remise.objects.create(
            service=house.team.nord,
            dossier=dossier,
            indu=owed,
            origine="debiteur",
            demandee_on=today(),
            demandee_par=house.team.carole,
            motif="Ressources",
            etat="demandee",
        )
    yield run.pk, owed.pk, asked.pk
    with upkeep():
        m.Paiement.objects.filter(lot=run).delete()
        m.LotPaiement.objects.filter(pk=run.pk).delete()
        m.Indu.objects.filter(pk=owed.pk).delete()
        forget(dossier.pk)


def test_a_debt_being_remitted_is_not_withheld_by_the_run_being_validated(two, debt):
    run, owed, asked = debt
    _, other = two(
        INSTRUCTION,
        "remi",
        lambda passage: remises.grant_remise(passage, remise_id=asked, motif="Précarité"),
        lambda passage: lot.validate_lot(passage, lot_id=run),
        then=(PAIEMENT, "remi"),
    )
    assert isinstance(other, lot.InduChanged)
    with upkeep():
        left = m.Indu.objects.get(pk=owed)
    assert (left.etat, left.recouvre, left.remis) == ("remis", 0, 80)


def test_a_debt_being_withdrawn_is_not_withheld_by_the_run_being_validated(two, debt):
    """Its month was never paid: nothing of it was in excess, and nothing is owed."""
    run, owed, asked = debt
    with upkeep():
        m.Remise.objects.filter(pk=asked).update(nature="retrait", fondement="du")
    _, other = two(
        INSTRUCTION,
        "remi",
        lambda passage: retraits.grant_retrait(
            passage, remise_id=asked, motif="Somme due", lu=Decimal(0)
        ),
        lambda passage: lot.validate_lot(passage, lot_id=run),
        then=(PAIEMENT, "remi"),
    )
    assert isinstance(other, lot.InduChanged)
    with upkeep():
        left = m.Indu.objects.get(pk=owed)
    assert (left.etat, left.recouvre, left.retire) == ("retire", 0, 80)


def test_what_a_run_withholds_while_a_debt_is_withdrawn_is_given_back(two, debt):
    run, owed, asked = debt
    with upkeep():
        m.Remise.objects.filter(pk=asked).update(nature="retrait", fondement="du")
    two(
        PAIEMENT,
        "remi",
        lambda passage: lot.validate_lot(passage, lot_id=run),
        lambda passage: retraits.grant_retrait(
            passage, remise_id=asked, motif="Somme due", lu=Decimal(0)
        ),
        then=(INSTRUCTION, "remi"),
    )
    with upkeep():
        left = m.Indu.objects.get(pk=owed)
    assert (left.etat, left.recouvre, left.a_rendre) == ("retire", 80, 80)


CLAIM = (
    "INSERT INTO apa_ash_indu (id, service_id, dossier_id, mois, motif, montant, recouvre, remis,"
    " retire, constate_on, constate_par_id, prescrit_on, suite, etat) VALUES (gen_random_uuid(),"
    " '{}', '{}', date_trunc('month', access.today()), '{}', 500, 0, 0, 0, access.today(),"
    " access.agent(), access.today() + 740, '', 'constate')"
)


def test_a_month_that_was_paid_once_is_not_claimed_twice_at_once(house, two, debt):
    run, owed, _ = debt
    with upkeep():
        dossier = m.Indu.objects.get(pk=owed).dossier_id
        m.Indu.objects.filter(pk=owed).update(etat="retire", retire=80)
        m.Paiement.objects.filter(lot=run, dossier=dossier).update(verse_on=today())
    claims = [CLAIM.format(house.team.nord.pk, dossier, motif) for motif in "AB"]
    _, other = two(CONTROLE, "carole", *(lambda _, c=claim: statement(c) for claim in claims))
    assert isinstance(other, IntegrityError)
    assert other.__cause__.diag.constraint_name == "indu_of_what_was_paid"
    with upkeep():
        claimed = m.Indu.objects.filter(dossier=dossier, etat="constate")
        assert [line.motif for line in claimed] == ["A"]
        claimed.delete()


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


@pytest.mark.django_db
@pytest.mark.parametrize("level", list(psycopg.IsolationLevel))
def test_no_passage_is_under_another_isolation(house, level):
    """A guard that locks, then looks, would look at what there was before the others."""
    with house.web() as opened:
        opened.isolation_level = level
        house.take(opened, "alice", INSTRUCTION)
        ((files,),) = opened.execute("SELECT count(*) FROM apa_ash_dossier").fetchall()
    assert bool(files) == (level is psycopg.IsolationLevel.READ_COMMITTED)


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
