"""What follows a grant: payments, resources, recovery, deadlines."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa import delais, effectivite, indu, ressources, versement
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.plans_du_mois import PlanDuMois, PlansDuMois
from egide.rules.money import MontantRefuse

D = Decimal


def feuille(**changes):
    case = {
        "on": date(2026, 6, 15),
        "age": 75,
        "gir": 1,
        "couple": True,
        "ressources_mensuelles": D("3400.00"),
        "plan_mensuel": D("1200.00"),
    }
    return compute_apa_domicile(**{**case, **changes})


def amounts(found):
    return str(found.retenu), str(found.participation), str(found.apa)


def justify(granted, *, prevu, heures, taux=None):
    taux = granted.taux_exact if taux is None else taux
    releve = effectivite.Releve(heures=heures)
    worth = PlansDuMois([PlanDuMois(30, prevu, taux)]).worth(releve)
    return str(min(granted.apa, worth))


@pytest.mark.parametrize(
    ("heures", "forfait_global", "expected"),
    [
        ("48", False, "869.52"),
        ("24", False, "434.76"),
        ("0", False, "0.00"),
        ("60", False, "869.52"),
        ("24", True, "869.52"),
    ],
)
def test_only_the_used_part_is_paid_but_under_a_forfait_global(heures, forfait_global, expected):
    prevu = effectivite.Prevu(D(48), montant_heures=D(1200), forfait_global=forfait_global)
    assert justify(feuille(), prevu=prevu, heures=D(heures)) == expected


def test_a_service_that_is_not_approved_raises_the_participation_up_to_the_whole():
    granted, on = feuille(), date(2026, 6, 15)
    prevu = effectivite.Prevu(D(48), montant_heures=D(1200))
    majore = effectivite.taux_majore(granted.taux_exact, on=on)
    assert justify(granted, prevu=prevu, heures=D(48), taux=majore) == "836.47"
    assert effectivite.taux_majore(D("0.95"), on=on) == 1


def test_a_refused_person_is_paid_nothing_and_told_why():
    refused = feuille(gir=5)
    found = effectivite.compute_relais(refused, cout=D("100.00"))
    assert (found.apa, found.motif) == (0, "GIR 5 ou 6")


@given(st.decimals(1, 3000, places=2), st.decimals(0, 6000, places=2))
def test_a_plan_used_whole_is_paid_as_it_was_decided(plan, r):
    granted = feuille(plan_mensuel=plan, ressources_mensuelles=r)
    prevu = effectivite.Prevu(D(48), montant_heures=granted.plan_retenu)
    assert D(justify(granted, prevu=prevu, heures=D(48))) == granted.apa


def test_the_relay_of_a_carer_has_its_own_ceiling():
    """0.9 S is 1159.32 in 2026."""
    assert effectivite.compute_relais(feuille(), cout=D("5000.00")).retenu == D("1159.32")


def test_a_negative_cost_is_refused():
    with pytest.raises(MontantRefuse, match="cout"):
        effectivite.compute_relais(feuille(), cout=D("-1.00"))


@pytest.mark.parametrize(
    ("demande", "annee"),
    [(date(2026, 1, 1), 2024), (date(2026, 8, 31), 2024), (date(2026, 9, 1), 2025)],
)
def test_the_reference_year_follows_the_month(demande, annee):
    assert ressources.annee_reference(demande) == annee


def test_resources_count_incomes_and_dormant_property():
    found = ressources.compute_ressources(
        {"pensions_retraites": D("14400.00"), "aide_logement": D("2400.00")},
        on=date(2026, 6, 15),
        patrimoine=ressources.Patrimoine(D("1000.00"), D("100.00"), D("20000.00")),
    )
    assert found.patrimoine == D("1180.00")
    assert found.annuelles == D("15580.00")
    assert found.mensuelles == D("1298.33")
    assert found.exclues == {"aide_logement": D("2400.00")}
    assert found.sources


def test_a_spouse_at_home_keeps_the_minimum_first():
    kept = {"on": date(2026, 6, 15), "conjoint_a_domicile": True}
    found = ressources.compute_ressources({"pensions_retraites": D("24000.00")}, **kept)
    assert found.reserve_conjoint_mensuelle == D("1043.60")
    assert found.mensuelles == D("956.40")
    poor = ressources.compute_ressources({"pensions_retraites": D("6000.00")}, **kept)
    assert poor.mensuelles == 0


def test_an_unknown_category_is_refused():
    with pytest.raises(ressources.CategorieRefusee, match="loterie"):
        ressources.compute_ressources({"loterie": D(1)}, on=date(2026, 1, 1))


def test_a_change_of_situation_counts_from_the_next_month():
    found = ressources.effet_neutralisation("deces", on=date(2026, 12, 31))
    assert found == date(2027, 1, 1)
    with pytest.raises(ressources.CategorieRefusee, match="mariage"):
        ressources.effet_neutralisation("mariage", on=date(2026, 1, 1))


def test_a_withholding_never_exceeds_a_fifth_nor_the_debt():
    on = date(2026, 6, 15)
    assert indu.retenue_mensuelle(D("333.33"), reste_du=D("500.00"), on=on) == D("66.66")
    assert indu.retenue_mensuelle(D("333.33"), reste_du=D("10.00"), on=on) == D("10.00")


def test_a_small_indu_is_not_recovered():
    on = date(2026, 6, 15)
    assert not indu.is_recouvrable(D("36.93"), on=on)
    assert indu.is_recouvrable(D("36.94"), on=on)


@pytest.mark.parametrize(("fraude", "day"), [(False, date(2026, 2, 28)), (True, date(2029, 2, 28))])
def test_recovery_is_barred_after_its_delay(fraude, day):
    paid = date(2024, 2, 29)
    assert indu.prescription(paid, fraude=fraude) == day


@pytest.mark.parametrize(
    ("code", "from_day", "expected"),
    [
        ("accuse_reception", date(2026, 12, 25), date(2027, 1, 4)),
        ("decision", date(2026, 12, 31), date(2027, 2, 28)),
        ("decision", date(2027, 12, 31), date(2028, 2, 29)),
        ("premier_versement", date(2026, 11, 22), date(2026, 12, 1)),
        ("versement_mensuel", date(2026, 12, 1), date(2026, 12, 10)),
        ("suspension", date(2026, 1, 1), date(2026, 2, 1)),
        ("actualisation_annuelle", date(2026, 1, 1), date(2027, 1, 1)),
        ("conservation_dossier", date(2024, 2, 29), date(2030, 2, 28)),
        ("donnees_connexion", date(2023, 11, 30), date(2024, 2, 29)),
        ("conservation_justificatifs", date(2026, 8, 31), date(2027, 2, 28)),
    ],
)
def test_a_deadline_falls_on_its_day(code, from_day, expected):
    assert delais.echeance(code, from_day) == expected


def test_every_deadline_can_be_computed_and_has_a_text():
    for code, found in delais.DELAIS.items():
        assert delais.echeance(code, date(2026, 1, 1)) > date(2026, 1, 1)
        assert found.source
        assert found.libelle


def test_an_unknown_deadline_is_refused():
    with pytest.raises(delais.DelaiInconnu, match="inconnu"):
        delais.delai("inconnu")


def test_dormant_land_that_is_not_built_counts_for_eight_tenths():
    """CASF R. 132-1: half of the rental value for a building, 80 % for land, 3 % of a capital."""
    on = date(2026, 6, 15)
    land = ressources.Patrimoine(valeur_locative_non_bati=D("1000.00"))
    built = ressources.Patrimoine(valeur_locative_bati=D("1000.00"))
    assert ressources.revenu_patrimoine(land, on=on) == D("800.00")
    assert ressources.revenu_patrimoine(built, on=on) == D("500.00")


@pytest.mark.parametrize(
    ("code", "from_day", "expected"),
    [
        ("relance_pieces", date(2026, 1, 31), date(2026, 2, 28)),
        ("alerte_prescription", date(2026, 8, 31), date(2027, 2, 28)),
        ("relance_pieces", date(2026, 10, 12), date(2026, 11, 12)),
        # CASF L. 122-2: three months of residence.
        ("acquisition_domicile_secours", date(2026, 10, 15), date(2027, 1, 15)),
        # Code civil, art. 2224: five years from the discovery.
        ("prescription_fraude", date(2026, 11, 20), date(2031, 11, 20)),
        ("prescription_indu", date(2026, 11, 20), date(2028, 11, 20)),
    ],
)
def test_a_delay_of_months_or_years_falls_on_its_day(code, from_day, expected):
    assert delais.echeance(code, from_day) == expected


@pytest.mark.parametrize(
    ("back", "first_unpaid"),
    [(date(2026, 3, 11), date(2026, 3, 31)), (date(2026, 3, 12), date(2026, 4, 11))],
)
def test_a_day_at_home_starts_the_thirty_days_again(back, first_unpaid):
    """CASF R. 232-32: a transfer of the same day goes on; a day at home ends the first stay."""
    stays = [versement.Periode(date(2026, 3, 1), date(2026, 3, 11)), versement.Periode(back, None)]
    (stopped,) = versement.suspended_by_hospital(stays, on=date(2026, 3, 1))
    assert stopped.debut == first_unpaid
