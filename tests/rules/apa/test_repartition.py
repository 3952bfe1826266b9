"""Sharing an amount: nothing is lost or created, whatever the parts; limits hold to the cent."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.effectivite import Prevu, Releve, montant_utilise
from egide.rules.apa.plans_du_mois import PlanDuMois, PlansDuMois
from egide.rules.apa.repartition import (
    PartsRefusees,
    find_excedents,
    share_retenue,
    split_apres_deces,
    split_excedent,
    split_montant,
)

CENTS = st.integers(0, 10_000_000).map(lambda n: Decimal(n).scaleb(-2))
PARTS = st.dictionaries(st.integers(0, 9), CENTS, min_size=1).filter(lambda p: any(p.values()))
ON = date(2026, 11, 1)


@given(CENTS, PARTS)
def test_shares_add_up_to_the_amount(montant, parts):
    assert sum(split_montant(montant, parts=parts).values()) == montant


@given(CENTS, PARTS)
def test_no_share_is_a_cent_away_from_the_exact_one(montant, parts):
    total = sum(map(Fraction, parts.values()))
    for key, share in split_montant(montant, parts=parts).items():
        assert abs(Fraction(share) - Fraction(montant) * Fraction(parts[key]) / total) < Fraction(
            1, 100
        )


def test_the_larger_remainder_takes_the_cent():
    thirds = {"a": Decimal(1), "b": Decimal(1), "c": Decimal(1)}
    assert list(split_montant(Decimal("100.00"), parts=thirds).values()) == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]


@pytest.mark.parametrize(
    ("montant", "parts"),
    [("1", {}), ("1", {"a": 0}), ("-1", {"a": 1}), ("1", {"a": -1, "b": 3}), ("0.001", {"a": 1})],
)
def test_what_cannot_be_shared_is_refused(montant, parts):
    with pytest.raises(PartsRefusees):
        split_montant(Decimal(montant), parts={k: Decimal(v) for k, v in parts.items()})


@given(CENTS, st.lists(CENTS, max_size=6))
def test_no_payment_loses_more_than_a_fifth_nor_more_than_the_debt(reste, montants):
    retenues = share_retenue(reste, montants=montants, on=ON)
    assert sum(retenues) <= reste
    for retenue, montant in zip(retenues, montants, strict=True):
        assert 0 <= retenue * 5 <= montant


@given(PARTS, PARTS, PARTS, CENTS)
def test_excesses_never_pass_what_the_month_leaves(verses, parts, constates, du):
    found = split_excedent(verses, du=du, parts=parts, constates=constates)
    left = sum(verses.values()) - du - sum(constates.values())
    assert sum(part.reste for part in found.values()) <= max(left, 0)
    for who, part in found.items():
        assert 0 <= part.reste <= max(verses[who] - part.constate, 0)
        assert 0 <= part.du <= verses[who]


@given(PARTS, CENTS)
def test_what_follows_a_death_is_claimed_whole_and_once(verses, du):
    found = split_apres_deces(verses, du=du, constates={})
    restes = {who: part.reste for who, part in found.items()}
    assert sum(restes.values()) == max(sum(verses.values()) - du, 0)
    again = split_apres_deces(verses, du=du, constates=restes)
    assert not any(part.reste for part in again.values())


HOURS = st.integers(0, 74_400).map(lambda n: Decimal(n).scaleb(-2))


@given(HOURS, CENTS, CENTS, st.none() | HOURS, st.none() | CENTS)
def test_never_more_is_used_than_was_planned(heures, par_heures, autres, realisees, facture):
    prevu = Prevu(heures, par_heures, autres)
    used = montant_utilise(prevu, releve=Releve(realisees, facture))
    assert 0 <= used <= prevu.montant
    if facture is not None:
        assert used <= facture


def test_without_report_the_plan_stands():
    prevu = Prevu(Decimal(40), Decimal(1000), Decimal(50))
    assert montant_utilise(prevu, releve=Releve()) == 1050
    assert montant_utilise(prevu, releve=Releve(heures=Decimal(0))) == 50


def test_the_used_part_bears_the_participation():
    plan = PlanDuMois(30, Prevu(Decimal(20), Decimal(1000)), Decimal("0.10"))
    assert PlansDuMois([plan]).worth(Releve(heures=Decimal(10))) == Decimal("450.00")


@given(PARTS, PARTS, PARTS)
def test_each_owes_its_own_excess_and_never_for_another(verses, dus, constates):
    found = find_excedents(verses, dus=dus, constates=constates)
    for who, paid in verses.items():
        own = paid - dus.get(who, 0) - constates.get(who, 0)
        assert found[who].reste == max(min(own, paid - constates.get(who, 0)), 0)
        alone = find_excedents({who: paid}, dus=dus, constates=constates)
        assert alone[who] == found[who]
