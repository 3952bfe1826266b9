"""Two years after the last contact a file becomes statistics; six after its end, nobody's."""

import dataclasses
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.catalogue.declarations import REGISTRY, Category
from egide.kernel.retention import archiving
from egide.kernel.retention.archiving import TooFewAlike, end_archive
from egide.kernel.retention.destruction import destroy_due
from egide.kernel.retention.job import working_as
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.purposes import PURPOSES
from egide.systems.apa_ash.retention import SCHEDULE, archived_until, in_use_until
from tests import factories
from tests.systems.apa_ash import situations

END = date(2022, 2, 14)
CONTACT = date(2024, 2, 29)
LAST = date(2026, 2, 28)  # two years after a day that this year has not
AFTER = LAST + timedelta(days=1)
KEPT = date(2028, 1, 31)  # six years after the end, cut to whole months
EMPTY = KEPT + timedelta(days=1)


@pytest.fixture
def ended(team):
    """Make a file whose right has ended, with the whole of what it holds."""

    def make(**fields):
        values = {"etat": Etat.CLOS, "fin_droit_on": END, "dernier_contact_on": CONTACT}
        dossier = situations.opened(team.nord, since=date(2021, 3, 9), by=team.chloe)
        m.Dossier.objects.filter(pk=dossier.pk).update(
            echeance="", echeance_on=None, **{"ouvert_on": date(2021, 3, 9)} | values | fields
        )
        ends = {**values, **fields}["fin_droit_on"]
        m.Droit.objects.filter(dossier=dossier).update(
            periode=DateRange(date(2021, 3, 9), ends and ends + timedelta(days=1))
        )
        dossier.refresh_from_db()
        return dossier

    return make


def sweep(on, **options):
    done = destroy_due(SCHEDULE, on=on, tell=lambda _: None, **options)
    execute("SELECT set_config('egide.maintenance', 'on', true)")
    return done


