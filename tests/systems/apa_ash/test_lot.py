"""The monthly run: what it pays, to whom, who may validate it, and what it refuses."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from egide.kernel.access.passage import Refused
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT, Role
from egide.systems.apa_ash.queries.lot import total_before
from egide.systems.apa_ash.services import lot as acts
from tests import factories
from tests.personas import grant, today
from tests.systems.apa_ash.paiement_rows import droit, payable, prestataire


@pytest.fixture
def mois():
    return today().replace(day=1)


@pytest.fixture
def run(team, entering, mois):
    """Prepare the run of the month as Paul, or as another agent."""

    def prepare(agent=None, service=None, month=None, lot_id=None):
        with entering(agent or team.paul, PAIEMENT) as passage:
            return acts.prepare_lot(
                passage,
                lot_id=lot_id or uuid.uuid4(),
                service_id=(service or team.nord).pk,
                mois=month or mois,
            )

    return prepare


def lines(lot):
    return list(m.Paiement.objects.filter(lot=lot).order_by("mois_du", "prestataire"))


def trail(outcome, verb):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit.trail WHERE outcome = %s AND verb = %s", [outcome, verb]
        )
        return cursor.fetchone()[0]


@pytest.mark.clause("APA-05")
def test_a_run_pays_each_open_right_of_the_service_and_no_other(team, run, mois):
    mine = payable(team.nord, start=mois)
    payable(team.sud, start=mois)
    payable(team.nord, start=mois, end=mois)  # annulled: it covers no day
    # She pays both services: the run is still that of one.
    grant(team.nora, Role.AGENT_PAIEMENT, team.nord, team.sud, by=team.admin)
    (line,) = lines(run(agent=team.nora))
    assert (line.dossier, line.montant_brut, line.montant) == (
        mine,
        Decimal("876.13"),
        line.montant,
    )
    assert (line.mois_du, line.prestataire, line.anomalie) == (mois, None, "")
    assert trail("fait", "préparer le paiement du mois") == 1


def test_the_service_is_paid_for_its_part_and_the_person_for_hers(team, run, mois):
    aide = prestataire(team.departement)
    payable(
        team.nord,
        start=mois,
        apa="100.01",
        lines=[(ModeAide.PRESTATAIRE, aide, 20, 25), (ModeAide.GRE_A_GRE, None, 10, 25)],
    )
    paid = {line.prestataire: line.montant_brut for line in lines(run())}
    assert paid == {aide: Decimal("66.67"), None: Decimal("33.34")}


def test_the_first_payment_holds_the_arrears(team, run, mois):
    payable(team.nord, start=previous_month(mois, back=2))
    assert [line.mois_du for line in lines(run())] == [
        previous_month(mois, back=2),
        previous_month(mois),
        mois,
    ]


def test_a_month_already_paid_is_not_paid_again(team, run, mois):
    payable(team.nord, start=previous_month(mois))
    first = run(month=previous_month(mois))
    assert [line.mois_du for line in lines(run())] == [mois]
    assert len(lines(first)) == 1


def test_death_and_suspension_are_counted_by_days(team, run):
    month = date(2026, 11, 1)
    dead, suspended = (payable(team.nord, start=month, apa="300.00", nom=n) for n in "AB")
    m.Identite.objects.filter(dossier=dead).update(deces_on=date(2026, 11, 15))
    m.Interruption.objects.create(
        service=team.nord,
        dossier=suspended,
        nature="suspension",
        periode=DateRange(month, None),
    )
    (line,) = lines(run(month=month))
    assert (line.dossier, line.montant_brut) == (dead, Decimal("150.00"))
    assert line.anomalie == Anomalie.DECES


def test_a_line_without_account_is_an_anomaly_and_cannot_be_kept(team, run, entering, mois):
    dossier = factories.dossier(team.nord, etat="ouvert")
    droit(dossier, start=mois)
    (line,) = lines(run())
    assert line.anomalie == Anomalie.COMPTE_ABSENT
    with entering(team.paul, PAIEMENT) as passage, pytest.raises(acts.NowhereToPay):
        acts.examine_paiement(passage, paiement_id=line.pk, ecarter=False, motif="on verra")
    line.refresh_from_db()
    assert line.examen == ""


@pytest.mark.parametrize(
    ("name", "service"),
    [("alice", "nord"), ("carole", "nord"), ("denis", "nord"), ("nora", "nord"), ("paul", "sud")],
)
def test_only_a_payment_agent_of_the_service_prepares(team, run, mois, name, service):
    payable(team.nord, start=mois)
    payable(team.sud, start=mois)
    with pytest.raises(Refused):
        run(team.agents[name], service=getattr(team, service))
    assert not m.LotPaiement.objects.exists()


def test_another_purpose_reads_no_run(team, run, entering, mois):
    payable(team.nord, start=mois)
    run()
    for agent, purpose in ((team.alice, INSTRUCTION), (team.carole, CONTROLE)):
        with (
            entering(agent, purpose),
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT etat FROM apa_ash_lotpaiement")


def test_a_replayed_form_creates_one_run(team, run, mois):
    payable(team.nord, start=mois)
    lot_id = uuid.uuid4()
    assert run(lot_id=lot_id) == run(lot_id=lot_id)
    assert m.Paiement.objects.count() == 1


def test_a_month_is_prepared_once_until_it_is_abandoned(team, run, entering, mois):
    payable(team.nord, start=mois)
    first = run()
    with pytest.raises(acts.AlreadyPrepared):
        run()
    with entering(team.paul, PAIEMENT) as passage:
        acts.abandon_lot(passage, lot_id=first.pk, motif="Erreur de saisie")
    assert len(lines(run())) == 1


@pytest.mark.parametrize("back", [-2, 25])
def test_a_month_out_of_reach_is_refused(team, run, mois, back):
    payable(team.nord, start=date(2020, 1, 1))
    with pytest.raises(acts.MonthOutOfReach):
        run(month=previous_month(mois, back=back))


def test_nothing_due_creates_nothing(team, run, mois):
    with pytest.raises(acts.NothingDue):
        run()
    assert not m.LotPaiement.objects.exists()


def test_the_agent_who_prepared_cannot_validate(team, run, entering, mois):
    payable(team.nord, start=mois)
    lot = run()
    with entering(team.paul, PAIEMENT) as passage, pytest.raises(acts.SameAgent):
        acts.validate_lot(passage, lot_id=lot.pk)
    with (
        entering(team.paul, PAIEMENT),
        pytest.raises(IntegrityError, match="lot_paiement_second_agent"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE apa_ash_lotpaiement SET etat = 'valide', valide_on = %s, valide_par_id = %s",
            [today(), team.paul.pk],
        )
    lot.refresh_from_db()
    assert lot.etat == "prepare"


@pytest.mark.clause("APA-05")
def test_the_responsable_or_another_payment_agent_validates(team, run, entering, mois):
    payable(team.nord, start=previous_month(mois))
    lots = [run(month=previous_month(mois)), run()]
    grant(team.nora, Role.AGENT_PAIEMENT, team.nord, by=team.admin)
    for lot, agent in zip(lots, (team.remi, team.nora), strict=True):
        with entering(agent, PAIEMENT) as passage:
            acts.validate_lot(passage, lot_id=lot.pk)
        lot.refresh_from_db()
        assert (lot.etat, lot.valide_par, lot.valide_on) == ("valide", agent, today())


def test_a_run_of_another_service_looks_absent(team, run, entering, mois):
    payable(team.nord, start=mois)
    lot = run()
    grant(team.bruno, Role.AGENT_PAIEMENT, team.sud, by=team.admin)
    with entering(team.bruno, PAIEMENT) as passage, pytest.raises(Refused):
        acts.validate_lot(passage, lot_id=lot.pk)


def test_an_anomaly_must_be_looked_at_before_validation(team, run, entering, mois):
    for nom in "AB":
        payable(team.nord, start=mois, nom=nom, iban="FR00")
    lot = run()
    with entering(team.remi, PAIEMENT) as passage, pytest.raises(acts.AnomaliesLeft):
        acts.validate_lot(passage, lot_id=lot.pk)
    with entering(team.paul, PAIEMENT) as passage:
        acts.keep_anomalies(
            passage, lot_id=lot.pk, anomalie=Anomalie.COMPTE_PARTAGE, motif="Couple"
        )
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
    assert m.Paiement.objects.filter(examen="Couple", examine_par=team.paul).count() == 2


def test_a_line_set_aside_is_proposed_again_next_month(team, run, entering, mois):
    before = previous_month(mois)
    kept, aside = (payable(team.nord, start=before, nom=n) for n in "AB")
    lot = run(month=before)
    line = m.Paiement.objects.get(dossier=aside)
    with entering(team.paul, PAIEMENT) as passage:
        acts.examine_paiement(passage, paiement_id=line.pk, ecarter=True, motif="Compte clos")
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
    months = {(line.dossier, line.mois_du) for line in lines(run())}
    assert months == {(kept, mois), (aside, mois), (aside, before)}


@pytest.fixture
def half_paid(team, run, entering, mois):
    """A month whose service was paid 75.00 € while the person's 25.00 € were set aside."""
    aide, before = prestataire(team.departement), previous_month(mois)
    dossier = payable(
        team.nord,
        start=before,
        apa="100.00",
        lines=[(ModeAide.PRESTATAIRE, aide, 30, 25), (ModeAide.GRE_A_GRE, None, 10, 25)],
    )
    lot = run(month=before)
    line = m.Paiement.objects.get(lot=lot, prestataire=None)
    with entering(team.paul, PAIEMENT) as passage:
        acts.examine_paiement(passage, paiement_id=line.pk, ecarter=True, motif="Compte clos")
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
    return dossier, before


