"""The APA in an establishment: check values, the 23 départements, and the column form."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.rules.apa import colonne_etablissement as colonne
from egide.rules.apa import etablissement as regle
from egide.rules.apa import montants
from egide.rules.apa.bornes import ValeurRefusee
from egide.rules.money import MontantRefuse
from tests.rules.columns import run_columns

SCHEMA = {
    "on": "DATE",
    "age": "INT64",
    "gir": "INT64",
    "couple": "BOOLEAN",
    "ressources": "INT64",
    "tarif": "INT64",
    "tarif_5_6": "INT64",
    "departement": "STRING",
}
LAST = 999_999_999
BREAKS = colonne.breakpoints()


def resident(**changes):
    case = {
        "on": date(2026, 6, 15),
        "age": 85,
        "gir": 1,
        "couple": False,
        "ressources_mensuelles": Decimal("1800.00"),
        "tarif_mensuel_gir": Decimal("675.00"),
        "tarif_mensuel_gir_5_6": Decimal("186.00"),
    }
    return regle.compute_apa_etablissement(**{**case, **changes})


@pytest.mark.parametrize(
    ("ressources", "participation"),
    [
        ("1800.00", "186.00"),
        ("2846.76", "186.00"),
        ("3400.00", "327.19"),
        ("4379.65", "577.20"),
        ("5000.00", "577.20"),
    ],
)
def test_the_check_values_of_2026(ressources, participation):
    found = resident(ressources_mensuelles=Decimal(ressources))
    assert str(found.participation) == participation
    assert found.apa == Decimal("675.00") - Decimal(participation)
    assert found.motif == ""


def test_a_couple_shares_its_resources_by_two():
    couple = resident(couple=True, ressources_mensuelles=Decimal("6800.00"))
    assert couple.participation == Decimal("327.19")


def test_the_monthly_tariff_counts_the_days_of_the_month():
    assert regle.tarif_mensuel(Decimal("22.50"), on=date(2026, 6, 1)) == Decimal("675.00")
    assert regle.tarif_mensuel(Decimal("22.50"), on=date(2028, 2, 1)) == Decimal("652.50")


@pytest.mark.parametrize(
    ("changes", "motif"),
    [
        ({"age": 59}, "âge inférieur à 60 ans"),
        ({"gir": 5}, "GIR 5 ou 6"),
        (
            {"tarif_mensuel_gir": Decimal("222.93")},
            "montant inférieur ou égal à 3 fois le SMIC horaire",
        ),
        (
            {"tarif_mensuel_gir": Decimal("100.00")},
            "montant inférieur ou égal à 3 fois le SMIC horaire",
        ),
    ],
)
def test_a_closed_right_tells_its_reason(changes, motif):
    found = resident(**changes)
    assert (found.apa, found.motif) == (0, motif)


def test_one_cent_above_the_minimum_is_paid():
    assert resident(tarif_mensuel_gir=Decimal("222.94")).apa == Decimal("36.94")


@pytest.mark.parametrize(
    ("on", "departement", "participation", "apa"),
    [
        (date(2025, 6, 30), "40", "186.00", "489.00"),
        (date(2025, 7, 1), "40", "189.10", "0.00"),
        (date(2026, 2, 1), "93", "170.80", "0.00"),
        (date(2026, 12, 31), "69M", "189.10", "0.00"),
        (date(2026, 12, 31), "69D", "186.00", "489.00"),
        (date(2026, 12, 31), "75", "186.00", "489.00"),
        (date(2027, 1, 1), "40", "186.00", "489.00"),
    ],
)
def test_the_single_forfait_replaces_the_apa_where_and_when_it_applies(
    on, departement, participation, apa
):
    found = resident(on=on, departement=departement)
    assert (str(found.participation), str(found.apa)) == (participation, apa)
    assert found.provisoire == (on.year > 2026)


def test_there_are_23_departements():
    assert len(regle.FUSION["elements"]) == 23


@pytest.mark.parametrize(
    ("on", "amount"), [(date(2022, 7, 1), 114), (date(2025, 1, 1), 124), (date(2026, 1, 1), 125)]
)
def test_the_minimum_left_is_rounded_to_the_euro(on, amount):
    assert regle.minimum_laisse(on) == amount


def test_the_lump_sum_is_half_of_the_tariff():
    assert regle.forfait_etablissement(Decimal("675.01"), on=date(2026, 1, 1)) == Decimal("337.51")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"gir": 7}, ValeurRefusee),
        ({"age": 200}, ValeurRefusee),
        ({"tarif_mensuel_gir": Decimal(-1)}, MontantRefuse),
        ({"tarif_mensuel_gir_5_6": Decimal("1.001")}, MontantRefuse),
        ({"ressources_mensuelles": Decimal(10**8)}, MontantRefuse),
    ],
)
def test_impossible_values_are_refused(changes, error):
    with pytest.raises(error):
        resident(**changes)


def by_case(row):
    on, age, gir, couple, ressources, tarif, tarif_5_6, departement = row
    found = regle.compute_apa_etablissement(
        on=on,
        age=age,
        gir=gir,
        couple=couple,
        ressources_mensuelles=Decimal(ressources).scaleb(-2),
        tarif_mensuel_gir=Decimal(tarif).scaleb(-2),
        tarif_mensuel_gir_5_6=Decimal(tarif_5_6).scaleb(-2),
        departement=departement,
    )
    return {
        "participation": int(found.participation.scaleb(2)),
        "apa": int(found.apa.scaleb(2)),
        "motif": found.motif,
        "provisoire": found.provisoire,
    }


@st.composite
def cases(draw):
    near = st.sampled_from(BREAKS).flatmap(
        lambda day: st.sampled_from([day, max(BREAKS[0], day - timedelta(days=1))])
    )
    on = draw(near | st.dates(BREAKS[0], date(2030, 12, 31)))
    couple = draw(st.booleans())
    s = int(montants.montant_s(on).valeur * 100) * (2 if couple else 1)
    aimed = st.sampled_from([s * 221 // 100, s * 340 // 100, s * 3])
    ressources = draw(
        aimed.flatmap(lambda cents: st.integers(cents - 1, cents + 1))
        | st.integers(0, 1_500_000)
        | st.just(LAST)
    )
    tarif_5_6 = draw(st.integers(0, 30_000))
    smic = int(regle.seuil_versement(on) * 100)
    tarif = draw(
        st.integers(0, 90_000)
        | st.integers(smic - 1, smic + 1).map(lambda cents: cents + tarif_5_6)
        | st.just(LAST)
    )
    departement = draw(st.sampled_from(["", "40", "69M", "69D", "75", "974"]))
    age, gir = draw(st.sampled_from([59, 60, 99])), draw(st.integers(1, 6))
    return on, age, gir, couple, ressources, tarif, tarif_5_6, departement


@given(rows=st.lists(cases(), min_size=1, max_size=60))
@settings(max_examples=20)
def test_a_column_gives_the_cent_of_each_resident(rows):
    first, last = min(row[0] for row in rows), max(row[0] for row in rows)
    found = run_columns(
        rows,
        schema=SCHEMA,
        build=lambda table: colonne.apa_etablissement(table, first=first, last=last),
    )
    results = [{k: v for k, v in item.items() if k not in SCHEMA} for item in found]
    assert results == [by_case(row) for row in rows]
