"""Primary secrecy: the threshold and its near miss, dominance, p %, contributors of totals."""

from datetime import date

import pytest

from egide.rules.secret_statistique.masque import protect
from egide.rules.secret_statistique.parametres import bareme
from egide.rules.secret_statistique.primaire import (
    Contributions,
    Protection,
    dominance,
    find_sensibles,
    frequency,
    merge_contributions,
    p_percent,
)
from egide.rules.secret_statistique.statistique import (
    DimensionRefusee,
    SeuilRefuse,
    Statistique,
    check_dimensions,
)
from tests.rules.secret_statistique.tables import attack, table

DAY = date(2026, 11, 1)
WIDE = Protection(1, 2)


def test_the_declared_figures_of_the_day():
    figures = bareme(DAY)
    assert [int(figures[nom]) for nom in ("seuil_frequence", "seuil_plancher")] == [11, 5]
    assert not figures.provisional
    assert bareme(date(2027, 1, 1)).provisional


@pytest.mark.parametrize(("nombre", "found"), [(0, None), (1, WIDE), (10, WIDE), (11, None)])
def test_the_threshold(nombre, found):
    assert frequency(11, protection=WIDE)(nombre, Contributions(nombre)) == found


@pytest.mark.parametrize(
    ("largest", "found"),
    # 85 % of 1000 is 850: held, then exceeded by one; 100/85 of 851 is 1001.2, 2 above the total.
    [((850, 10), None), ((851, 10), Protection(2, 2)), ((1000, 0), Protection(177, 177))],
)
def test_dominance_of_one(largest, found):
    assert dominance(1, k=85)(1000, Contributions(5, largest)) == found


def test_dominance_of_two_adds_them():
    judge = dominance(2, k=85)
    assert judge(1000, Contributions(5, (500, 350))) is None
    assert judge(1000, Contributions(5, (500, 351))) == Protection(2, 2)


@pytest.mark.parametrize(
    ("rest", "found"),
    # 10 % of 500 is 50: the others must hide the first one by at least as much.
    [(50, None), (49, Protection(1, 1)), (0, Protection(50, 50))],
)
def test_p_percent(rest, found):
    assert p_percent(10)(500 + 300 + rest, Contributions(4, (500, 300))) == found


def test_p_percent_of_one_contributor():
    assert p_percent(10)(500, Contributions(1, (500,))) == Protection(50, 50)


def test_the_contributions_of_a_total_are_those_of_its_parts():
    systeme = table("b", (70, 30, 9)).systeme()
    inner = {1: Contributions(2, (60, 10)), 2: Contributions(1, (30,)), 3: Contributions(3, (4, 3))}
    found = merge_contributions(systeme, inner=inner, keep=2)
    assert found[0] == Contributions(6, (60, 30))


def test_amounts_are_protected_from_the_other_contributors():
    tableau = table("ad", (90_000, 60_000, 55_000, 70_000))
    systeme = tableau.systeme()
    shares = [(80_000, 9_000), (9_000, 8_000), (9_000, 8_500), (9_000, 9_000)]
    ranks = [rank for rank, codes in enumerate(tableau.codes) if "Total" not in codes]
    inner = {rank: Contributions(20, largest) for rank, largest in zip(ranks, shares, strict=True)}
    contributions = merge_contributions(systeme, inner=inner, keep=2)
    sensibles = find_sensibles(
        systeme,
        regles=[frequency(11, protection=WIDE), dominance(1, k=85), p_percent(10)],
        contributions=contributions,
    )
    masque = protect(systeme, sensibles=sensibles, audit=True)
    assert (masque.primaires, masque.secondaires) == (1, 3)
    # p %: 10 % of 80 000 less the 1 000 of the others; dominance: 80 000 / 0.85 - 90 000 = 4 118.
    least, most = attack(tableau, masque).interval(("a1", "d1"))
    assert least <= 90_000 - 7_000
    assert most >= 90_000 + 7_000
    found = masque.intervalles[ranks[0]]
    assert (found.bas, found.haut) == (least, most)


@pytest.mark.parametrize(
    "nom", ["agent", "agents", "id_agent", "Instructrice", "évaluateur", "matricule", "agent.nom"]
)
def test_a_statistic_by_agent_is_refused(nom):
    with pytest.raises(DimensionRefusee, match="désigne un agent"):
        check_dimensions(["canton", nom])


@pytest.mark.parametrize("nom", ["agence", "agenda", "canton", "gir", "tranche_age"])
def test_words_that_look_like_an_agent_are_accepted(nom):
    check_dimensions([nom])


@pytest.mark.parametrize(
    ("dimensions", "told"),
    [((), "0 dimensions"), (("a", "b", "c", "d", "e"), "5 dimensions"), (("a", "a"), "deux fois")],
)
def test_one_to_four_dimensions(dimensions, told):
    with pytest.raises(DimensionRefusee, match=told):
        check_dimensions(dimensions)


def test_a_declared_statistic_holds_the_floor():
    declared = {"nom": "APA par GIR", "mesure": "effectif", "source": "CASF L. 232-21-1"}
    Statistique(dimensions=("gir", "mois"), seuil=5, **declared).check(DAY)
    with pytest.raises(SeuilRefuse, match="seuil 4, attendu 5"):
        Statistique(dimensions=("gir", "mois"), seuil=4, **declared).check(DAY)
    with pytest.raises(DimensionRefusee):
        Statistique(dimensions=("gir", "agent"), seuil=11, **declared)
