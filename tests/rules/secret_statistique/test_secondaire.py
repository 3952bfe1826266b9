"""Every protected cell keeps its interval, judged by attackers that share nothing with us."""

from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given, settings

from egide.rules.secret_statistique.masque import PublicationRefusee, Statut
from tests.rules.secret_statistique.attaquant import whole_squares
from tests.rules.secret_statistique.tables import attack, protected, table, tables


def assert_protected(tableau, *, seuil=5, low=1, high=2, attacked=10):
    """Attack sensitive cells with the exact simplex."""
    masque = protected(tableau, seuil=seuil, low=low, high=high)
    attaquant = attack(tableau, masque)
    cells = zip(tableau.codes, tableau.valeurs.ravel().tolist(), strict=True)
    sensitive = [(cell, valeur) for cell, valeur in cells if 0 < valeur < seuil]
    for cell, valeur in sensitive[:attacked]:
        assert cell in attaquant.hidden
        least, most = attaquant.interval(cell)
        assert least <= max(valeur - low, 0), (cell, valeur, least)
        assert most >= valeur + high, (cell, valeur, most)
    return masque


@settings(max_examples=25)
@given(tables())
def test_an_attacker_never_narrows_a_protected_cell(tableau):
    assert_protected(tableau)


@settings(max_examples=3)
@given(tables(noms=("abd", "adfg")))
def test_three_and_four_dimensions_are_protected_too(tableau):
    assert_protected(tableau, attacked=2)


@pytest.mark.parametrize("values", list(combinations_with_replacement((0, 1, 3, 7), 4)))
def test_every_small_square_of_counts(values):
    assert_protected(table("ad", values))


@pytest.mark.parametrize("values", [(1, 6, 5, 7), (2, 8, 9, 3), (3, 9, 0, 9), (4, 5, 6, 7)])
def test_whole_tables_leave_the_same_doubt_as_real_ones(values):
    # In two flat dimensions the vertices are whole: listing every table must agree with us.
    tableau = table("ad", values)
    attaquant = attack(tableau, protected(tableau))
    codes = [hierarchie.codes for hierarchie in tableau.hierarchies]
    listed = list(whole_squares(attaquant.published, codes=codes, most=12))
    assert attaquant.hidden
    for cell in attaquant.hidden:
        seen = [square[cell] for square in listed]
        assert (min(seen), max(seen)) == attaquant.interval(cell)


@pytest.mark.parametrize(("valeur", "statut"), [
    (0, Statut.PUBLIE), (1, Statut.SECRET_PRIMAIRE), (10, Statut.SECRET_PRIMAIRE),
    (11, Statut.PUBLIE),
])  # fmt: skip
def test_the_threshold_is_the_first_published_count(valeur, statut):
    tableau = table("b", (valeur, 40, 60))
    masque = protected(tableau, seuil=11)
    assert masque.statut(1) is statut


def test_a_sensitive_cell_takes_a_companion_in_each_of_its_sums():
    tableau = table("ad", (2, 20, 30, 40))
    masque = protected(tableau)
    assert (masque.primaires, masque.secondaires) == (1, 3)
    assert masque.valeur(0) == 92


def test_a_table_without_a_sensitive_cell_is_published_whole():
    masque = protected(table("ac", [20] * 8))
    assert not masque.secretes.any()
    assert masque.perte == (0, 20 * 8 * 6)


def test_a_lone_cell_whose_neighbours_are_empty_cannot_be_protected_by_them():
    # Zeros are published: the total hides with the cell, and nothing is left of the table.
    masque = protected(table("b", (3, 0, 0)))
    assert [masque.statut(rank) for rank in range(4)] == [
        Statut.SECRET_PRIMAIRE, Statut.SECRET_PRIMAIRE, Statut.PUBLIE, Statut.PUBLIE,
    ]  # fmt: skip


def test_a_contributor_alone_does_not_learn_its_neighbour():
    # 1 + 1 hidden beside published cells would let each of the two people find the other.
    tableau = table("b", (1, 1, 50))
    masque = protected(tableau)
    attaquant = attack(tableau, masque)
    least, most = attaquant.interval(("b2",), knowing={("b1",): 1})
    assert least < most


@settings(max_examples=10)
@given(tables(noms=("b", "c", "ab")))
def test_no_lone_contributor_computes_another_cell_exactly(tableau):
    masque = assert_protected(tableau)
    attaquant = attack(tableau, masque)
    values = dict(zip(tableau.codes, tableau.valeurs.ravel().tolist(), strict=True))
    inner = [hierarchie.feuilles for hierarchie in tableau.hierarchies]
    for seul in [cell for cell in product(*inner) if values[cell] == 1]:
        for cell in attaquant.hidden:
            holds = all(
                code == own or own in _below(tableau, axis, code)
                for axis, (code, own) in enumerate(zip(cell, seul, strict=True))
            )
            if 0 < values[cell] < 5 and not (holds and values[cell] == 1):
                least, most = attaquant.interval(cell, knowing={seul: 1})
                assert least < most, (seul, cell)


def _below(tableau, axis, code):
    groupes = tableau.hierarchies[axis].groupes
    parts = groupes.get(code, ())
    return {leaf for part in parts for leaf in ({part} | _below(tableau, axis, part))}


def test_fewer_cells_are_hidden_when_less_is_asked():
    values = [3, 9, 14, 2, 30, 8, 21, 5]
    wide = protected(table("ac", values), low=2, high=6)
    narrow = protected(table("ac", values), low=1, high=1)
    assert narrow.secondaires <= wide.secondaires


def test_what_cannot_be_proven_is_not_released(monkeypatch):
    from egide.rules.secret_statistique import masque

    tableau = table("ad", (2, 20, 30, 40))
    real = masque.find_suppression

    def forgetful(systeme, **options):
        found = real(systeme, **options)
        found.secretes[list(systeme.cles).index((("a", "a2"), ("d", "d2")))] = False
        return found

    monkeypatch.setattr(masque, "find_suppression", forgetful)
    with pytest.raises(PublicationRefusee, match="a=a1, d=d1"):
        protected(tableau)
