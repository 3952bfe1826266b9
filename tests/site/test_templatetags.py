"""The filters of the templates: what the notation writes, and a dash where there is nothing."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError

from egide.kernel.notation import NotANumber

TODAY = date(2026, 11, 22)


def write(source: str, **values: object) -> str:
    return Template("{% load egide %}" + source).render(Context({"on": TODAY, **values}))


@pytest.mark.parametrize(
    ("source", "value", "written"),
    [
        ("{{ v|euros }}", Decimal("1013.36"), "1\u202f013,36\u00a0€"),
        ("{{ v|euros_exact }}", Decimal("137.2253"), "137,2253\u00a0€"),
        ("{{ v|taux }}", Decimal("0.135421"), "13,54\u00a0%"),
        ("{{ v|heures }}", Decimal("22.5"), "22\u00a0h\u00a030"),
        ("{{ v|nombre }}", Decimal("1250.50"), "1\u202f250,5"),
        ("{{ v|jour }}", date(2026, 11, 6), "6\u00a0nov.\u00a02026"),
        ("{{ v|jour_long }}", date(2026, 12, 1), "1er\u00a0décembre\u00a02026"),
        ("{{ v|iso }}", date(2026, 12, 1), "2026-12-01"),
        ("{{ v|age:on }}", date(1939, 3, 14), "87\u00a0ans"),
        ("{{ v|delai:on }}", date(2026, 11, 28), "6\u00a0jours"),
    ],
)
def test_a_filter_writes_in_french(source, value, written):
    assert write(source, v=value) == written


@pytest.mark.parametrize(
    "name", ["euros", "euros_exact", "taux", "heures", "nombre", "jour", "jour_long"]
)
def test_nothing_is_a_dash(name):
    assert write("{{ v|" + name + " }}", v=None) == "—"


def test_an_instant_is_written_on_its_day_in_france():
    assert write("{{ v|jour }}", v=datetime(2026, 12, 31, 23, 30, tzinfo=UTC)).startswith("1er")


def test_a_float_never_passes_for_an_amount():
    with pytest.raises(NotANumber):
        write("{{ v|euros }}", v=12.5)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 11, 21), "stop"),
        (date(2026, 11, 22), "wait"),
        (date(2026, 11, 29), "wait"),
        (date(2026, 11, 30), "calm"),
        (None, "calm"),
    ],
)
def test_a_deadline_has_a_state(day, state):
    assert write("{{ v|urgence:on }}", v=day) == state


@pytest.mark.parametrize(
    ("value", "whole", "width"),
    [
        (Decimal("1013.36"), Decimal("1215.99"), "83.3"),
        (Decimal(3), Decimal(2), "100.0"),
        (Decimal(-1), Decimal(2), "0.0"),
        (Decimal(1), Decimal(0), "0"),
    ],
)
def test_a_gauge_stays_within_its_frame(value, whole, width):
    assert write("{{ v|part:whole }}", v=value, whole=whole) == width


def test_a_card_and_a_table_escape_what_they_are_given():
    hostile = "<script>alert(1)</script>"
    table = "{% data_table title columns rows %}"
    html = write(
        "{% card title title %}" + table + "{% endcard %}",
        title=hostile,
        columns=[(hostile, False), ("Montant", True)],
        rows=[[{"text": hostile, "url": '/x"onclick="y'}, hostile]],
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 6
    assert '"onclick="' not in html


def test_a_row_that_does_not_fit_its_columns_is_refused():
    with pytest.raises(ValueError, match="zip"):
        write("{% data_table 'Aides' columns rows %}", columns=[("Aide", False)], rows=[["a", "b"]])


def test_an_unknown_filter_is_an_error():
    with pytest.raises(TemplateSyntaxError):
        write("{{ v|eurso }}", v=1)


def test_a_reference_in_a_table_never_breaks_over_two_lines():
    rows = [["Lefèvre", {"text": "2025-00098", "ref": True}, "4"]]
    columns = [("Personne", False), ("Dossier", False), ("Lignes", True)]
    text = write('{% data_table "Dossiers" columns rows %}', columns=columns, rows=rows)
    assert re.search(r'<td class="eg-ref">\s*2025-00098\s*</td>', text)
    assert text.count("eg-ref") == 1
    css = (settings.BASE_DIR / "egide/site/static/egide/egide.css").read_text(encoding="utf-8")
    assert ".eg-ref { white-space: nowrap; }" in css