def paid_again(lot, *, month):
    rows = m.Paiement.objects.filter(lot=lot, mois_du=month)
    return {(line.prestataire, line.montant_brut) for line in rows}


def test_the_part_set_aside_is_proposed_again_without_that_of_the_service(run, half_paid):
    _, before = half_paid
    assert paid_again(run(), month=before) == {(None, Decimal("25.00"))}


def test_the_part_set_aside_is_proposed_once_only(team, run, entering, half_paid, mois):
    _, before = half_paid
    again = run()
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=again.pk)
    assert paid_again(run(month=next_month(mois)), month=before) == set()


def test_a_stay_known_since_takes_the_part_set_aside_first(run, half_paid):
    dossier, before = half_paid
    m.Interruption.objects.create(
        service=dossier.service,
        dossier=dossier,
        nature="suspension",
        periode=DateRange(before.replace(day=2), next_month(before)),
    )
    assert paid_again(run(), month=before) == set()


def test_the_part_set_aside_does_not_make_its_run_out_of_date(team, run, entering, half_paid):
    dossier, before = half_paid
    m.Interruption.objects.create(
        service=dossier.service,
        dossier=dossier,
        nature="had",
        periode=DateRange(before, before.replace(day=9)),
    )
    lot = run()
    assert paid_again(lot, month=before) == {(None, Decimal("25.00"))}
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)


