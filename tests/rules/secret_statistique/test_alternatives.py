"""Controlled rounding and cell-key noise: what they keep, what they lose, what they say of it."""

import numpy as np
import pytest
from hypothesis import given, settings

from egide.rules.secret_statistique.arrondi import BaseTropPetite, round_table
from egide.rules.secret_statistique.bruit import add_noise
from egide.rules.secret_statistique.systeme import link
from tests.rules.secret_statistique.tables import frequency_sensibles, table, tables

CLE = b"une cle de trente-deux octets..."


@settings(max_examples=15)
@given(tables(noms=("b", "ab", "ac", "e")))
def test_a_rounded_table_adds_up_and_leaves_each_detail_its_doubt(tableau):
    systeme = tableau.systeme()
    sensibles = frequency_sensibles(systeme)
    found = round_table(systeme, sensibles=sensibles, base=5)
    assert not (found.valeurs % 5).any()
    assert found.perte.sommes_rompues == 0
    details = np.array([all(c[1:].isdigit() for c in codes) for codes in tableau.codes])
    assert (np.abs(found.valeurs - systeme.valeurs)[details & (sensibles.primaires)] < 5).all()
    for rank in np.flatnonzero(sensibles.primaires):
        if rank in {total for total, _ in systeme.equations}:
            continue
        value, shown = systeme.valeurs[rank], found.valeurs[rank]
        assert max(shown - 4, 0) <= value - min(1, value)
        assert value + 2 <= shown + 4


def test_rounding_takes_the_way_that_keeps_totals_near():
    # Three times 12 is 36: to the nearest, 10 + 10 + 10 would lose six; 15 + 10 + 10 loses one.
    systeme = table("b", (12, 12, 12)).systeme()
    found = round_table(systeme, sensibles=frequency_sensibles(systeme), base=5)
    assert found.valeurs[0] == 35
    assert found.perte.ecart_maximal == 3


def test_a_base_too_small_for_the_protection_is_refused():
    systeme = table("b", (3, 20, 30)).systeme()
    with pytest.raises(BaseTropPetite, match="b=b1"):
        round_table(systeme, sensibles=frequency_sensibles(systeme, high=9), base=5)


def test_noise_is_small_keeps_zeros_and_tells_its_loss():
    systeme = table("ac", (0, 1, 2, 3, 0, 50, 60, 70)).systeme()
    found = add_noise(systeme, amplitude=3, cle_secrete=CLE)
    moves = found.valeurs - systeme.valeurs
    assert np.abs(moves).max() <= 3
    assert (found.valeurs >= 0).all()
    assert not found.valeurs[systeme.valeurs == 0].any()
    assert found.perte.cellules_changees == (moves != 0).sum() > 0
    assert found.perte.ecart_moyen * systeme.size == np.abs(moves).sum()
    assert found.perte.sommes_rompues > 0


def test_a_cell_has_the_same_noise_in_every_table_and_another_with_another_key():
    first, second = table("ac", range(20, 28)).systeme(), table("a", (86, 102)).systeme()
    assert link([first, second]).size == first.size
    shown = dict(
        zip(first.cles, add_noise(first, amplitude=9, cle_secrete=CLE).valeurs, strict=True)
    )
    again = add_noise(second, amplitude=9, cle_secrete=CLE).valeurs
    assert [shown[cle] for cle in second.cles] == list(again)
    other = add_noise(first, amplitude=9, cle_secrete=b"une autre").valeurs
    assert list(other) != list(shown.values())


def test_noise_is_centred():
    systeme = table("abc", [100] * 24).systeme()
    total = sum(
        int(
            (
                add_noise(systeme, amplitude=3, cle_secrete=bytes([n])).valeurs - systeme.valeurs
            ).sum()
        )
        for n in range(1, 101)
    )
    assert abs(total) < systeme.size * 100 / 10


@pytest.mark.parametrize(("amplitude", "cle"), [(0, CLE), (3, b"")])
def test_noise_needs_a_key_and_an_amplitude(amplitude, cle):
    with pytest.raises(ValueError, match="une clé et une amplitude"):
        add_noise(table("a", (1, 2)).systeme(), amplitude=amplitude, cle_secrete=cle)