def execute(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def archived():
    return execute("SELECT id, kept_until FROM archive.file ORDER BY id")


@pytest.mark.clause("APA-30")
@pytest.mark.parametrize(("on", "left"), [(LAST - timedelta(1), 1), (LAST, 1), (AFTER, 0)])
def test_a_file_leaves_the_active_base_two_years_after_the_last_contact(ended, on, left):
    dossier = ended()
    assert in_use_until(dossier) == LAST
    sweep(on)
    assert m.Dossier.objects.count() == left
    assert len(archived()) == 1 - left


def test_a_right_that_runs_keeps_its_file_whatever_its_state_says(ended):
    dossier = ended(etat=Etat.REJETE)
    m.Droit.objects.filter(dossier=dossier).update(periode=DateRange(date(2021, 3, 9), None))
    assert sweep(AFTER) == 0
    assert m.Dossier.objects.count() == 1


def test_nothing_in_the_order_of_the_archive_follows_that_of_the_files(ended):
    files = {ended(ouvert_on=date(2021, n, 1)).pk: n for n in range(1, 13)}
    by_file = [month for _, month in sorted(files.items(), key=lambda item: str(item[0]))]
    sweep(AFTER)
    query = "SELECT ouvert_on FROM archive.apa_ash_dossier ORDER BY {}"
    orders = [[day.month for (day,) in execute(query.format(o))] for o in ("file_id", "ctid")]
    assert sorted(orders[0]) == sorted(by_file)
    assert by_file not in orders


def test_a_period_enters_at_the_month_as_any_day_does(ended):
    ended()
    sweep(AFTER)
    ((periode,),) = execute("SELECT periode FROM archive.apa_ash_droit")
    assert (periode.lower, periode.upper) == (date(2021, 3, 1), date(2022, 3, 1))


@pytest.mark.clause("APA-30")
def test_while_a_right_runs_or_something_is_due_a_file_stays(ended, team):
    ended(etat=Etat.OUVERT, fin_droit_on=None, dernier_contact_on=date(2019, 1, 1))
    owed = ended()
    m.Indu.objects.create(
        service=owed.service, dossier=owed, mois=date(2021, 5, 1), motif="Absence", montant=10,
        constate_on=date(2021, 6, 1), prescrit_on=date(2023, 6, 1), etat="notifie",
        constate_par=factories.finder(),
    )  # fmt: skip
    assert sweep(AFTER) == 0
    assert archived() == []


def test_a_right_that_ended_after_the_last_contact_keeps_its_file_two_years(ended):
    late = ended(fin_droit_on=date(2025, 8, 31), dernier_contact_on=date(2020, 1, 1))
    assert in_use_until(late) == date(2027, 8, 31)
    assert archived_until(late) == date(2031, 8, 31)


def everything():
    tables = execute(
        "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name)"
        " FROM information_schema.tables WHERE table_schema = 'archive'"
    )
    return "\n".join(
        row for (table,) in tables for (row,) in execute(f"SELECT t::text FROM {table} t")
    )


def test_the_archive_says_nothing_of_who_the_person_is(ended):
    dossier = ended()
    identite = m.Identite.objects.get()
    sweep(AFTER)
    kept = everything()
    assert kept
    for told in (
        str(dossier.pk), dossier.numero, str(dossier.service_id), identite.nom_naissance,
        identite.prenoms, identite.naissance_on.isoformat(), END.isoformat(),
    ):  # fmt: skip
        assert told not in kept
    assert m.Identite.objects.count() == m.Droit.objects.count() == 0
    catalogue = next(c for c in REGISTRY if c.system == SCHEDULE.system)
    names = {Category.NIR, Category.COORDONNEES, Category.PROTECTION, Category.BANCAIRE}
    for volet in catalogue.volets:
        told = set(volet.archived) - {"departement_secours"}
        assert not {volet.lines[column].category for column in told} & names
        assert not {c for c in volet.archived if c == "id" or c.endswith("_id")}


def test_it_keeps_what_statistics_need_with_its_days_at_the_month(ended):
    ended()
    (droit,) = m.Droit.objects.all()
    sweep(AFTER)
    ((file_id, until),) = archived()
    assert until == KEPT
    assert execute("SELECT file_id, ouvert_on, fin_droit_on FROM archive.apa_ash_dossier") == [
        (file_id, date(2021, 3, 1), date(2022, 2, 1))
    ]
    ((gir, apa),) = execute("SELECT gir, apa FROM archive.apa_ash_droit")
    assert (gir, apa) == (droit.gir, Decimal(droit.apa))
    ((sexe, naissance),) = execute("SELECT sexe, naissance_on FROM archive.apa_ash_identite")
    assert sexe in "FM" and naissance.day == 1


@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda purpose: purpose.code)
def test_no_daily_purpose_enters_the_archive(team, purpose):
    role = f"{connection.settings_dict['NAME']}_{purpose.key}"
    for query in ("SELECT FROM archive.file", "SELECT FROM archive.anonymous"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            execute("SELECT set_config('role', %s, true)", role)
            execute(query)


@pytest.mark.parametrize(
    "query",
    [
        "UPDATE archive.file SET kept_until = '2100-01-01'",
        "UPDATE archive.apa_ash_droit SET gir = 1",
        "DELETE FROM archive.apa_ash_droit",
        "DELETE FROM archive.anonymous",
    ],
)
def test_its_own_job_writes_no_archive_over_and_moves_no_term(ended, query):
    ended()
    sweep(AFTER)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        working_as(SCHEDULE) as cursor,
    ):
        cursor.execute(query)


def end(on, organisme):
    end_archive(SCHEDULE, run=uuid.uuid4(), organisme_id=organisme.pk, on=on)
    execute("SELECT set_config('egide.maintenance', 'on', true)")


def rows():
    return execute("SELECT facts FROM archive.anonymous")


@pytest.mark.clause("APA-29")
@pytest.mark.parametrize(("on", "left"), [(KEPT - timedelta(1), 1), (KEPT, 1), (EMPTY, 0)])
def test_the_archive_ends_with_the_last_whole_month_of_the_six_years(ended, team, on, left):
    ended()
    sweep(AFTER)
    end(on, team.departement)
    assert len(archived()) == left
    assert rows() == []  # alone, it leaves no row
    for table in ("dossier", "droit", "identite"):
        assert len(execute(f"SELECT 1 FROM archive.apa_ash_{table}")) == left


