"""What a month gives: dated cases, the rule of thirty days, and what no calendar can break."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.dus import Dus
from egide.rules.apa.versement import (
    DroitMensuel,
    Interruption,
    Nature,
    Periode,
    PeriodeRefusee,
    effet_retablissement,
    effet_suspension,
    montant_du,
    month_of,
    next_month,
)
from tests.rules.cases import load_cases

CASES = load_cases(text="apa", name="versement")
KINDS = {
    "sejours": Nature.HOSPITALISATION,
    "had": Nature.HOSPITALISATION_DOMICILE,
    "suspensions": Nature.SUSPENSION,
}


def periode(debut, fin):
    return Periode(debut, fin or None)


def stays(*periodes, nature=Nature.HOSPITALISATION):
    return [Interruption(nature, item) for item in periodes]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["cas"])
def test_a_dated_case_gives_its_days_and_its_amount(case):
    result = montant_du(
        case["mois"],
        droit=DroitMensuel(periode(*case["droit"]), Decimal(case["apa"])),
        interruptions=[
            Interruption(nature, periode(*days))
            for name, nature in KINDS.items()
            for days in case.get(name, [])
        ],
        deces_on=case.get("deces"),
    )
    assert (result.jours_dus, str(result.montant)) == (case["jours"], case["montant"])


def test_suspension_starts_the_month_after_notification_and_ends_the_month_of_regularisation():
    assert effet_suspension(date(2026, 1, 31)) == date(2026, 2, 1)
    assert effet_suspension(date(2026, 12, 1)) == date(2027, 1, 1)
    assert effet_retablissement(date(2026, 3, 31)) == date(2026, 3, 1)


def test_the_steps_tell_each_day_that_is_not_due_with_its_article():
    result = montant_du(
        date(2026, 1, 1),
        droit=DroitMensuel(Periode(date(2025, 1, 1)), Decimal("620.00")),
        interruptions=stays(Periode(date(2025, 12, 20))),
    )
    assert result.jours_hospitalisation == 13
    assert [line.source for line in result.etapes] == [
        "CASF R. 232-27 et R. 232-30",
        "CASF R. 232-32",
        "CASF R. 232-30",
    ]
    assert result.etapes[-1].valeur == "360,00\u00a0€"


def test_a_day_both_suspended_and_in_hospital_is_taken_away_once():
    result = montant_du(
        date(2026, 5, 1),
        droit=DroitMensuel(Periode(date(2025, 1, 1)), Decimal("310.00")),
        interruptions=[
            *stays(Periode(date(2026, 1, 1))),
            *stays(Periode(date(2026, 5, 1)), nature=Nature.SUSPENSION),
        ],
    )
    assert (result.jours_suspension, result.jours_hospitalisation, result.jours_dus) == (31, 0, 0)


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(PeriodeRefusee):
        Periode(date(2026, 5, 2), date(2026, 5, 1))


def test_a_month_past_the_verified_figures_is_provisional():
    droit = DroitMensuel(Periode(date(2026, 1, 1)), Decimal("310.00"))
    assert not montant_du(date(2026, 12, 1), droit=droit).provisoire
    assert montant_du(date(2027, 1, 1), droit=droit).provisoire


DAYS = st.dates(date(2023, 1, 1), date(2028, 12, 31))
AMOUNTS = st.decimals("0.01", "3000.00", places=2)


@st.composite
def periodes(draw):
    debut = draw(DAYS)
    length = draw(st.integers(0, 200) | st.none())
    return Periode(debut, None if length is None else debut + timedelta(days=length))


INTERRUPTIONS = st.lists(
    st.builds(Interruption, st.sampled_from(list(Nature)), periodes()), max_size=4
)


@given(DAYS, AMOUNTS, periodes(), INTERRUPTIONS, st.none() | DAYS)
def test_never_more_than_the_month_and_days_always_add_up(mois, apa, droit, interruptions, deces):
    result = montant_du(
        mois, droit=DroitMensuel(droit, apa), interruptions=interruptions, deces_on=deces
    )
    removed = result.jours_hospitalisation + result.jours_suspension
    assert result.jours_dus == result.jours_de_droit - removed
    assert 0 <= result.jours_dus <= result.jours_du_mois
    assert 0 <= result.montant <= apa
    assert (result.montant == apa) or (result.jours_dus < result.jours_du_mois)


@given(DAYS, AMOUNTS, periodes(), INTERRUPTIONS, periodes())
def test_one_more_interruption_of_payment_never_pays_more(mois, apa, droit, others, suspension):
    case = DroitMensuel(droit, apa)
    before = montant_du(mois, droit=case, interruptions=others)
    after = montant_du(
        mois,
        droit=case,
        interruptions=[*others, Interruption(Nature.SUSPENSION, suspension)],
    )
    assert after.jours_dus <= before.jours_dus


@given(DAYS, AMOUNTS, DAYS, st.integers(0, 30))
def test_thirty_days_in_hospital_take_nothing_away(mois, apa, entree, length):
    stay = Periode(entree, entree + timedelta(days=length))
    droit = DroitMensuel(Periode(date(2020, 1, 1)), apa)
    assert montant_du(mois, droit=droit, interruptions=stays(stay)).montant == apa


@given(AMOUNTS, DAYS, st.integers(31, 400))
def test_the_month_of_discharge_is_paid_from_its_first_day(apa, entree, length):
    sortie = entree + timedelta(days=length)
    droit = DroitMensuel(Periode(date(2020, 1, 1)), apa)
    stay = stays(Periode(entree, sortie))
    suspended = [
        montant_du(mois, droit=droit, interruptions=stay).jours_hospitalisation
        for mois in _months(entree, sortie)
    ]
    due_again = max((sortie.replace(day=1) - entree).days - 30, 0)
    assert sum(suspended) == due_again
    assert montant_du(sortie, droit=droit, interruptions=stay).montant == apa


def _months(first, last):
    mois = first.replace(day=1)
    while mois <= last:
        yield mois
        mois = next_month(mois)


@given(DAYS, AMOUNTS, INTERRUPTIONS)
def test_a_right_cut_in_two_at_the_same_amount_gives_the_same_month(cut, apa, interruptions):
    whole = DroitMensuel(Periode(date(2020, 1, 1)), apa)
    halves = [
        DroitMensuel(Periode(date(2020, 1, 1), cut), apa),
        DroitMensuel(Periode(cut), apa),
    ]
    due = montant_du(cut, droit=whole, interruptions=interruptions)
    assert Dus(halves, interruptions).of_month(cut).montant == due.montant


def test_two_rights_of_one_month_are_rounded_together():
    dus = Dus(
        [
            DroitMensuel(Periode(date(2026, 3, 1), date(2026, 4, 11)), Decimal("100.01")),
            DroitMensuel(Periode(date(2026, 4, 11)), Decimal("200.02")),
        ]
    )
    # 33,3367 + 133,3467: apart, they would be a cent more.
    assert (dus.of_month(date(2026, 4, 30)).montant, dus.of_month(date(2026, 4, 1)).jours) == (
        Decimal("166.68"),
        30,
    )
    assert dus.between(date.min, end=date(2026, 5, 1)) == Decimal("266.69")
    assert dus.between(date(2026, 4, 11), end=date(2026, 4, 21)) == Decimal("66.67")
    assert dus.between(date(2026, 5, 1), end=date(2026, 5, 1)) == 0


@given(AMOUNTS, DAYS)
def test_after_a_death_nothing_is_due(apa, deces):
    droit = DroitMensuel(Periode(date(2020, 1, 1)), apa)
    assert montant_du(deces, droit=droit, deces_on=deces).jours_dus == deces.day
    assert montant_du(next_month(deces), droit=droit, deces_on=deces).montant == 0


@given(DAYS)
def test_a_month_has_all_its_days_and_no_more(day):
    month = month_of(day)
    assert day in month.days()
    assert {item.month for item in month.days()} == {day.month}
