"""French notation: exact amounts in, text that never breaks at a figure out."""

from datetime import date
from decimal import Decimal

import pytest

from egide.kernel import notation as n


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1013.36"), "1\u202f013,36\u00a0€"),
        (Decimal(0), "0,00\u00a0€"),
        (Decimal("-0.001"), "0,00\u00a0€"),
        (Decimal("-1234567.8"), "\u22121\u202f234\u202f567,80\u00a0€"),
        (Decimal("0.005"), "0,01\u00a0€"),
        (Decimal("1E+3"), "1\u202f000,00\u00a0€"),
        (12, "12,00\u00a0€"),
    ],
)
def test_an_amount_is_written_to_the_cent(value, written):
    assert n.euros(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("137.2253"), "137,2253\u00a0€"),
        (Decimal("137.2200"), "137,22\u00a0€"),
        (Decimal("137.2250"), "137,225\u00a0€"),
        (Decimal("1E+3"), "1\u202f000,00\u00a0€"),
    ],
)
def test_an_exact_amount_keeps_its_decimals(value, written):
    assert n.euros_exact(value) == written


@pytest.mark.parametrize("value", [1.5, "12", None, True, Decimal("NaN"), Decimal("Infinity")])
def test_what_is_not_an_exact_number_is_refused(value):
    for write in (n.euros, n.euros_exact, n.taux, n.pour_cent, n.nombre, n.heures):
        with pytest.raises(n.NotANumber):
            write(value)


def test_a_rate_is_written_in_percent():
    assert n.taux(Decimal("0.135421")) == "13,54\u00a0%"
    assert n.taux(Decimal("0.9")) == "90,00\u00a0%"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal(22), "22\u00a0h"),
        (Decimal("22.5"), "22\u00a0h\u00a030"),
        (Decimal("0.999"), "1\u00a0h"),
        (Decimal("-1.25"), "\u22121\u00a0h\u00a015"),
        (1250, "1\u202f250\u00a0h"),
    ],
)
def test_decimal_hours_are_written_in_hours_and_minutes(value, written):
    assert n.heures(value) == written


def test_a_share_is_written_in_whole_percent():
    assert n.pour_cent(Decimal("0.8")) == "80\u00a0%"
    assert n.pour_cent(Decimal("0.5429")) == "54\u00a0%"
    assert n.pour_cent(Decimal("-0.001")) == "0\u00a0%"


def test_a_month_in_short_stays_on_one_line():
    assert n.mois_court(date(2026, 11, 22)) == "nov.\u00a02026"


def test_a_month_is_named_after_its_elided_preposition():
    told = [n.de(mois) for mois in n.MOIS if n.de(mois).startswith("d’")]
    assert told == ["d’avril", "d’août", "d’octobre"]
    assert n.de("mars") == "de mars"
    assert n.de("") == "de "


def test_a_number_loses_only_its_useless_zeros():
    assert n.nombre(Decimal("1250.50")) == "1\u202f250,5"
    assert n.nombre(Decimal("1000.00")) == "1\u202f000"


def test_a_day_is_written_short_or_in_full():
    assert n.jour(date(2026, 11, 6)) == "6\u00a0nov.\u00a02026"
    assert n.jour_long(date(2026, 12, 1)) == "1er\u00a0décembre\u00a02026"
    assert n.jour(date(2026, 8, 31)) == "31\u00a0août\u00a02026"


@pytest.mark.parametrize(
    ("on", "years"),
    [
        (date(2027, 2, 27), "86\u00a0ans"),
        (date(2027, 2, 28), "86\u00a0ans"),
        (date(2027, 3, 1), "87\u00a0ans"),
        (date(1941, 3, 1), "1\u00a0an"),
    ],
)
def test_someone_born_on_29_february_is_older_on_1_march_of_common_years(on, years):
    assert n.age(date(1940, 2, 29), on) == years


def test_nobody_has_an_age_before_birth():
    with pytest.raises(ValueError, match="born after"):
        n.age(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("day", "left"),
    [
        (date(2027, 1, 22), ""),
        (date(2027, 1, 21), "60\u00a0jours"),
        (date(2026, 11, 28), "6\u00a0jours"),
        (date(2026, 11, 23), "demain"),
        (date(2026, 11, 22), "aujourd’hui"),
        (date(2026, 11, 21), "dépassé de 1\u00a0jour"),
        (date(2026, 11, 20), "dépassé de 2\u00a0jours"),
    ],
)
def test_a_deadline_tells_what_is_left(day, left):
    assert n.delai(day, date(2026, 11, 22)) == left


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0\u00a0relevé importé"),
        (1, "1\u00a0relevé importé"),
        (2, "2\u00a0relevés importés"),
        (1200, "1\u202f200\u00a0relevés importés"),
    ],
)
def test_a_noun_follows_its_number(count, told):
    assert n.nombre_de(count, "relevé importé") == told
