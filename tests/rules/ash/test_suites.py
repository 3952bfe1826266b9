"""What follows an ASH: who pays whom, what comes back, within which limits."""

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.ash import recuperation, releve
from egide.rules.ash.paiement import LIBELLES, PratiquePaiement, pay, share_mois
from egide.rules.ash.recuperation import AideServie, MotifRecuperation, Prime
from egide.rules.ash.releve import Mouvement, NatureMouvement
from egide.rules.dated import NotInForce

D = Decimal
ON = date(2026, 6, 15)
AMOUNTS = st.decimals(0, 9000, places=2)


@pytest.mark.parametrize(
    ("pratique", "verse", "recouvre", "percu"),
    [
        (PratiquePaiement.BRUT, "2290.00", ("1260.00", "130.00"), ("0.00", "0.00")),
        (PratiquePaiement.NET, "900.00", ("0.00", "0.00"), ("1260.00", "130.00")),
        (PratiquePaiement.DIFFERENTIEL, "1030.00", ("0.00", "130.00"), ("1260.00", "0.00")),
    ],
)
def test_a_practice_says_who_pays_and_who_collects(pratique, verse, recouvre, percu):
    month = share_mois(frais=D("2290.00"), contribution=D("1260.00"), obliges=D("130.00"))
    found = pay(month, pratique=pratique)
    assert str(found.verse) == verse
    assert (str(found.recouvre_personne), str(found.recouvre_obliges)) == recouvre
    assert (str(found.percu_personne), str(found.percu_obliges)) == percu
    assert found.charge_nette == D("900.00")
    assert LIBELLES[pratique]


def test_the_person_pays_before_her_debtors_and_nobody_beyond_the_costs():
    found = share_mois(frais=D("2290.00"), contribution=D("2200.00"), obliges=D("500.00"))
    assert (found.personne, found.obliges, found.ash) == (D("2200.00"), D("90.00"), 0)
    rich = share_mois(frais=D("2290.00"), contribution=D("2400.00"), obliges=D("500.00"))
    assert (rich.personne, rich.obliges, rich.ash) == (D("2290.00"), 0, 0)


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.sampled_from(PratiquePaiement))
def test_the_cost_of_the_departement_does_not_depend_on_the_practice(
    frais, contribution, obliges, pratique
):
    month = share_mois(frais=frais, contribution=contribution, obliges=obliges)
    found = pay(month, pratique=pratique)
    assert found.charge_nette == month.ash == max(frais - contribution - obliges, 0)
    assert found.verse + found.percu_personne + found.percu_obliges == frais


@pytest.mark.parametrize(
    ("aide", "actif", "creance", "limite"),
    [
        # A stay: from the first euro, within the estate and within what was paid.
        (AideServie.HEBERGEMENT, "0.01", "30000.00", "0.01"),
        (AideServie.HEBERGEMENT, "20000.00", "30000.00", "20000.00"),
        (AideServie.HEBERGEMENT, "90000.00", "30000.00", "30000.00"),
        (AideServie.HEBERGEMENT, "-5000.00", "30000.00", "0.00"),
        # Aid at home: what exceeds 46 000 of the estate, and 760 of what was paid.
        (AideServie.DOMICILE, "46000.00", "30000.00", "0.00"),
        (AideServie.DOMICILE, "46000.01", "30000.00", "0.01"),
        (AideServie.DOMICILE, "90000.00", "30000.00", "29240.00"),
        (AideServie.DOMICILE, "90000.00", "760.00", "0.00"),
        (AideServie.DOMICILE, "90000.00", "700.00", "0.00"),
    ],
)
def test_an_estate_bears_what_its_limits_allow(aide, actif, creance, limite):
    found = recuperation.limite_succession(ON, actif_net=D(actif), creance=D(creance), aide=aide)
    assert found == D(limite)


@pytest.mark.parametrize(
    ("donation", "found"),
    [
        (date(2016, 6, 14), False),
        (date(2016, 6, 15), True),
        (date(2026, 6, 15), True),
        (date(2028, 1, 1), True),
    ],
)
def test_a_gift_is_recovered_when_it_is_recent_enough(donation, found):
    assert recuperation.is_donation_recuperable(donation_on=donation, demande_on=ON) == found


def test_a_gift_counts_without_what_the_donee_added():
    assert recuperation.limite_donation(valeur=D("80000"), ameliorations=D("30000")) == D("50000")
    assert recuperation.limite_donation(valeur=D("20000"), ameliorations=D("30000")) == 0


def test_only_premiums_paid_after_seventy_are_claimed():
    birth = date(1940, 3, 10)
    primes = [
        Prime(date(2010, 3, 10), D("1000.00")),
        Prime(date(2010, 3, 11), D("200.00")),
        Prime(date(2015, 1, 1), D("30.00")),
    ]
    found = recuperation.limite_assurance_vie(ON, primes=primes, naissance=birth)
    assert found == D("230.00")
    with pytest.raises(NotInForce, match="assurance-vie"):
        recuperation.limite_assurance_vie(date(2015, 12, 29), primes=primes, naissance=birth)