def test_a_validated_run_no_longer_changes(team, run, entering, mois):
    payable(team.nord, start=mois)
    lot = run()
    (line,) = lines(lot)
    with entering(team.remi, PAIEMENT) as passage:
        acts.validate_lot(passage, lot_id=lot.pk)
        with pytest.raises(acts.WrongState):
            acts.validate_lot(passage, lot_id=lot.pk)
        with pytest.raises(acts.WrongState):
            acts.abandon_lot(passage, lot_id=lot.pk, motif="trop tard")
        with pytest.raises(acts.WrongState):
            acts.examine_paiement(passage, paiement_id=line.pk, ecarter=True, motif="trop tard")


def test_a_rise_of_more_than_half_is_an_anomaly(team, run, mois):
    before = previous_month(mois)
    dossier = payable(team.nord, start=before, end=mois, apa="100.00")
    run(month=before)
    droit(dossier, start=mois, apa="150.01", lines=())
    assert Anomalie.HAUSSE in lines(run())[0].anomalie.split()


def test_preparing_takes_as_many_statements_for_sixty_files_as_for_one(team, run, mois):
    counts = []
    for size in (1, 59):
        for n in range(size):
            payable(team.nord, start=mois, nom=f"Nom {size} {n}")
        with CaptureQueriesContext(connection) as captured:
            lot = run()
        counts.append(len(captured))
        m.LotPaiement.objects.filter(pk=lot.pk).update(etat="abandonne")
    # Habilitations (1), passage in and out (4), savepoint (2), replay and month (2), the run (3),
    # twelve reads, the examinations carried over, one INSERT … SELECT, one line of trail.
    assert counts == [28, 28]
    assert m.Paiement.objects.filter(lot=lot).aggregate(s=Sum("montant"))["s"] == 60 * Decimal(
        "876.13"
    )


def test_the_month_before_is_what_was_paid_and_not_what_was_given_up(team, run, entering, mois):
    before = previous_month(mois)
    payable(team.nord, start=before, apa="100.00")
    first = run(month=before)
    with entering(team.paul, PAIEMENT) as passage:
        acts.abandon_lot(passage, lot_id=first.pk, motif="Essai")
    run(month=before)
    lot = run()
    with entering(team.paul, PAIEMENT) as passage:
        assert total_before(passage, lot) == Decimal("100.00")


@pytest.mark.clause("APA-05")
@pytest.mark.parametrize("hidden", [{}, {"anomalie": ""}, {"prestataire": "other"}])
def test_what_is_amiss_is_found_again_before_the_validation(team, run, entering, mois, hidden):
    """Whoever prepares writes the anomalies, and who is paid: a run that hides some waits."""
    start = previous_month(mois, back=6)
    payable(team.nord, start=mois)
    late = payable(team.nord, start=start, nom="Rappel")
    lot = run()
    told = m.Paiement.objects.filter(lot=lot, dossier=late)
    assert {line.anomalie for line in told} == {"rappel"}
    with entering(team.paul, PAIEMENT) as passage:
        acts.keep_anomalies(passage, lot_id=lot.pk, anomalie=Anomalie.RAPPEL, motif="Recours gagné")
    if "prestataire" in hidden:
        aide = prestataire(team.departement)
        told.update(prestataire=aide, titulaire=aide.nom, iban=aide.iban)
    else:
        told.update(**hidden)
    with entering(team.remi, PAIEMENT) as passage:
        if not hidden:
            acts.validate_lot(passage, lot_id=lot.pk)
        else:
            with pytest.raises(acts.AnomaliesUntold, match=late.numero):
                acts.validate_lot(passage, lot_id=lot.pk)
    lot.refresh_from_db()
    assert lot.etat == ("prepare" if hidden else "valide")
