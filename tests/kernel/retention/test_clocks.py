"""Time travel: the day before, the day, the day after; short months and 29 February."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import connection
from psycopg import sql

from egide.kernel.catalogue.declarations import REGISTRY, Purpose
from egide.kernel.retention.clocks import Event, Fate, First, Keep
from egide.kernel.retention.declarations import SCHEDULES, FallsWith, Lasting, Schedule
from egide.kernel.retention.due import UNITS, Due
from egide.rules.apa.delais import Delai, delai
from egide.systems.apa_ash.retention import ACTIVE, DOSSIER, SCHEDULE

PURPOSE = Purpose("essai", "purge", "destruction", "règlement de l’essai", job=True)


def delay(forme, nombre):
    return Delai("essai", "essai", "début", "fin", forme, nombre, "essai", date(2030, 1, 1))


LOGS = {"trail": delay("mois", 6), "connections": delay("mois", 3)}


def keep(forme, nombre, after=Event.ENREGISTREMENT):
    return Keep("essai.Carnet", delay(forme, nombre), after, Fate.DELETE, "règlement de l’essai")


SIX_YEARS = [
    (date(2020, 6, 15), date(2026, 6, 15)),
    (date(2020, 2, 29), date(2026, 2, 28)),  # the day does not exist: the last of its month
    (date(2018, 2, 28), date(2024, 2, 28)),  # and not the 29th, which comes a day later
    (date(2020, 12, 31), date(2026, 12, 31)),
]
CASES = [
    *(("ans", 6, start, until) for start, until in SIX_YEARS),
    ("ans", 4, date(2020, 2, 29), date(2024, 2, 29)),
    ("mois", 6, date(2025, 8, 31), date(2026, 2, 28)),
    ("mois", 3, date(2023, 11, 30), date(2024, 2, 29)),
    ("mois", 1, date(2026, 1, 31), date(2026, 2, 28)),
    ("jours", 30, date(2024, 2, 1), date(2024, 3, 2)),
    ("jours", 0, date(2026, 5, 4), date(2026, 5, 4)),  # at once: the day itself is the last
]


@pytest.mark.parametrize(("forme", "nombre", "start", "until"), CASES)
def test_a_file_is_kept_until_its_day_included_and_falls_due_the_day_after(
    forme, nombre, start, until
):
    clock = keep(forme, nombre)
    days = {Event.ENREGISTREMENT: start}
    assert clock.until(days) == until
    due = [clock.falls_due(days, on=until + timedelta(days=step)) for step in (-1, 0, 1)]
    assert due == [False, False, True]


@pytest.mark.django_db
@pytest.mark.parametrize(("forme", "nombre", "start", "until"), CASES)
def test_postgresql_counts_the_same_days_as_the_declaration(forme, nombre, start, until):
    clock = keep(forme, nombre)
    schedule = Schedule(
        "essai",
        "essai.Carnet",
        PURPOSE,
        {Event.ENREGISTREMENT: First(("tenu_on",))},
        (clock,),
        **LOGS,
    )
    with connection.cursor() as cursor:
        for step in (-1, 0, 1):
            due = Due(schedule, clock, until + timedelta(days=step))
            cursor.execute(
                sql.SQL("SELECT {} FROM (SELECT %s::date AS tenu_on) d").format(due.expired),
                [start],
            )
            assert cursor.fetchone() == (step == 1,)


@pytest.mark.parametrize("event", list(Event))
def test_each_event_starts_the_clock_that_names_it_and_no_other(event):
    clock = keep("mois", 2, after=event)
    others = {other: date(2000, 1, 1) for other in Event if other is not event}
    assert clock.until(others) is None
    assert not clock.falls_due(others, on=date(2100, 1, 1))
    assert clock.until(others | {event: date(2026, 3, 31)}) == date(2026, 5, 31)


@dataclass
class Row:
    fin_droit_on: date | None
    dernier_contact_on: date
    fin_constatee_on: date | None = None


def test_an_end_that_is_told_late_counts_from_the_day_it_was_told():
    ended, told = date(2015, 3, 1), date(2026, 11, 3)
    for row in (Row(ended, ended, told), Row(None, ended, told), Row(told, ended, ended)):
        assert DOSSIER.until(SCHEDULE.days_of(row)) == date(2032, 11, 3)
        assert ACTIVE.until(SCHEDULE.days_of(row)) == date(2028, 11, 3)


def test_a_right_that_ended_dates_the_file_and_otherwise_the_last_contact():
    ended, never = date(2020, 3, 1), date(2021, 7, 9)
    days = SCHEDULE.days_of(Row(ended, never))
    assert DOSSIER.until(days) == date(2026, 3, 1)
    assert DOSSIER.until(SCHEDULE.days_of(Row(None, never))) == date(2027, 7, 9)


def test_the_figure_is_the_dated_one_of_the_rules():
    assert DOSSIER.for_ is delai("conservation_dossier")
    assert (DOSSIER.for_.forme in UNITS, DOSSIER.source) == (True, "CASF R. 232-46")


def test_every_catalogued_model_of_a_system_has_a_retention_rule():
    schedules = {schedule.system: schedule for schedule in SCHEDULES}
    about_somebody = [catalogue for catalogue in REGISTRY if catalogue.subject is not None]
    assert about_somebody
    for catalogue in about_somebody:
        assert schedules[catalogue.system].missing(catalogue) == []


def test_the_sweep_finds_a_model_that_no_rule_speaks_of_and_a_rule_of_no_model():
    catalogue = next(c for c in REGISTRY if c.system == SCHEDULE.system)
    rules = [rule for rule in SCHEDULE.rules if rule.model != "apa_ash.Nir"]
    rules.append(Lasting("apa_ash.Fantome", "rien", "rien"))
    schedule = Schedule(
        SCHEDULE.system,
        SCHEDULE.subject,
        SCHEDULE.purpose,
        SCHEDULE.days,
        tuple(rules),
        archive=SCHEDULE.archive,
        **LOGS,
    )
    assert schedule.missing(catalogue) == ["apa_ash.Fantome", "apa_ash.Nir"]


def test_a_model_said_twice_or_a_clock_that_nothing_dates_is_refused():
    falls = FallsWith("essai.Page", "essai.Carnet", by="carnet_id")
    days = {Event.ENREGISTREMENT: First(("tenu_on",))}
    with pytest.raises(ValueError, match="two retention rules"):
        Schedule("essai", "essai.Carnet", PURPOSE, days, (keep("ans", 1), falls, falls), **LOGS)
    with pytest.raises(ValueError, match="no column dates décès"):
        Schedule(
            "essai", "essai.Carnet", PURPOSE, days, (keep("ans", 1, after=Event.DECES),), **LOGS
        )
