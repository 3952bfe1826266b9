"""The audit: it finds what is badly protected, and computes what an attacker would."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.rules.secret_statistique import audit, masque, programme
from egide.rules.secret_statistique.audit import find_intervals, find_violations
from egide.rules.secret_statistique.masque import PublicationRefusee
from egide.rules.secret_statistique.preuves import Direction
from tests.rules.secret_statistique.tables import (
    attack,
    frequency_sensibles,
    protected,
    table,
    tables,
)


def flags(tableau, *hidden):
    """Hide some cells, given by their codes."""
    return np.array([codes in hidden for codes in tableau.codes])


def violations(tableau, *hidden, directions=(), **rule):
    """Audit a pattern; give the codes of the cells that it betrays."""
    systeme = tableau.systeme()
    found = find_violations(
        systeme,
        secretes=flags(tableau, *hidden),
        sensibles=frequency_sensibles(systeme, **rule),
        directions=directions,
    )
    codes = list(tableau.codes)
    return {codes[violation.rank]: violation.motif for violation in found}


SQUARE = table("ad", (3, 20, 30, 40))
CORNERS = [("a1", "d1"), ("a1", "d2"), ("a2", "d1"), ("a2", "d2")]


def test_a_square_of_four_holds_and_three_do_not():
    assert violations(SQUARE, *CORNERS) == {}
    assert violations(SQUARE, *CORNERS[:3]) == {("a1", "d1"): audit.TROP_ETROIT}


def test_a_published_sensitive_cell_is_found():
    assert violations(SQUARE, *CORNERS[1:]) == {("a1", "d1"): audit.PUBLIEE}


def test_a_companion_too_small_is_found():
    # Hidden beside a 2, a 3 is at most 5: enough for a + 2, one short of a + 3.
    tableau = table("b", (3, 2, 50))
    assert violations(tableau, ("b1",), ("b2",), high=2) == {}
    assert violations(tableau, ("b1",), ("b2",), high=3) == {("b1",): audit.TROP_ETROIT}


def test_a_pattern_that_sums_can_be_combined_against_is_found():
    # Each sum hides two cells, and yet: total of E1 = (e1 + e2), all of it published but a chain.
    tableau = table("ae", (3, 20, 9, 8, 30, 7))
    hidden = [("a1", "e1"), ("a1", "E11"), ("a1", "E1"), ("a1", "Total"), ("Total", "Total")]
    assert violations(tableau, *hidden)[("a1", "e1")] == audit.TROP_ETROIT


def test_two_people_alone_in_a_sum_are_found():
    tableau = table("b", (1, 1, 50))
    motifs = violations(tableau, ("b1",), ("b2",), low=0, high=1)
    assert motifs == {
        ("b1",): audit.CONNUE_D_UN_SEUL,
        ("b2",): audit.CONNUE_D_UN_SEUL,
    }
    assert violations(tableau, ("b1",), ("b2",), ("b3",), low=0, high=1) == {}


@pytest.mark.parametrize("moves", [[9, -9, -9, 8], [9, -9, -9, 9, 1]])
def test_a_false_proof_proves_nothing(moves):
    # The first breaks a sum, the second moves a published cell.
    ranks = [list(SQUARE.codes).index(cell) for cell in [*CORNERS, ("Total", "Total")]]
    direction = Direction(np.array(ranks[: len(moves)]), np.array(moves))
    assert violations(SQUARE, *CORNERS[:3], directions=[direction]) == {
        ("a1", "d1"): audit.TROP_ETROIT
    }


def test_a_solver_that_finds_nothing_releases_nothing(monkeypatch):
    monkeypatch.setattr(programme.Programme, "solve", lambda _self: None)
    assert violations(SQUARE, *CORNERS) == {("a1", "d1"): audit.TROP_ETROIT}


def test_an_interval_too_narrow_stops_the_release(monkeypatch):
    real = masque.find_intervals

    def narrowed(systeme, **options):
        found = dict(real(systeme, **options))
        rank = next(iter(found))
        low, high = found[rank].bas, systeme.valeurs[rank] + 1
        return found | {rank: audit.Intervalle(low, Fraction(int(high)))}

    monkeypatch.setattr(masque, "find_intervals", narrowed)
    with pytest.raises(PublicationRefusee, match="l’intervalle recalculé"):
        protected(table("b", (3, 20, 30)), audit=True)


@settings(max_examples=20)
@given(tables(noms=("b", "c", "e", "ab")), st.data())
def test_intervals_are_those_of_an_exact_simplex(tableau, data):
    count = len(list(tableau.codes))
    secretes = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    found = find_intervals(tableau.systeme(), secretes=secretes)

    class Hidden:
        def valeur(self, rank):
            return int(tableau.valeurs.ravel()[rank])

    Hidden.secretes = secretes
    attaquant = attack(tableau, Hidden())
    codes = list(tableau.codes)
    for rank, interval in found.items():
        least, most = attaquant.interval(codes[rank])
        assert interval.bas == least
        assert interval.haut == (None if most == float("inf") else most)
