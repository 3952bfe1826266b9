"""A service paid on its hours: the run, its arrears, its anomalies, and a control that agrees."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.models.plan import ModeAide, ModeReglement
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT
from egide.systems.apa_ash.queries.controle import read_months
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.lot_perime import find_changed_dues
from egide.systems.apa_ash.services import lot as acts
from egide.systems.apa_ash.services.lot_examens import examine_dossier, set_aside_without_hours
from egide.systems.apa_ash.services.lot_refus import HoursAwaited
from egide.systems.apa_ash.services.prestataire import (
    MonthBegan,
    SameReglement,
    choose_reglement,
)
from tests.personas import today
from tests.systems.apa_ash.paiement_rows import droit, payable, prestataire

MARS, AVRIL, MAI = (date(2026, month, 1) for month in (3, 4, 5))


@pytest.fixture
def aide(team):
    return prestataire(team.departement)


@pytest.fixture
def on_hours(team, aide):
    """Pay the service on its hours from a month."""

    def choose(depuis=MARS, mode=ModeReglement.SERVICE_FAIT):
        return m.ReglementPrestataire.objects.create(
            organisme=team.departement, prestataire=aide, mode=mode, depuis=depuis
        )

    return choose


@pytest.fixture
def helped(team, aide):
    """40 h × 25 € through the service and 20 h × 15 € paid to the person, T = 0.10."""

    def make(start=MARS, *, nom="Lefèvre", alone=False):
        lines = [(ModeAide.PRESTATAIRE, aide, 40, 25)]
        if not alone:
            lines.append((ModeAide.GRE_A_GRE, None, 20, 15))
        total = Decimal(1000 if alone else 1300)
        return payable(
            team.nord,
            nom=nom,
            start=start,
            apa=str(total * Decimal("0.9")),
            plan_mensuel=str(total),
            taux="0.10",
            lines=lines,
        )

    return make


@pytest.fixture
def report(team, aide):
    """Record hours as an import does."""

    def write(dossier, mois, heures, facture=None):
        m.Prestation.objects.update_or_create(
            service=team.nord,
            dossier=dossier,
            prestataire=aide,
            mois=mois,
            defaults={
                "heures_realisees": None if heures is None else Decimal(heures),
                "montant_facture": facture,
            },
        )

    return write


@pytest.fixture
def do(team, on_day):
    """Act on a run on a day, as Paul or another."""

    def perform(act, *, day, agent=None, **values):
        with on_day(agent or team.paul, day, purpose=PAIEMENT) as passage:
            return act(passage, **values)

    return perform


@pytest.fixture
def run(team, do):
    """Prepare the run of a month on a day of it."""

    def prepare(mois, *, day=None):
        return do(
            acts.prepare_lot,
            day=day or mois.replace(day=5),
            lot_id=uuid.uuid4(),
            service_id=team.nord.pk,
            mois=mois,
        )

    return prepare


@pytest.fixture
def paid(team, do, run):
    """Prepare, validate and pay the run of a month."""

    def whole(mois):
        lot = run(mois)
        if m.Paiement.objects.filter(lot=lot, anomalie=Anomalie.HEURES_NON_RECUES).exists():
            do(set_aside_without_hours, day=mois, lot_id=lot.pk, motif="Relance du service")
        m.Paiement.objects.filter(lot=lot, examen="").exclude(anomalie="").update(
            examen="Vu", examine_par=team.paul
        )
        do(acts.validate_lot, day=mois.replace(day=6), agent=team.remi, lot_id=lot.pk)
        m.Paiement.objects.filter(lot=lot, ecarte=False).update(verse_on=mois.replace(day=8))
        m.LotPaiement.objects.filter(pk=lot.pk).update(etat="emis", emis_on=mois.replace(day=8))
        return lines(lot)

    return whole


def lines(lot, **where):
    rows = m.Paiement.objects.filter(lot=lot, **where).order_by("mois_du", "prestataire_id")
    return [(row.mois_du, row.prestataire_id, row.montant_brut, row.anomalie) for row in rows]


# What a run pays.


@pytest.mark.clause("APA-06")
def test_the_hours_of_the_month_are_paid_less_the_participation(
    run, aide, on_hours, helped, report
):
    on_hours()
    report(helped(), MARS, "20")
    assert lines(run(MARS)) == [
        (MARS, aide.pk, Decimal("450.00"), ""),
        (MARS, None, Decimal("270.00"), ""),
    ]


def test_the_near_miss_is_paid_on_the_plan_until_the_month_of_the_choice(
    run, aide, on_hours, helped, report
):
    on_hours(AVRIL)
    report(helped(), MARS, "20")
    assert (MARS, aide.pk, Decimal("900.00"), "") in lines(run(MARS))


def test_a_choice_undone_pays_the_plan_again(run, aide, on_hours, helped):
    on_hours(MARS)
    on_hours(AVRIL, ModeReglement.PLAN)
    helped(start=AVRIL)
    assert (AVRIL, aide.pk, Decimal("900.00"), "") in lines(run(AVRIL))


@pytest.mark.parametrize(("heures", "montant"), [("55", "900.00"), ("13.25", "298.13")])
def test_the_plan_bounds_the_hours_and_the_amount_is_rounded_once(
    run, aide, on_hours, helped, report, heures, montant
):
    on_hours()
    report(helped(), MARS, heures)
    assert (MARS, aide.pk, Decimal(montant), "") in lines(run(MARS))


def test_no_hour_delivered_pays_nothing_and_calls_for_nothing(run, on_hours, helped, report):
    on_hours()
    report(helped(), MARS, "0")
    assert lines(run(MARS, day=date(2026, 4, 5))) == [(MARS, None, Decimal("270.00"), "")]


# Hours that are awaited, then come.


def test_a_month_that_runs_awaits_nobody_and_its_hours_are_paid_the_month_after(
    paid, aide, on_hours, helped, report
):
    on_hours()
    dossier = helped()
    assert paid(MARS) == [(MARS, None, Decimal("270.00"), "")]
    report(dossier, MARS, "20")
    assert paid(AVRIL) == [
        (MARS, aide.pk, Decimal("450.00"), ""),
        (AVRIL, None, Decimal("270.00"), ""),
    ]


def test_an_ended_month_without_hours_is_an_anomaly_that_pays_nothing(
    paid, aide, on_hours, helped, report
):
    on_hours()
    dossier = helped()
    paid(MARS)
    awaited = (MARS, aide.pk, Decimal("0.00"), Anomalie.HEURES_NON_RECUES)
    assert awaited in paid(AVRIL)
    # Told once: the run of May tells April, and pays March when its hours are there.
    report(dossier, MARS, "20")
    assert paid(MAI) == [
        (MARS, aide.pk, Decimal("450.00"), ""),
        (AVRIL, aide.pk, Decimal("0.00"), Anomalie.HEURES_NON_RECUES),
        (MAI, None, Decimal("270.00"), ""),
    ]


def test_a_file_helped_by_the_service_alone_waits_too(paid, run, aide, on_hours, helped, report):
    on_hours()
    dossier = helped(alone=True)
    with pytest.raises(acts.NothingDue):
        run(MARS)
    report(dossier, MARS, "40")
    assert lines(run(AVRIL)) == [(MARS, aide.pk, Decimal("900.00"), "")]


def test_hours_that_come_in_two_files_are_paid_in_two_runs(paid, aide, on_hours, helped, report):
    on_hours()
    dossier = helped()
    report(dossier, MARS, "10")
    assert (MARS, aide.pk, Decimal("225.00"), "") in paid(MARS)
    report(dossier, MARS, "30")
    assert (MARS, aide.pk, Decimal("450.00"), "") in paid(AVRIL)
    assert [row for row in paid(MAI) if row[0] == MARS] == []


def test_awaited_hours_are_set_aside_or_mended_never_kept(team, do, run, on_hours, helped):
    on_hours()
    dossier = helped()
    lot = run(MARS, day=date(2026, 4, 5))
    line = m.Paiement.objects.get(lot=lot, anomalie=Anomalie.HEURES_NON_RECUES)
    for act, values in (
        (acts.examine_paiement, {"paiement_id": line.pk, "ecarter": False}),
        (acts.keep_anomalies, {"lot_id": lot.pk, "anomalie": Anomalie.HEURES_NON_RECUES}),
        (examine_dossier, {"lot_id": lot.pk, "dossier_id": dossier.pk, "ecarter": False}),
    ):
        with pytest.raises(HoursAwaited):
            do(act, day=date(2026, 4, 5), motif="Tant pis", **values)
    do(set_aside_without_hours, day=date(2026, 4, 5), lot_id=lot.pk, motif="Relance")
    line.refresh_from_db()
    assert (line.ecarte, line.examen) == (True, "Relance")


def test_hours_received_after_the_preparation_ask_for_a_new_computation(
    team, do, run, on_day, on_hours, helped, report, aide
):
    on_hours()
    dossier, day = helped(), date(2026, 4, 5)
    lot = run(MARS, day=day)
    report(dossier, MARS, "20")
    with on_day(team.paul, day, purpose=PAIEMENT) as passage:
        (change,) = find_changed_dues(passage, lot)
    assert (change.mois, change.prepare, change.du) == (MARS, Decimal(270), Decimal(720))
    again = do(acts.recompute_lot, day=day, lot_id=lot.pk, nouveau_id=uuid.uuid4())
    assert (MARS, aide.pk, Decimal("450.00"), "") in lines(again)
    with on_day(team.paul, day, purpose=PAIEMENT) as passage:
        assert not find_changed_dues(passage, again, every=True)


def test_a_run_takes_as_many_statements_for_thirty_files_as_for_one(
    team, do, run, on_hours, helped, report
):
    on_hours()
    report(helped(), MARS, "20")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            lot = run(MARS)
        counts.append(len(captured))
        do(acts.abandon_lot, day=MARS, lot_id=lot.pk, motif="Essai")
        for rank in range(30):
            report(helped(nom=f"Nom{rank}"), MARS, "20")
    assert counts[0] == counts[1]


# Hours far above the plan.

AU_DELA = Anomalie.HEURES_AU_DELA


@pytest.mark.parametrize(("heures", "told"), [("40", ""), ("60", ""), ("60.01", AU_DELA)])
def test_hours_far_above_the_plan_are_told_to_who_pays(
    run, aide, on_hours, helped, report, heures, told
):
    """Forty hours are planned: sixty are usual, and a minute more is told."""
    on_hours()
    report(helped(), MARS, heures)
    assert lines(run(MARS)) == [
        (MARS, aide.pk, Decimal("900.00"), told),
        (MARS, None, Decimal("270.00"), ""),
    ]


@pytest.mark.parametrize(("chosen", "told"), [(None, ""), (AVRIL, ""), (MARS, AU_DELA)])
def test_the_hours_of_a_service_paid_on_the_plan_are_left_to_the_control(
    run, aide, on_hours, helped, report, chosen, told
):
    if chosen:
        on_hours(chosen)
    report(helped(), MARS, "400")
    assert (MARS, aide.pk, Decimal("900.00"), told) in lines(run(MARS))


def test_an_arrear_is_told_of_its_own_month(paid, run, aide, on_hours, helped, report):
    on_hours()
    dossier = helped()
    paid(MARS)
    report(dossier, MARS, "200")
    assert lines(run(AVRIL)) == [
        (MARS, aide.pk, Decimal("900.00"), AU_DELA),
        (AVRIL, None, Decimal("270.00"), ""),
    ]


def test_a_month_shared_by_two_plans_is_compared_with_the_larger(
    team, run, aide, on_hours, helped, report
):
    """Near miss: one hour more than once and a half the larger plan is told."""
    on_hours()
    dossiers = [helped(nom=nom) for nom in ("Juste", "Trop")]
    for dossier, heures in zip(dossiers, ("60", "61"), strict=True):
        m.Droit.objects.filter(dossier=dossier).update(
            periode=DateRange(MARS, MARS.replace(day=20))
        )
        half = [(ModeAide.PRESTATAIRE, aide, 20, 25), (ModeAide.GRE_A_GRE, None, 20, 15)]
        droit(
            dossier, start=MARS.replace(day=20), apa="720.00", plan_mensuel="800.00",
            taux="0.10", lines=half,
        )  # fmt: skip
        report(dossier, MARS, heures)
    lot = run(MARS)
    told = lot.paiements.filter(prestataire=aide).values_list("dossier", "anomalie")
    assert dict(told) == {dossiers[0].pk: "", dossiers[1].pk: AU_DELA}


@pytest.fixture
def beyond(on_hours, helped, report):
    """A file whose service reported five times the plan."""
    on_hours()
    dossier = helped()
    report(dossier, MARS, "200")
    return dossier


def test_it_is_kept_with_a_reason_and_paid(team, do, run, beyond):
    lot = run(MARS)
    with pytest.raises(acts.AnomaliesLeft):
        do(acts.validate_lot, day=MARS, agent=team.remi, lot_id=lot.pk)
    do(acts.keep_anomalies, day=MARS, lot_id=lot.pk, anomalie=AU_DELA, motif="Détail reçu")
    line = lot.paiements.get(anomalie=AU_DELA)
    assert (line.ecarte, line.examen, line.examine_par) == (False, "Détail reçu", team.paul)
    do(acts.validate_lot, day=MARS, agent=team.remi, lot_id=lot.pk)


def test_set_aside_it_comes_back_on_the_hours_that_were_mended(
    team, do, run, aide, on_day, beyond, report
):
    lot = run(MARS)
    line = lot.paiements.get(anomalie=AU_DELA)
    do(acts.examine_paiement, day=MARS, paiement_id=line.pk, ecarter=True, motif="Détail demandé")
    do(acts.validate_lot, day=MARS, agent=team.remi, lot_id=lot.pk)
    m.LotPaiement.objects.filter(pk=lot.pk).update(etat="emis", emis_on=MARS)
    report(beyond, MARS, "20")
    assert (MARS, aide.pk, Decimal("450.00"), "") in lines(run(AVRIL))


def test_hours_that_grow_once_the_run_is_prepared_are_found_when_it_is_validated(
    team, do, run, on_hours, helped, report
):
    """They move no amount: only the anomaly is new. Near miss: sixty hours are usual."""
    on_hours()
    dossier = helped()
    report(dossier, MARS, "50")
    lot = run(MARS)
    report(dossier, MARS, "200")
    with pytest.raises(acts.AnomaliesUntold, match=dossier.numero):
        do(acts.validate_lot, day=MARS, agent=team.remi, lot_id=lot.pk)
    report(dossier, MARS, "60")
    do(acts.validate_lot, day=MARS, agent=team.remi, lot_id=lot.pk)


def test_what_who_prepares_leaves_unsaid_is_found_again(team, do, run, beyond):
    lot = run(MARS)
    lot.paiements.update(anomalie="")
    with pytest.raises(acts.AnomaliesUntold, match=beyond.numero):
        do(acts.validate_lot, day=MARS, agent=team.remi, lot_id=lot.pk)


def test_its_line_says_what_to_ask_and_of_how_many_hours(
    team, client, run, aide, on_hours, helped, report
):
    month = previous_month(today())
    on_hours(month)
    for nom, heures in (("Trop", "200"), ("Juste", "60")):
        report(helped(start=month, nom=nom), month, heures)
    lot = run(month, day=today())
    client.force_login(team.paul)
    page = client.get(reverse("apa_ash:lot", args=[lot.pk])).content.decode()
    assert "Heures très au-delà du plan" in page
    for line in lot.paiements.filter(prestataire=aide):
        shown = client.get(reverse("apa_ash:paiement_ligne", args=[line.pk])).content.decode()
        assert ("Demandez-lui le détail avant de payer" in shown) is (line.anomalie == AU_DELA)
        assert ("200\u00a0h" in shown) is (line.anomalie == AU_DELA)


# The control agrees.


def control(team, on_day, dossier, until):
    with on_day(team.carole, until, purpose=CONTROLE) as passage:
        return read_months(
            passage, dossier=open_dossier(passage, dossier.pk), indus=[], until=until
        ).months


@pytest.mark.parametrize("heures", ["0", "13.25", "20", "39.75", "40", "60", None])
def test_what_was_paid_on_hours_is_no_excess(team, paid, on_day, on_hours, helped, report, heures):
    on_hours()
    dossier = helped()
    report(dossier, MARS, heures)
    paid(MARS)
    (mars,) = [row for row in control(team, on_day, dossier, AVRIL) if row.mois == MARS]
    assert (mars.ecart, mars.verse) == (0, mars.justifie)


def test_hours_taken_back_are_an_excess_of_the_service_alone(
    team, paid, on_day, on_hours, helped, report, aide
):
    on_hours()
    dossier = helped()
    report(dossier, MARS, "20")
    paid(MARS)
    report(dossier, MARS, "12")
    (mars,) = [row for row in control(team, on_day, dossier, AVRIL) if row.mois == MARS]
    owed = {part.beneficiaire: part.ecart for part in mars.parts}
    assert owed == {None: Decimal(0), aide.pk: Decimal("180.00")}


# The choice, in the page of the service.


@pytest.fixture
def choose(team, entering, aide):
    def write(agent=None, *, purpose=CONTROLE, mode=ModeReglement.SERVICE_FAIT, depuis=None):
        with entering(agent or team.carole, purpose) as passage:
            return choose_reglement(
                passage,
                prestataire_id=aide.pk,
                mode=mode,
                depuis=depuis or next_month(today()),
            )

    return write


def test_the_control_chooses_from_a_month_to_come_and_may_change_its_mind(choose, aide):
    choose()
    with pytest.raises(SameReglement):
        choose()
    choose(mode=ModeReglement.PLAN)
    (row,) = m.ReglementPrestataire.objects.all()
    assert (row.prestataire, row.mode, row.depuis) == (aide, "plan", next_month(today()))


def test_neither_another_service_nor_a_later_month_is_taken_for_this_one(team, choose, aide):
    month = next_month(today())
    other = prestataire(team.departement, nom="Autre aide")
    m.ReglementPrestataire.objects.create(
        organisme=team.departement, prestataire=other, mode="service_fait", depuis=month
    )
    for depuis in (next_month(month), month):
        choose(depuis=depuis)
    rows = m.ReglementPrestataire.objects.order_by("depuis").values_list("prestataire", "depuis")
    assert set(rows) == {(other.pk, month), (aide.pk, month), (aide.pk, next_month(month))}


def test_the_first_day_of_a_month_it_has_begun(team, on_day, aide):
    first = next_month(today())
    with on_day(team.carole, first, purpose=CONTROLE) as passage, pytest.raises(MonthBegan):
        choose_reglement(
            passage, prestataire_id=aide.pk, mode=ModeReglement.SERVICE_FAIT, depuis=first
        )


@pytest.mark.parametrize("back", [0, 1])
def test_a_month_that_began_keeps_its_own(choose, back):
    with pytest.raises(MonthBegan):
        choose(depuis=previous_month(today(), back=back))
    assert not m.ReglementPrestataire.objects.exists()


@pytest.mark.parametrize(
    ("name", "purpose"), [("paul", PAIEMENT), ("remi", PAIEMENT), ("alice", INSTRUCTION)]
)
def test_whoever_pays_or_instructs_does_not_choose(team, choose, name, purpose):
    with pytest.raises(Refused):
        choose(getattr(team, name), purpose=purpose)
    assert not m.ReglementPrestataire.objects.exists()


def test_postgresql_changes_no_month_that_began(team, entering, aide, on_hours):
    row = on_hours(previous_month(today()))
    values = {"organisme_id": team.departement.pk, "prestataire_id": aide.pk}
    with entering(team.carole, CONTROLE):
        for attack in (
            lambda: m.ReglementPrestataire(**values, mode="plan", depuis=today().replace(day=1)),
            lambda: m.ReglementPrestataire(**values, mode="plan", depuis=MARS),
        ):
            with pytest.raises(IntegrityError, match="month to come"), transaction.atomic():
                attack().save(force_insert=True)
        with pytest.raises(IntegrityError, match="month to come"), transaction.atomic():
            m.ReglementPrestataire.objects.filter(pk=row.pk).update(mode="plan")


def test_the_page_of_the_service_shows_and_takes_the_choice(team, client, aide, on_hours):
    on_hours(previous_month(today()))
    client.force_login(team.carole)
    page = reverse("apa_ash:prestataire", args=[aide.pk])
    assert "en vigueur" in client.get(page).content.decode()
    url = reverse("apa_ash:prestataire_reglement", args=[aide.pk])
    refused = client.post(url, {"mode": "plan", "depuis": f"{today():%Y-%m}"})
    assert refused.status_code == 422
    assert "Ce mois a commencé" in refused.content.decode()
    ahead = next_month(today())
    assert client.post(url, {"mode": "plan", "depuis": f"{ahead:%Y-%m}"}).url == page
    assert "à venir" in client.get(page).content.decode()


def test_the_screens_of_the_run_tell_the_hours(team, client, run, aide, on_hours, helped, report):
    month = previous_month(today())
    on_hours(month)
    report(helped(start=month, nom="Reçue"), month, "20")
    helped(start=month, nom="Attendue")
    lot = run(month, day=today() + timedelta(days=0))
    client.force_login(team.paul)
    page = client.get(reverse("apa_ash:lot", args=[lot.pk])).content.decode()
    assert "Heures non reçues" in page
    line = m.Paiement.objects.get(lot=lot, prestataire=aide, montant_brut=450)
    shown = client.get(reverse("apa_ash:paiement_ligne", args=[line.pk])).content.decode()
    assert "20\u00a0h" in shown
    assert "450,00\u00a0€" in shown
    url = reverse("apa_ash:lot_ecart", args=[lot.pk, "sans-heures"])
    client.post(url, {"motif": "Relance du service"})
    aside = m.Paiement.objects.get(lot=lot, ecarte=True)
    assert (aside.anomalie, aside.montant_brut) == (Anomalie.HEURES_NON_RECUES, 0)
