"""Dated rules, figures and exact numbers: what they promise, and what they refuse."""

import ast
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis import _ as row

import egide.rules
from egide.rules import exact, money, parameters
from egide.rules.apa import etablissement, montants
from egide.rules.dated import Dated, NotImplementedEra, NotInForce
from egide.rules.whole import ColumnOverflow
from tests.rules.columns import run_columns

RULES = Path(egide.rules.__file__).parent


@pytest.fixture
def rule():
    built = Dated("règle d'essai")
    built.since(date(2010, 1, 1), source="premier texte")(lambda: 1)
    built.absent_since(date(2015, 1, 1), source="deuxième texte", reason="texte non retrouvé")
    built.since(date(2020, 1, 1), source="troisième texte")(lambda: 3)
    return built


def test_the_version_of_a_day_is_found(rule):
    assert [rule.at(date(year, 6, 1))() for year in (2010, 2014, 2020, 2030)] == [1, 1, 3, 3]


def test_an_era_not_written_raises_with_its_reason(rule):
    with pytest.raises(NotImplementedEra, match="texte non retrouvé"):
        rule.at(date(2019, 12, 31))()


def test_there_is_nothing_before_the_first_version(rule):
    with pytest.raises(NotInForce, match="2009-12-31"):
        rule.at(date(2009, 12, 31))


def test_a_version_out_of_order_fails_at_import(rule):
    for start in (date(2020, 1, 1), date(2011, 1, 1)):
        with pytest.raises(ValueError, match="does not follow"):
            rule.since(start, source="texte")(lambda: 4)


def test_ends_are_computed(rule):
    assert [rule.end(version) for version in rule.versions] == [
        date(2014, 12, 31),
        date(2019, 12, 31),
        None,
    ]


FIGURE = {
    "libelle": "Essai",
    "unite": "part",
    "verifie_jusqu_au": "2026-12-31",
    "valeurs": {"2020-01-01": {"valeur": "0.5", "source": "texte d'essai"}},
}


def written(tmp_path, **changes):
    path = tmp_path / "essai.yaml"
    path.write_text(yaml.safe_dump({"essai": {**FIGURE, **changes}}), encoding="utf-8")
    return parameters.load_parametres(path)


def test_a_figure_is_found_on_its_day(tmp_path):
    bareme = parameters.Bareme(date(2026, 12, 31), written(tmp_path))
    assert bareme["essai"] == Decimal("0.5")
    assert not bareme.provisional
    assert bareme.sources == ("texte d'essai",)
    assert bareme.confiance("essai") == "forte"
    assert bareme.fractions() == {"essai": Fraction(1, 2)}


def test_a_figure_past_its_verification_is_provisional(tmp_path):
    assert parameters.Bareme(date(2027, 1, 1), written(tmp_path)).provisional


def test_a_figure_is_unknown_before_its_first_value(tmp_path):
    bareme = parameters.Bareme(date(2019, 12, 31), written(tmp_path))
    with pytest.raises(NotInForce, match="Essai"):
        bareme["essai"]
    assert bareme.fractions() == {}
    assert bareme.sources == ()


def test_a_figure_can_be_corrected_from_a_day(tmp_path):
    figure = written(tmp_path)["essai"]
    new = parameters.Valeur(date(2025, 1, 1), Decimal("0.6"), "texte nouveau", "faible")
    corrected = figure.with_valeur(new, verifie_jusqu_au=date(2028, 12, 31))
    bareme = parameters.Bareme(date(2027, 1, 1), {"essai": corrected})
    assert (bareme["essai"], bareme.provisional, bareme.confiance("essai")) == (
        Decimal("0.6"),
        False,
        "faible",
    )
    assert corrected.at(date(2024, 12, 31)).valeur == Decimal("0.5")


@pytest.mark.parametrize(
    "changes",
    [
        {"unite": "franc"},
        {"valeurs": {"2020-01-01": {"valeur": 0.5, "source": "texte d'essai"}}},
        {"valeurs": {"2020-01-01": {"valeur": "0,5", "source": "texte d'essai"}}},
        {"valeurs": {"2020-01-01": {"valeur": "0.5"}}},
        {"valeurs": {"2020-1-1": {"valeur": "0.5", "source": "texte d'essai"}}},
        {"valeurs": {}},
        {"verifie_jusqu_au": None},
        {"auteur": "?"},
    ],
)
def test_a_file_of_figures_obeys_the_schema(tmp_path, changes):
    with pytest.raises(parameters.ParametreRefuse, match="essai"):
        written(tmp_path, **changes)