def crowd(ended, count, **fields):
    for _ in range(count):
        dossier = ended(**fields)
        m.Identite.objects.filter(dossier=dossier).update(
            sexe="F", naissance_on=date(1938, 5, 2), deces_on=None
        )


@pytest.mark.clause("APA-45")
@pytest.mark.parametrize(("count", "told"), [(10, 0), (11, 11)])
def test_what_outlives_the_archive_is_shared_by_eleven_files_or_is_not(ended, team, count, told):
    crowd(ended, count)
    sweep(AFTER)
    ids = {str(pk) for pk, _ in archived()}
    end(EMPTY, team.departement)
    assert archived() == []
    assert len(rows()) == told
    if told:
        ((facts,),) = execute("SELECT DISTINCT facts::text FROM archive.anonymous")
        assert '"fin": "2022-02"' in facts and '"naissance": "1935"' in facts
    assert not ids & {str(pk) for (pk,) in execute("SELECT id FROM archive.anonymous")}


def test_a_few_who_differ_are_told_more_coarsely_with_others_or_not_at_all(ended, team):
    crowd(ended, 8, fin_droit_on=date(2022, 2, 3))
    crowd(ended, 4, fin_droit_on=date(2022, 2, 20))
    crowd(ended, 3, fin_droit_on=date(2022, 1, 5))  # of another month of the archive
    sweep(AFTER)
    end(date(2028, 3, 1), team.departement)
    assert archived() == []
    assert len(rows()) == 12


def test_rows_that_too_few_share_stop_the_end_of_the_month(ended, team, monkeypatch):
    crowd(ended, 2)
    sweep(AFTER)
    monkeypatch.setattr(archiving, "hide", lambda tellings, *, k: archiving.Counter({"{}": 2}))
    with pytest.raises(TooFewAlike), transaction.atomic():
        end(EMPTY, team.departement)
    assert (len(archived()), rows()) == (2, [])


def test_another_organisme_keeps_its_own_month(ended, team):
    crowd(ended, 1)
    sweep(AFTER)
    execute("UPDATE archive.file SET organisme_id = %s", team.voisin.pk)
    end(EMPTY, team.departement)
    assert len(archived()) == 1
    end(EMPTY, team.voisin)
    assert archived() == []


def test_a_threshold_that_rises_stops_no_later_month(ended, team):
    crowd(ended, 11)
    sweep(AFTER)
    end(EMPTY, team.departement)
    higher = dataclasses.replace(SCHEDULE.archive.anonymous, k=lambda _day: 12)
    archive = dataclasses.replace(SCHEDULE.archive, anonymous=higher)
    crowd(ended, 1, fin_droit_on=date(2022, 3, 20))
    sweep(AFTER)
    schedule = dataclasses.replace(SCHEDULE, archive=archive)
    end_archive(schedule, run=uuid.uuid4(), organisme_id=team.departement.pk, on=date(2028, 3, 1))
    execute("SELECT set_config('egide.maintenance', 'on', true)")
    assert archived() == []
    assert len(rows()) == 11


def test_a_second_run_changes_nothing(ended, team):
    crowd(ended, 11)
    sweep(AFTER)
    end(EMPTY, team.departement)
    before = execute("SELECT id FROM archive.anonymous ORDER BY id")
    sweep(AFTER)
    end(EMPTY, team.departement)
    assert execute("SELECT id FROM archive.anonymous ORDER BY id") == before


def test_the_report_says_how_many_and_nothing_of_anybody(ended, team):
    dossier = ended()
    sweep(AFTER)
    end(EMPTY, team.departement)
    told = execute(
        "SELECT rule, counts::text, subjects::text FROM retention.destruction ORDER BY at"
    )
    assert [rule for rule, _, _ in told] == [
        "2 ans après dernier contact : archivage (CNIL 2017-142)",
        "6 ans après fin du droit : anonymisation (CASF R. 232-46)",
    ]
    assert '"apa_ash.Identite": 1' in told[0][1]
    assert told[1][1] == '{"archive": 1}'
    assert str(dossier.pk) not in str(told)
