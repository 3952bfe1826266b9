"""AGGIR: the whole table, the combinations of the guide, and the steps that are not monotone."""

from collections import Counter
from datetime import date
from itertools import product

import pytest

from egide.rules import aggir
from egide.rules.aggir.adverbes import combine, modalite_douteuse
from egide.rules.aggir.algorithme import VARIABLES_PESEES, libelle
from egide.rules.dated import NotInForce

RANGS = [8, 131, 414, 1085, 4, 336, 1238, 1253, 1147, 490, 270, 157, 28]
GIRS = [8, 3208, 2400, 760, 157, 28]


def result(lettres):
    """Evaluate eight letters, the two variables without weight being A."""
    return aggir.evaluate(dict(zip(aggir.VARIABLES, f"{lettres}AA", strict=True)))


@pytest.fixture(scope="module")
def table():
    return {"".join(found): result("".join(found)) for found in product("ABC", repeat=8)}


def test_the_6561_profiles_fall_as_the_official_table(table):
    rangs = Counter(found.rang for found in table.values())
    girs = Counter(found.gir for found in table.values())
    assert [rangs[rang] for rang in range(1, 14)] == RANGS
    assert [girs[gir] for gir in range(1, 7)] == GIRS


def test_the_thirty_steps_that_improve_the_gir_are_those_of_the_text(table):
    """The algorithm is not monotone: 16 steps by transferts, 14 by déplacements intérieurs."""
    better = Counter()
    for lettres, before in table.items():
        for place, letter in enumerate(lettres):
            worse = {"A": "B", "B": "C"}.get(letter)
            if worse is None:
                continue
            after = table[lettres[:place] + worse + lettres[place + 1 :]]
            if after.gir > before.gir:
                better[VARIABLES_PESEES[place], letter + worse] += 1
    assert better == {("transferts", "BC"): 16, ("deplacement_interieur", "AB"): 14}


def test_known_steps_that_surprise_are_kept():
    assert (result("AAAAAABA").gir, result("AAAAAACA").gir) == (5, 6)
    assert (result("ACAAABCA").gir, result("ACAAABCB").gir) == (2, 3)


def test_a_result_keeps_its_evidence():
    found = result("CCCCCCCC")
    assert found.lettres == "CCCCCCCCAA"
    assert (found.groupe, found.somme, found.rang, found.gir) == ("A", 4440, 1, 1)
    assert found.sommes["H"] == 3000 * 4 + 1000 * 2
    assert "annexe 2-2" in found.version


def test_nothing_reached_is_rank_13():
    found = result("AAAAAAAA")
    assert (found.groupe, found.somme, found.rang, found.gir) == ("H", 0, 13, 6)


@pytest.mark.parametrize("last", ["AB", "BC", "CC"])
def test_going_out_and_alerting_never_weigh(last):
    modalites = dict(zip(aggir.VARIABLES, "BBBBBBBB" + last, strict=True))
    assert aggir.evaluate(modalites).rang == result("BBBBBBBB").rang


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"toilette": "D"}, "toilette : trouvé D"),
        ({"toilette": ""}, "toilette : trouvé rien"),
        ({"cuisine": "A"}, "variable inconnue : cuisine"),
    ],
)
def test_another_modality_is_refused(change, message):
    with pytest.raises(aggir.ModaliteRefusee, match=message):
        aggir.evaluate({**dict.fromkeys(aggir.VARIABLES, "A"), **change})


def test_a_missing_variable_is_refused():
    with pytest.raises(aggir.ModaliteRefusee, match="coherence : trouvé rien"):
        aggir.evaluate({})


@pytest.mark.parametrize(
    ("digits", "letter"),
    [("1111", "A"), ("0000", "C"), ("1110", "B"), ("0001", "B"), ("1010", "B")],
)
def test_four_adverbs_make_a_letter(digits, letter):
    assert aggir.modalite(digits) == letter


@pytest.mark.parametrize("digits", ["", "111", "11111", "11a1", "2111"])
def test_other_digits_are_refused(digits):
    with pytest.raises(aggir.ModaliteRefusee, match="quatre chiffres"):
        aggir.modalite(digits)


COMBINAISONS = {
    "coherence": "AAA ABB ACC BAB BBB BCC CAC CBC CCC",
    "orientation": "AAA ABB ACC BAB BBB BCC CAC CBC CCC",
    "elimination": "AAA ABB ACC BAB BBB BCC CAC CBC CCC",
    "toilette": "AAA ABB ACB BAB BBB BCB CAB CBB CCC",
    "alimentation": "AAA ABB ACB BAB BBB BCC CAB CBC CCC",
}


@pytest.mark.parametrize("variable", COMBINAISONS)
def test_pairs_combine_as_the_guide_says(variable):
    found = {a + b: combine(variable, lettres=a + b) for a, b in product("ABC", repeat=2)}
    assert found == {row[:2]: row[2] for row in COMBINAISONS[variable].split()}


def test_dressing_is_c_only_when_its_three_parts_are():
    found = Counter(combine("habillage", lettres="".join(t)) for t in product("ABC", repeat=3))
    assert found == {"A": 1, "B": 25, "C": 1}
    assert combine("habillage", lettres="AAA") == "A"
    assert combine("habillage", lettres="CCC") == "C"


def test_the_disputed_pair_is_a_dated_figure():
    assert modalite_douteuse(date(2026, 1, 1)) == "B"
    with pytest.raises(NotInForce):
        modalite_douteuse(date(1990, 1, 1))


def test_adverbs_of_the_whole_grid_give_the_modalities():
    assert len(aggir.ENTREES) == 17
    adverbes = dict.fromkeys(aggir.ENTREES, "1111") | {
        "toilette.bas": "0000",
        "elimination.fecale": "0000",
        "transferts": "1011",
    }
    modalites = aggir.from_adverbes(adverbes)
    assert "".join(modalites.values()) == "AABAACBAAA"
    assert aggir.evaluate(modalites).gir == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transferts": "9999"}, "transferts : trouvé 9999"),
        ({"lecture": "1111"}, "entrée inconnue : lecture"),
    ],
)
def test_wrong_adverbs_are_refused_at_their_entry(change, message):
    with pytest.raises(aggir.ModaliteRefusee, match=message):
        aggir.from_adverbes(dict.fromkeys(aggir.ENTREES, "1111") | change)


def test_variables_have_a_french_name():
    assert libelle("coherence") == "Cohérence"


def test_the_illustrative_variables_are_read_in_order_and_weigh_nothing():
    answered = {"menage": "C", "gestion": "A"}
    assert list(aggir.read_illustratives(answered).items()) == [("gestion", "A"), ("menage", "C")]
    assert aggir.read_illustratives({}) == {}
    assert len(aggir.ILLUSTRATIVES) == 7
    assert not set(aggir.ILLUSTRATIVES) & set(aggir.VARIABLES)


@pytest.mark.parametrize("wrong", [{"toilette": "A"}, {"menage": "D"}, {"menage": ""}])
def test_an_illustrative_variable_is_known_and_answered_by_a_letter(wrong):
    with pytest.raises(aggir.ModaliteRefusee):
        aggir.read_illustratives(wrong)
