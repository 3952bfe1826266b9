"""The debtors of maintenance: exemptions by date, the scale of one département, the shares."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.ash import obliges as regle
from egide.rules.ash.obliges import LienOblige, Oblige, propose_obliges
from egide.rules.dated import NotInForce
from egide.rules.money import MontantRefuse
from egide.rules.parameters import Valeur

D = Decimal
ON = date(2026, 6, 15)
LAW_OF_2024 = date(2024, 4, 10)
BEFORE = date(2024, 4, 9)
PAS_DE_CALAIS = regle.find_bareme("62")


def oblige(ref="A", lien=LienOblige.ENFANT, ressources="3000.00", **facts):
    return Oblige(ref, lien, D(ressources), **facts)


def propose(*obliges, reste="5000.00", on=ON, parametres=PAS_DE_CALAIS):
    return propose_obliges(obliges, on=on, parametres=parametres, reste_a_financer=D(reste))


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        # 3 000 − 1 443.11 = 1 556.89; a quarter is 389.2225.
        ({}, "389.22"),
        # One and a half SMIC for a couple: 3 000 − 2 164.665 = 835.335; a quarter is 208.83375.
        ({"couple": True}, "208.83"),
        # A quarter of the SMIC per child, half of it for a student: 1 556.89 − 0.75 × 1 443.11.
        ({"enfants": 1, "etudiants": 1}, "118.64"),
        # 5 000 − 1 443.11 − 1.25 × 1 443.11 = 1 753.0025; a quarter is 438.250625.
        ({"ressources": "5000.00", "enfants": 1, "etudiants": 2}, "438.25"),
        # Rent, loan and maintenance paid come off first: 1 556.89 − 700 = 856.89.
        ({"loyer_ou_emprunt": D("500.00"), "pensions_versees": D("200.00")}, "214.22"),
        ({"lien": LienOblige.GENDRE_BELLE_FILLE}, "194.61"),
        ({"lien": LienOblige.PARENT}, "389.22"),
        # The threshold itself asks for nothing, and nobody owes less than nothing.
        ({"ressources": "1443.11"}, "0.00"),
        ({"ressources": "1443.13"}, "0.01"),
        ({"ressources": "10.00", "loyer_ou_emprunt": D("900.00")}, "0.00"),
    ],
)
def test_the_scale_of_a_departement_gives_its_parts(facts, part):
    found = propose(oblige(**facts))
    assert str(found.parts[0].part) == part
    assert found.globale == D(part)


@pytest.mark.parametrize(
    ("on", "facts", "code"),
    [
        (BEFORE, {"lien": LienOblige.PETIT_ENFANT}, ""),
        (LAW_OF_2024, {"lien": LienOblige.PETIT_ENFANT}, "petit_enfant"),
        (BEFORE, {"parent_condamne": True}, ""),
        (LAW_OF_2024, {"parent_condamne": True}, "parent_condamne"),
        (BEFORE, {"mois_de_retrait": 36}, "retrait"),
        (ON, {"mois_de_retrait": 35}, ""),
        (ON, {"mois_de_retrait": 36}, "retrait"),
        (ON, {"mois_de_retrait": 36, "maintenu_par_juge": True}, ""),
        (ON, {"decharge": True}, "decharge"),
        (ON, {"descendant": True}, "descendant"),
        (ON, {}, ""),
        (ON, {"lien": LienOblige.GENDRE_BELLE_FILLE}, ""),
    ],
)
def test_an_exemption_follows_the_day_of_the_decision(on, facts, code):
    assert regle.find_exemption(oblige(**facts), on=on) == code
    assert not code or regle.EXEMPTIONS[code]["source"]


def test_the_age_of_withdrawal_was_raised_by_the_law_of_2024():
    assert [regle.age_de_retrait(on) for on in (BEFORE, LAW_OF_2024)] == [12, 18]


def test_an_exempt_debtor_is_listed_and_asked_for_nothing():
    found = propose(oblige("A"), oblige("B", mois_de_retrait=40))
    assert [(part.ref, part.exemption) for part in found.parts] == [("A", ""), ("B", "retrait")]
    assert found.parts[1].excedent == D("1556.89")
    assert found.repartition == {"A": D("389.22"), "B": D("0.00")}


def test_a_grandchild_was_asked_before_the_law_and_is_not_any_more():
    scale = {
        nom: item.with_valeur(
            Valeur(date(2024, 1, 1), D("1398.69"), "essai"), verifie_jusqu_au=date(2026, 12, 31)
        )
        if nom == "unite"
        else item
        for nom, item in PAS_DE_CALAIS.items()
    }
    grandchild = oblige(lien=LienOblige.PETIT_ENFANT, ressources="2398.69")
    assert propose(grandchild, on=BEFORE, parametres=scale).globale == D("125.00")
    assert propose(grandchild, on=LAW_OF_2024, parametres=scale).globale == 0


def test_the_global_amount_never_exceeds_what_is_left_to_pay():
    found = propose(oblige("A"), oblige("B"), oblige("C"), reste="100.00")
    assert found.globale == D("100.00")
    assert sorted(found.repartition.values()) == [D("33.33"), D("33.33"), D("33.34")]


def test_the_feuille_tells_each_debtor_and_the_global_amount():
    found = propose(oblige("A"), oblige("B", decharge=True)).lines()
    assert [(line.libelle, line.valeur) for line in found] == [
        ("A", "389,22\u00a0€"),
        ("B", "0,00\u00a0€"),
        ("Somme globale proposée", "389,22\u00a0€"),
    ]
    assert "1\u202f443,11\u00a0€" in found[0].formule
    assert "25,0\u00a0%" in found[0].formule
    assert "Pas-de-Calais" in found[0].source
    assert (found[1].formule, found[1].source) == (
        "déchargé par le juge aux affaires familiales",
        "Code civil art. 207",
    )


def test_without_debtors_nothing_is_proposed():
    found = propose()
    assert (found.globale, found.parts, dict(found.repartition)) == (0, (), {})


def test_a_scale_that_was_never_verified_is_provisional_until_a_departement_says_so():
    assert propose(oblige()).provisoire
    checked = {
        nom: item.with_valeur(item.at(ON), verifie_jusqu_au=date(2026, 12, 31))
        for nom, item in PAS_DE_CALAIS.items()
    }
    found = propose(oblige(), parametres=checked)
    assert not found.provisoire
    assert found.sources


def test_a_departement_without_scale_is_told():
    with pytest.raises(regle.BaremeAbsent, match="75"):
        regle.find_bareme("75")


def test_a_day_before_the_figures_of_a_scale_is_refused():
    with pytest.raises(NotInForce, match="SMIC net"):
        propose(oblige(), on=date(2025, 12, 31))


@pytest.mark.parametrize(
    ("obliges", "error"),
    [
        ([oblige(), oblige()], regle.ObligeRefuse),
        ([oblige(enfants=-1)], regle.ObligeRefuse),
        ([oblige(mois_de_retrait=-1)], regle.ObligeRefuse),
        ([oblige(ressources="-1.00")], MontantRefuse),
        ([oblige(loyer_ou_emprunt=D("0.001"))], MontantRefuse),
    ],
)
def test_impossible_debtors_are_refused(obliges, error):
    with pytest.raises(error):
        propose(*obliges)
    with pytest.raises(MontantRefuse):
        propose(oblige(), reste="-0.01")


AMOUNTS = st.decimals(0, 9000, places=2)
SEVERAL = st.lists(
    st.builds(
        oblige,
        lien=st.sampled_from(LienOblige),
        ressources=AMOUNTS,
        couple=st.booleans(),
        enfants=st.integers(0, 4),
        decharge=st.booleans(),
    ),
    max_size=5,
)


@given(SEVERAL, AMOUNTS)
def test_the_shares_add_up_to_the_global_amount(found, reste):
    named = [Oblige(str(n), item.lien, item.ressources_mensuelles, couple=item.couple,
                    enfants=item.enfants, decharge=item.decharge)
             for n, item in enumerate(found)]  # fmt: skip
    proposal = propose(*named, reste=reste)
    assert sum(proposal.repartition.values()) == proposal.globale
    assert proposal.globale <= reste
    for part in proposal.parts:
        assert 0 <= proposal.repartition[part.ref] <= part.part
        assert not (part.exemption and part.part)