def test_beneficiaries_bear_it_in_proportion_to_what_they_received():
    found = recuperation.share_assurance_vie(
        D("100.00"), recu={"A": D("20000.00"), "B": D("10000.00")}
    )
    assert found == {"A": D("66.67"), "B": D("33.33")}


def test_life_insurance_comes_after_the_other_grounds():
    limites = {
        MotifRecuperation.ASSURANCE_VIE: D("50000.00"),
        MotifRecuperation.SUCCESSION: D("8000.00"),
        MotifRecuperation.LEGS: D("1500.00"),
    }
    found = recuperation.plan_recuperation(D("10000.00"), limites=limites)
    assert [(item.motif, item.montant) for item in found] == [
        (MotifRecuperation.SUCCESSION, D("8000.00")),
        (MotifRecuperation.LEGS, D("1500.00")),
        (MotifRecuperation.ASSURANCE_VIE, D("500.00")),
    ]
    with pytest.raises(recuperation.RecuperationRefusee):
        recuperation.plan_recuperation(D("-0.01"), limites=limites)
    with pytest.raises(recuperation.RecuperationRefusee):
        recuperation.plan_recuperation(D(1), limites={MotifRecuperation.LEGS: D(-1)})


@given(AMOUNTS, st.dictionaries(st.sampled_from(MotifRecuperation), AMOUNTS))
def test_a_recovery_never_exceeds_the_claim_nor_its_limits(creance, limites):
    found = recuperation.plan_recuperation(creance, limites=limites)
    assert {item.motif for item in found} == set(limites)
    assert sum(item.montant for item in found) == min(creance, sum(limites.values()))
    assert all(item.montant <= limites[item.motif] for item in found)


def test_the_bar_of_a_recovery_is_said_to_be_unsure():
    found = recuperation.find_prescription(date(2024, 2, 29))
    assert (found.acquise_on, found.provisoire) == (date(2029, 2, 28), True)
    assert "à confirmer" in found.source
    with pytest.raises(NotInForce):
        recuperation.find_prescription(date(2008, 6, 18))


@pytest.mark.parametrize(("valeur", "found"), [("1499.99", False), ("1500.00", True)])
def test_a_mortgage_needs_some_value(valeur, found):
    assert recuperation.is_hypotheque_possible(ON, valeur=D(valeur)) == found


ACCOUNT = [
    Mouvement(date(2024, 12, 31), NatureMouvement.VERSE, D("1000.00")),
    Mouvement(date(2025, 1, 1), NatureMouvement.VERSE, D("2290.00")),
    Mouvement(date(2025, 1, 20), NatureMouvement.RECOUVRE_PERSONNE, D("1260.00")),
    Mouvement(date(2025, 1, 25), NatureMouvement.RECOUVRE_OBLIGES, D("130.00")),
    Mouvement(date(2025, 12, 31), NatureMouvement.RECUPERE, D("400.00")),
    Mouvement(date(2026, 1, 1), NatureMouvement.VERSE, D("7.00")),
]


def test_a_statement_tells_the_year_and_what_is_still_claimed():
    found = releve.build_releve(ACCOUNT, annee=2025)
    assert found == releve.Releve(
        annee=2025,
        creance_initiale=D("1000.00"),
        verse=D("2290.00"),
        recouvre_personne=D("1260.00"),
        recouvre_obliges=D("130.00"),
        recupere=D("400.00"),
        creance_finale=D("1500.00"),
    )


@pytest.mark.parametrize(
    "mouvement",
    [
        Mouvement(date(2025, 6, 1), NatureMouvement.RECUPERE, D("1900.01")),
        Mouvement(date(2025, 6, 1), NatureMouvement.VERSE, D("-1.00")),
    ],
)
def test_an_account_that_cannot_be_is_refused(mouvement):
    with pytest.raises(releve.MouvementRefuse):
        releve.build_releve([*ACCOUNT[:4], mouvement], annee=2025)


@given(
    st.lists(
        st.tuples(st.integers(0, 1500), st.decimals(0, 3000, places=2), st.decimals(0, 1)),
        max_size=20,
    )
)
def test_each_year_starts_where_the_former_ended(rows):
    """A part of each payment comes back on the same day, so that the account never goes below."""
    account = []
    for days, paid, part in rows:
        on = date(2023, 1, 1) + timedelta(days=days)
        account.append(Mouvement(on, NatureMouvement.VERSE, paid))
        account.append(
            Mouvement(on, NatureMouvement.RECOUVRE_PERSONNE, (paid * part).quantize(D("0.01")))
        )
    years = [releve.build_releve(account, annee=year) for year in range(2023, 2028)]
    for before, after in itertools.pairwise(years):
        assert after.creance_initiale == before.creance_finale
    for year in years:
        moved = year.verse - year.recouvre_personne - year.recouvre_obliges - year.recupere
        assert year.creance_finale == year.creance_initiale + moved
