"""The ceilings that guards compare with are those that the rule computes, on every day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from egide.rules.apa.plafonds import paliers, plafonds
from egide.rules.dated import NotInForce

LAST = date(2030, 12, 31)
STEPS = list(paliers())


def in_force(nom, on):
    found = [p for p in STEPS if p.nom == nom and p.depuis <= on]
    return max(found, key=lambda p: p.depuis).montant if found else None


def computed(nom, on):
    try:
        return plafonds()[nom](on)
    except NotInForce:
        return None


@pytest.mark.parametrize("nom", plafonds())
def test_a_step_says_what_the_rule_says_on_the_first_of_each_month_and_on_its_eve(nom):
    day = date(2002, 1, 1)
    while day <= LAST:
        assert in_force(nom, day) == computed(nom, day), day
        day = (day + timedelta(days=31)).replace(day=1)
        eve = day - timedelta(days=1)
        assert in_force(nom, eve) == computed(nom, eve), eve


def test_no_step_repeats_the_one_before_and_none_is_missing():
    for nom in plafonds():
        montants = [p.montant for p in STEPS if p.nom == nom]
        assert montants
        assert all(a != b for a, b in pairwise(montants))
