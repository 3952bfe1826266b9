"""The destruction of files whose time has passed: whole, resumable, reported, and no other."""

import argparse
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from psycopg import sql

from egide.kernel.catalogue.declarations import REGISTRY, Category
from egide.kernel.refus import broken_constraint
from egide.kernel.retention import command, destruction
from egide.kernel.retention.clocks import Held
from egide.kernel.retention.destruction import count_due, destroy_due
from egide.kernel.retention.due import Due
from egide.kernel.retention.job import working_as
from egide.kernel.retention.reports import pseudonym
from egide.systems.apa_ash.demo import create_demo
from egide.systems.apa_ash.models import (
    Dossier,
    Droit,
    FichierPaiement,
    Gel,
    Indu,
    LitigeSecours,
    LotPaiement,
    Paiement,
)
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.purposes import PURGE
from egide.systems.apa_ash.queries.conservation import read_conservation
from egide.systems.apa_ash.retention import IN_USE, SCHEDULE
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import paiement_rows

END = date(2020, 2, 29)
LAST = date(2026, 2, 28)
AFTER = LAST + timedelta(days=1)


# What a file says of its state holds it while no end of its right is known.
ENDLESS = {"fin_droit_on": None, "dernier_contact_on": END}


def upkeep():
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")


def over(service, **fields):
    values = {"etat": Etat.CLOS, "ouvert_on": date(2018, 5, 2), "fin_droit_on": END}
    return factories.dossier(service, **values | fields)


def destroy(on=AFTER, **options):
    done = destroy_due(SCHEDULE, on=on, tell=options.pop("tell", lambda _: None), **options)
    upkeep()
    return done


def reports():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT run, rule, on_day, organisme_id, subjects, counts"
            " FROM retention.destruction ORDER BY at"
        )
        return cursor.fetchall()


