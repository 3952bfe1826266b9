"""The ASH on a column is the ASH of each person, to the cent."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from egide.rules.apa.ressources import reserve_conjoint_mensuelle
from egide.rules.ash import colonne, montants
from egide.rules.ash.hebergement import compute_ash
from tests.rules.columns import run_columns

SCHEMA = {
    "on": "DATE",
    "conjoint_domicile": "BOOLEAN",
    "ressources": "INT64",
    "conjoint": "INT64",
    "cout": "INT64",
    "ticket": "INT64",
    "obliges": "INT64",
}
LAST = 999_999_999
BREAKS = colonne.breakpoints()


def by_case(row):
    on, conjoint_domicile, *cents = row
    ressources, conjoint, cout, ticket, obliges = (Decimal(value).scaleb(-2) for value in cents)
    found = compute_ash(
        on=on,
        ressources_mensuelles=ressources,
        cout_mensuel_hebergement=cout,
        ticket_moderateur_mensuel=ticket,
        contribution_obliges=obliges,
        conjoint_domicile=conjoint_domicile,
        ressources_conjoint=conjoint,
    )
    return {
        "laisse_a_disposition": int(found.laisse_a_disposition.scaleb(2)),
        "contribution": int(found.contribution.scaleb(2)),
        "ash": int(found.ash.scaleb(2)),
        "motif": found.motif,
        "provisoire": found.provisoire,
    }


@st.composite
def cases(draw):
    """Draw days near the changes of the law, bases at ties, costs at the edge of nothing due."""
    near = st.sampled_from(BREAKS).flatmap(
        lambda day: st.sampled_from([day, max(BREAKS[0], day - timedelta(days=1))])
    )
    on = draw(near | st.dates(BREAKS[0], date(2030, 12, 31)))
    conjoint_domicile = draw(st.booleans())
    conjoint = draw(st.integers(0, 250_000))
    reserve = int(reserve_conjoint_mensuelle(on).scaleb(2)) - conjoint if conjoint_domicile else 0
    threshold = int(montants.minimum_laisse(on).scaleb(2)) * 10
    aimed = st.integers(-6, 6).map(lambda cents: threshold + cents)
    ties = st.integers(0, 40_000).map(lambda tens: tens * 10 + 5)
    base = draw(aimed | ties | st.integers(-3, 3) | st.integers(0, 600_000) | st.just(LAST))
    ressources = min(max(base + reserve, 0), LAST)
    ticket, obliges = draw(st.integers(0, 30_000)), draw(st.integers(0, 30_000) | st.just(0))
    exact = by_case((on, conjoint_domicile, ressources, conjoint, 0, 0, 0))["contribution"]
    even = st.integers(-1, 1).map(lambda cents: max(exact + obliges - ticket + cents, 0))
    alone = st.integers(-1, 1).map(lambda cents: max(exact - ticket + cents, 0))
    cout = min(draw(even | alone | st.integers(0, 400_000) | st.just(LAST)), LAST)
    return on, conjoint_domicile, ressources, conjoint, cout, ticket, obliges


@given(rows=st.lists(cases(), min_size=1, max_size=60))
@settings(max_examples=25)
def test_a_column_gives_the_cent_of_each_person(rows):
    first, last = min(row[0] for row in rows), max(row[0] for row in rows)
    found = run_columns(
        rows,
        schema=SCHEMA,
        build=lambda table: colonne.ash(table, first=first, last=last),
    )
    results = [{k: v for k, v in item.items() if k not in SCHEMA} for item in found]
    assert results == [by_case(row) for row in rows]


def test_the_largest_amounts_stay_exact():
    row = (date(2026, 6, 15), True, LAST, LAST, LAST, LAST, LAST)
    (found,) = run_columns(
        [row], schema=SCHEMA, build=lambda table: colonne.ash(table, first=row[0], last=row[0])
    )
    assert {k: v for k, v in found.items() if k not in SCHEMA} == by_case(row)


def test_the_law_changes_with_every_revaluation_and_at_the_end_of_its_verification():
    assert date(2022, 7, 1) in BREAKS
    assert date(2027, 1, 1) in BREAKS
    assert BREAKS[0] == date(2016, 4, 1)