@given(st.fractions(min_value=-1000, max_value=1000))
def test_rounding_goes_to_the_nearest_cent_and_half_up(value):
    rounded = Fraction(money.round_to_cent(value))
    assert abs(rounded - value) <= Fraction(1, 200)
    if abs(rounded - value) == Fraction(1, 200):
        assert abs(rounded) > abs(value)


def test_amounts_are_written_the_french_way():
    assert money.format_euros(Decimal("1234567.891")) == "1\u202f234\u202f567,89\u00a0€"
    assert money.format_taux(Decimal("0.066542")) == "6,6542\u00a0%"


def test_a_formula_that_could_leave_128_bits_is_refused_when_built():
    big = exact.Quantity.column(row.n, low=0, high=10**20, scale=1)
    with pytest.raises(ColumnOverflow):
        big * big


def test_only_positive_columns_are_divided_and_rounded():
    signed = exact.Quantity.column(row.n, low=-5, high=5, scale=1)
    with pytest.raises(ValueError, match="positive"):
        exact.Quantity.of(1) / signed
    with pytest.raises(ValueError, match="positive"):
        signed.round_half_up()


ints = st.integers(0, 10**9)


@given(st.lists(st.tuples(ints, st.integers(1, 10**6)), min_size=1, max_size=20))
@settings(max_examples=40)
def test_operations_on_columns_are_those_of_fractions(pairs):
    """The same expression on fractions and on columns, rounded to the millionth."""

    def formula(a, b, *, half, third):
        x = exact.clamp((a - b * half) / b)
        low = exact.least(a * third, b / b + exact.number(b, value=2))
        return x * half + (1 - half) * x + low / (b + 1) + exact.greatest(a - b, x) * third

    def by_column(table):
        a = exact.Quantity.column(row.a, low=0, high=10**9, scale=100)
        b = exact.Quantity.column(row.b, low=1, high=10**6, scale=10)
        constants = {
            name: exact.Quantity.of(Fraction(1, n)) for name, n in (("half", 2), ("third", 3))
        }
        return table.mutate(result=formula(a, b, **constants).round_half_up(unit=10**6).expr)

    def by_case(a, b):
        value = formula(
            Fraction(a, 100), Fraction(b, 10), half=Fraction(1, 2), third=Fraction(1, 3)
        )
        return int(money.round_half_up(value, places=6).scaleb(6))

    found = run_columns(pairs, schema={"a": "INT64", "b": "INT64"}, build=by_column)
    assert [item["result"] for item in found] == [by_case(a, b) for a, b in pairs]


def test_constants_stay_constants():
    half, two = exact.Quantity.of(Fraction(1, 2)), exact.Quantity.of(2)
    for built, value in (
        (half + two, Fraction(5, 2)),
        (two - half, Fraction(3, 2)),
        (half * two, Fraction(1)),
        (half / two, Fraction(1, 4)),
        (half.least(two), Fraction(1, 2)),
        (half.greatest(two), Fraction(2)),
    ):
        assert Fraction(built.num.expr, built.scale) == value
        assert built.round_half_up(unit=4).expr == value * 4


def test_every_rule_answers_on_every_day_a_figure_changes():
    days = {
        valeur.depuis
        for figure in (*montants.DOMICILE.values(), *etablissement.ETABLISSEMENT.values())
        for valeur in figure.valeurs
    }
    assert len(days) > 4
    for day in days:
        assert montants.plafond_mensuel(day, gir=1) > montants.plafond_mensuel(day, gir=4)
        assert etablissement.seuil_versement(day) > 0


def literals(path):
    """Numbers of a module, but for dates, which are starts of texts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    dates = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "date"
        for argument in node.args
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and id(node) not in dates
    }


# bornes.py says what may be typed, delais.py counts half-months: neither is a figure of a rule.
@pytest.mark.parametrize("text", ["apa", "aggir"])
def test_no_figure_of_the_law_is_written_in_python(text):
    modules = [path for path in (RULES / text).glob("*.py") if path.name != "bornes.py"]
    assert modules
    for path in modules:
        assert literals(path) <= {0, 1, 12} | ({16} if path.name == "delais.py" else set()), path