def left():
    return set(Dossier.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(("on", "kept"), [(LAST - timedelta(1), 1), (LAST, 1), (AFTER, 0)])
def test_a_file_is_there_the_day_before_and_the_day_and_gone_the_day_after(team, on, kept):
    over(team.nord)
    assert destroy(on) == 1 - kept
    assert Dossier.objects.count() == kept


def _indu(dossier, etat):
    by = factories.finder()
    return Indu.objects.create(
        service=dossier.service, dossier=dossier, mois=date(2019, 1, 1), motif="Absence", etat=etat,
        montant=10, constate_on=date(2019, 3, 1), prescrit_on=date(2021, 3, 1), constate_par=by,
        propose_on=date(2019, 3, 1), propose_par=by, remis=10 if etat == "remis" else 0,
    )  # fmt: skip


def _litige(dossier, etat, **fields):
    LitigeSecours.objects.create(
        service=dossier.service, dossier=dossier, departement="38", motif="Grenoble", etat=etat,
        conteste_on=date(2019, 3, 1), **fields,
    )  # fmt: skip


def _gel(dossier, jusqu_on, by):
    return Gel.objects.create(
        service=dossier.service, dossier=dossier, motif="Recours", pose_on=date(2020, 1, 1),
        jusqu_on=jusqu_on, pose_par=by,
    )  # fmt: skip


def test_what_still_runs_keeps_a_file_and_its_near_miss_does_not(team):
    kept = [over(team.nord, **ENDLESS, etat=etat) for etat in (Etat.OUVERT, Etat.SUSPENDU)]
    kept.append(over(team.nord, **ENDLESS, etat=Etat.VISITE, etat_droit=Etat.OUVERT))
    gone = [over(team.nord, etat=etat) for etat in (Etat.REJETE, Etat.VISITE, Etat.OUVERT)]
    for etat in EtatIndu.values:
        where = kept if etat in {"constate", "propose", "notifie"} else gone
        where.append(over(team.nord))
        _indu(where[-1], etat)
    kept.append(over(team.nord))
    _litige(kept[-1], "conteste")
    gone.append(over(team.nord))
    _litige(gone[-1], "abandonne")
    assert destroy() == len(gone)
    assert left() == {dossier.pk for dossier in kept}


def test_a_file_under_hold_is_left_until_its_term_that_day_included(team):
    held, past = over(team.nord), over(team.sud)
    term = today()
    _gel(held, term, team.remi)
    _gel(past, term - timedelta(days=1), team.remi)
    count, _ = count_due(SCHEDULE, on=term)
    upkeep()
    assert (count.falling, count.left) == (1, 1)
    assert destroy(term) == 1
    assert left() == {held.pk}


def test_postgresql_itself_refuses_to_a_job_the_file_that_is_under_hold(team):
    dossier = over(team.nord)
    gel = _gel(dossier, today(), team.remi)
    with (
        pytest.raises(IntegrityError, match="under hold is left"),
        transaction.atomic(),
        working_as(SCHEDULE) as cursor,
    ):
        cursor.execute("DELETE FROM apa_ash_gel WHERE dossier_id = %s", [dossier.pk])
    upkeep()
    assert Gel.objects.get().pk == gel.pk


def test_an_end_of_years_ago_that_was_told_yesterday_destroys_nothing(team):
    told = over(team.nord, fin_constatee_on=AFTER - timedelta(days=1))
    over(team.nord, fin_constatee_on=END)
    rejected = over(team.nord, etat=Etat.REJETE, fin_droit_on=None, dernier_contact_on=END)
    Dossier.objects.filter(pk=rejected.pk).update(fin_constatee_on=AFTER)
    destroy()
    assert left() == {told.pk, rejected.pk}


def test_the_job_reads_what_dates_a_file_and_nothing_that_tells_who(team):
    over(team.nord)
    catalogue = next(c for c in REGISTRY if c.system == SCHEDULE.system)
    read = {(v.lines[c].category, c) for v in catalogue.volets for c in v.readable(PURGE)}
    hidden = {Category.NIR, Category.COORDONNEES, Category.PROTECTION, Category.BANCAIRE}
    assert {column for category, column in read if category in hidden} == {"departement_secours"}
    identite = catalogue.volet("apa_ash.Identite").readable(PURGE)
    assert identite == {"dossier_id", "sexe", "naissance_on", "deces_on"}
    for query in (
        "SELECT nom_naissance FROM apa_ash_identite",
        "SELECT nir FROM apa_ash_nir",
        "SELECT numero FROM apa_ash_dossier",
        "UPDATE apa_ash_dossier SET fin_droit_on = '2000-01-01'",
        "INSERT INTO access.job VALUES ('x')",
        "DELETE FROM retention.destruction",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            working_as(SCHEDULE) as cursor,
        ):
            cursor.execute(query)


def tables():
    return [m._meta.db_table for m in apps.get_app_config("apa_ash").get_models()]


def rows_of(table, condition, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} t WHERE {condition}", parameters)
        return cursor.fetchone()[0]


def with_files():
    for lot in LotPaiement.objects.all():
        content = {"nom": "lot.csv", "empreinte": "0", "contenu": b"IBAN"}
        FichierPaiement.objects.get_or_create(
            service=lot.service, lot=lot, forme="csv", defaults=content
        )


@pytest.mark.clause("APA-31")
def test_nothing_of_a_destroyed_file_is_left_and_nothing_of_another_is_touched(maintenance):
    """The whole demonstration, of which one file in two comes to its term."""
    assert create_demo(on=today(), people=60)
    names = Dossier.objects.order_by("numero").values_list("pk", flat=True)
    doomed = set(names[::2])
    Dossier.objects.filter(pk__in=doomed).update(
        etat=Etat.CLOS,
        etat_droit="",
        ouvert_on=date(2018, 1, 1),
        fin_droit_on=END,
        fin_constatee_on=END,
    )
    Droit.objects.filter(dossier__in=doomed).update(periode=DateRange(empty=True))
    Indu.objects.filter(dossier__in=doomed).update(etat="recouvre")
    LitigeSecours.objects.filter(dossier__in=doomed).delete()
    falling = [rule for rule in SCHEDULE.falling() if rule.by == "dossier_id"]
    about = [apps.get_model(rule.model)._meta.db_table for rule in falling]
    with_files()
    # A file waits for the last of those whom it names; the lot of nobody else goes now.
    alone = LotPaiement.objects.exclude(
        pk__in=Paiement.objects.exclude(dossier__in=doomed).values("lot")
    )
    named = set(alone.filter(paiements__dossier__in=doomed).values_list("pk", flat=True))
    lots = LotPaiement.objects.count()
    before = {t: rows_of(t, "NOT dossier_id = ANY (%s)", list(doomed)) for t in about}
    filled = {t for t in about if rows_of(t, "dossier_id = ANY (%s)", list(doomed))}
    assert {"apa_ash_courrier", "apa_ash_paiement", "apa_ash_grilleaggir"} <= filled
    assert destroy(today()) == len(doomed)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no row refers to what is gone
    for table in about:
        assert rows_of(table, "NOT dossier_id = ANY (%s)", list(doomed)) == before[table]
    files = set(FichierPaiement.objects.values_list("lot", flat=True))
    assert files == set(LotPaiement.objects.values_list("pk", flat=True)) - named
    assert LotPaiement.objects.count() == lots
    for pk in doomed:
        for table in tables():
            assert rows_of(table, "to_jsonb(t)::text LIKE %s", f"%{pk}%") == 0, table


def test_the_report_says_what_by_which_rule_in_which_run_and_nothing_of_anybody(team):
    dossier = over(team.nord, nom="Zyromska")
    assert destroy() == 1
    ((_, rule, on_day, organisme, subjects, counts),) = reports()
    assert rule == "6 ans après fin du droit : destruction (CASF R. 232-46)"
    assert (on_day, organisme) == (AFTER, team.departement.pk)
    assert subjects == [pseudonym(dossier.pk, key=settings.SECRET_KEY)]
    assert pseudonym(dossier.pk, key="another key") not in subjects
    assert '"apa_ash.Identite": 1' in counts
    assert '"apa_ash.Dossier": 1' in counts
    assert rows_of("retention.destruction", "to_jsonb(t)::text ILIKE %s", "%zyromska%") == 0
    assert rows_of("retention.destruction", "to_jsonb(t)::text LIKE %s", f"%{dossier.pk}%") == 0
    assert rows_of("retention.destruction", "to_jsonb(t)::text LIKE %s", f"%{dossier.numero}%") == 0
    with (
        pytest.raises(ProgrammingError, match="not rewritten"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM retention.destruction")


class Killed(Exception):
    pass


def between_two_batches(_patched):
    def tell(done):
        if done == 2:
            raise Killed

    return tell


def inside_a_batch(patched):
    report = destruction.write_report

    def dies_once_deleted(cursor, entry, **told):
        cursor.execute("SELECT set_config('role', 'none', true)")
        if reports():
            raise Killed
        report(cursor, entry, **told)

    patched.setattr(destruction, "write_report", dies_once_deleted)
    return lambda _: None


def names(pks):
    return {pseudonym(pk, key=settings.SECRET_KEY) for pk in pks}


@pytest.mark.parametrize("kill", [between_two_batches, inside_a_batch])
def test_killed_half_way_it_resumes_with_nothing_lost_and_nothing_left(team, monkeypatch, kill):
    files = [over(service) for service in (team.nord, team.nord, team.nord, team.sud)]
    with monkeypatch.context() as patched, pytest.raises(Killed):
        destroy_due(SCHEDULE, on=AFTER, tell=kill(patched), batch=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', 'none', true)")
    upkeep()
    gone, still = {s for report in reports() for s in report[4]}, names(left())
    assert gone and still
    assert not gone & still  # each is either whole, or gone and reported
    assert gone | still == names(file.pk for file in files)
    assert destroy(batch=1) == len(still)
    assert left() == set()
    assert sorted(s for report in reports() for s in report[4]) == sorted(gone | still)
    assert destroy(batch=1) == 0  # a second run has nothing to do, and writes nothing
    assert sum(len(report[4]) for report in reports()) == len(files)


def test_a_contact_noted_in_the_midst_of_a_batch_keeps_its_file(team, monkeypatch):
    dossier = over(team.nord, fin_droit_on=None, dernier_contact_on=END)
    select = destruction._next

    def then_the_person_calls(cursor, place, *, after, limit):
        found = select(cursor, place, after=after, limit=limit)
        cursor.execute("SELECT set_config('role', 'none', true)")
        Dossier.objects.filter(pk=dossier.pk).update(dernier_contact_on=today())
        cursor.execute("SELECT set_config('role', %s, true)", [f"{_database()}_{PURGE.key}"])
        return found

    monkeypatch.setattr(destruction, "_next", then_the_person_calls)
    place = destruction.Batch(
        destruction._dues(SCHEDULE, on=AFTER)[0],
        dossier.pk,
        team.nord.pk,
        team.departement.pk,
    )
    with pytest.raises(destruction.FileMoved), transaction.atomic():
        destruction.destroy_batch(place, after=destruction.FIRST, limit=10)
    upkeep()
    assert reports() == []


def _database():
    return connection.settings_dict["NAME"]


def run(**options):
    said = []
    values = {"action": "run", "on": AFTER, "dry_run": False} | options
    code = command.run(argparse.Namespace(**values), tell=said.append)
    upkeep()
    return code, "\n".join(said)


def test_a_dry_run_counts_and_destroys_nothing_and_the_run_does_both(team):
    over(team.nord)
    over(team.nord, **ENDLESS, etat=Etat.OUVERT)
    code, said = run(dry_run=True)
    assert (code, Dossier.objects.count(), reports()) == (0, 2, [])
    assert "dossiers au terme : 1 ; laissés pour un motif : 1" in said
    assert "détruits" not in said
    code, said = run()
    assert (code, Dossier.objects.count(), len(reports())) == (0, 1, 1)
    assert "apa_ash · dossiers détruits : 1" in said


def test_no_file_is_destroyed_before_its_day_by_asking_for_a_later_one(team):
    over(team.nord, fin_droit_on=today())
    later = today() + timedelta(days=4_000)
    code, said = run(on=later)
    assert (code, Dossier.objects.count()) == (1, 1)
    assert "est à venir" in said
    assert "dossiers au terme : 1" in run(on=later, dry_run=True)[1]


# --- one declaration: the purge, the page and the trigger of the holds


def _droit(dossier, start, end):
    return paiement_rows.droit(dossier, start=start, end=end, lines=())


def _empty_droit(dossier):
    droit = _droit(dossier, date(2019, 1, 1), END)
    Droit.objects.filter(pk=droit.pk).update(periode=DateRange(empty=True))


START = date(2019, 1, 1)
HELD = {
    "nothing": (lambda d, on, by: None, False),
    "a right without end": (lambda d, on, by: _droit(d, START, None), True),
    "a right that ends tomorrow": (lambda d, on, by: _droit(d, START, on + timedelta(1)), True),
    "a right that ended yesterday": (lambda d, on, by: _droit(d, START, on), False),
    "a right that covers no day": (lambda d, on, by: _empty_droit(d), False),
    "a debt found": (lambda d, on, by: _indu(d, "constate"), True),
    "a debt to sign": (lambda d, on, by: _indu(d, "propose"), True),
    "a debt notified": (lambda d, on, by: _indu(d, "notifie"), True),
    "a debt repaid": (lambda d, on, by: _indu(d, "recouvre"), False),
    "a dispute": (lambda d, on, by: _litige(d, "conteste"), True),
    "a dispute passed on": (
        lambda d, on, by: _litige(d, "transmis", transmis_on=date(2019, 4, 1)),
        True,
    ),
    "a dispute given up": (lambda d, on, by: _litige(d, "abandonne"), False),
    "a hold until tomorrow": (lambda d, on, by: _gel(d, on + timedelta(1), by), True),
    "a hold until today": (_gel, True),
    "a hold until yesterday": (lambda d, on, by: _gel(d, on - timedelta(1), by), False),
}
STATES = {
    "open": (ENDLESS | {"etat": Etat.OUVERT}, True),
    "open, ends today": ({"etat": Etat.OUVERT, "fin_droit_on": today()}, True),
    "open, ended yesterday": (
        {"etat": Etat.OUVERT, "fin_droit_on": today() - timedelta(days=1)},
        False,
    ),
    "suspended": (ENDLESS | {"etat": Etat.SUSPENDU}, True),
    "open, under revision": (ENDLESS | {"etat": Etat.VISITE, "etat_droit": Etat.OUVERT}, True),
    "ended yesterday, under revision": (
        {
            "etat": Etat.VISITE,
            "etat_droit": Etat.OUVERT,
            "fin_droit_on": today() - timedelta(days=1),
        },
        False,
    ),
    "suspended, under revision": (
        ENDLESS | {"etat": Etat.VISITE, "etat_droit": Etat.SUSPENDU},
        True,
    ),
    "rejected": ({"etat": Etat.REJETE}, False),
}


@pytest.mark.parametrize("case", [*HELD, *STATES])
def test_the_purge_and_the_page_hold_a_file_for_the_same_reasons(team, on_day, case):
    on = today()
    fields, held = STATES.get(case, ({}, None))
    dossier = over(team.nord, **fields)
    if held is None:
        make, held = HELD[case]
        make(dossier, on, team.remi)
    with on_day(team.alice, on) as passage:
        assert bool(read_conservation(passage, pk=dossier.pk).reasons) is held
    for clock in SCHEDULE.clocks:
        due = Due(SCHEDULE, clock, on)
        with working_as(SCHEDULE) as cursor:
            cursor.execute(sql.SQL("SELECT {} FROM {} d").format(due.left, due.table))
            assert cursor.fetchone() == (held,)


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_the_trigger_of_the_holds_counts_the_days_of_the_declaration(team, step):
    gel = _gel(over(team.nord), today() + timedelta(days=step), team.remi)
    (held,) = (condition for condition in IN_USE if isinstance(condition, Held))
    kept = Gel.objects.filter(held.met(today()), pk=gel.pk).exists()
    try:
        with transaction.atomic(), working_as(SCHEDULE) as cursor:
            cursor.execute("DELETE FROM apa_ash_gel")
    except IntegrityError as refused:
        assert (broken_constraint(refused), kept) == ("gel_until_its_term", True)
    else:
        assert not kept


@pytest.mark.parametrize("ecarte", [False, True])
def test_a_payment_file_waits_for_the_last_person_of_its_run(team, ecarte):
    """Gone with the first, it would be missing for the payments of all the others."""
    first, other = over(team.nord), over(team.nord, fin_droit_on=today())
    last = over(team.nord, fin_droit_on=END + timedelta(days=1))
    runs = [_run(team, first, last, ecarte=ecarte), _run(team, first), _run(team, last, other)]
    kept = []
    for day in (LAST, AFTER, AFTER + timedelta(days=1)):
        destroy(day)
        files = set(FichierPaiement.objects.values_list("lot", flat=True))
        kept.append([run in files for run in runs])
    assert kept == [[True, True, True], [True, False, True], [False, False, True]]
    assert LotPaiement.objects.count() == len(runs)


def test_a_payment_file_goes_with_those_that_fall_in_one_batch(team):
    run = _run(team, over(team.nord), over(team.nord))
    destroy(batch=1)
    assert not FichierPaiement.objects.filter(lot=run).exists()


_months = iter(date(2019, n, 1) for n in range(1, 13))


def _run(team, *dossiers, ecarte=False):
    mois = next(_months)
    bound = {"service": team.nord}
    lot = LotPaiement.objects.create(
        **bound, mois=mois, etat="emis", prepare_par=team.paul, prepare_on=mois,
        valide_par=team.remi, valide_on=mois, emis_on=mois,
    )  # fmt: skip
    for dossier in dossiers:
        droit = Droit.objects.filter(dossier=dossier).first() or _droit(dossier, START, END)
        Paiement.objects.create(
            **bound, dossier=dossier, lot=lot, droit=droit, mois_du=mois, montant_brut=1,
            ecarte=ecarte, examen="x" if ecarte else "", examine_par=team.paul if ecarte else None,
        )  # fmt: skip
    FichierPaiement.objects.create(
        **bound, lot=lot, forme="csv", nom="lot.csv", empreinte="0", contenu=b"IBAN"
    )
    return lot.pk
