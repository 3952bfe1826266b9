"""Before the amount: who may ask, since when, in what order, and the deadlines on the way."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.bornes import ValeurRefusee
from egide.rules.apa.delais import DelaiInconnu
from egide.rules.apa.etablissement import compute_apa_etablissement
from egide.rules.ash import delais, droit, effet
from egide.rules.ash.ordre import ApaNonExaminee, ticket_moderateur
from egide.rules.ash.sejour import JoursRefuses, cout_mensuel
from egide.rules.money import MontantRefuse

ON = date(2026, 6, 15)
ENTREE = date(2026, 1, 10)


@pytest.mark.parametrize(
    ("facts", "motif"),
    [
        ({"age": 65}, ""),
        ({"age": 64}, droit.AGE_INSUFFISANT),
        ({"age": 60, "inapte": True}, ""),
        ({"age": 59, "inapte": True}, droit.AGE_INSUFFISANT),
        ({"habilite": False}, droit.NON_HABILITE),
        ({"habilite": False, "payant_depuis": date(2021, 6, 15)}, ""),
        ({"habilite": False, "payant_depuis": date(2021, 6, 16)}, droit.NON_HABILITE),
    ],
)
def test_the_right_opens_by_age_and_by_establishment(facts, motif):
    case = {"age": 85, "inapte": False, "habilite": True, **facts}
    assert droit.find_motif(ON, **case) == motif


def test_an_impossible_age_is_refused():
    with pytest.raises(ValeurRefusee):
        droit.find_motif(ON, age=131, inapte=False, habilite=True)


@pytest.mark.parametrize(
    ("demande", "options", "found"),
    [
        (date(2025, 12, 1), {}, ENTREE),
        (date(2026, 3, 10), {}, ENTREE),
        (date(2026, 3, 11), {}, date(2026, 3, 16)),
        (date(2026, 3, 16), {}, date(2026, 4, 1)),
        (date(2026, 12, 31), {}, date(2027, 1, 1)),
        # One prolongation, of two months at most.
        (date(2026, 4, 15), {"prolonge_on": date(2026, 4, 15)}, ENTREE),
        (date(2026, 4, 16), {"prolonge_on": date(2026, 4, 15)}, date(2026, 5, 1)),
        (date(2026, 5, 10), {"prolonge_on": date(2026, 5, 10)}, ENTREE),
        # A resident who paid so far enters on the day her resources no longer suffice.
        (date(2026, 9, 1), {"insuffisance_on": date(2026, 7, 1)}, date(2026, 7, 1)),
        (date(2026, 9, 2), {"insuffisance_on": date(2026, 7, 1)}, date(2026, 9, 16)),
    ],
)
def test_a_request_reaches_back_to_the_entry_within_its_delay(demande, options, found):
    result = effet.find_effet(entree_on=ENTREE, demande_on=demande, **options)
    assert result.effet_on == found
    assert result.retroactif == (found in (ENTREE, options.get("insuffisance_on")))


def test_the_delay_ends_with_a_short_month():
    found = effet.find_effet(entree_on=date(2026, 12, 31), demande_on=date(2027, 2, 28))
    assert (found.limite_on, found.retroactif) == (date(2027, 2, 28), True)
    assert not effet.find_effet(
        entree_on=date(2026, 12, 31), demande_on=date(2027, 3, 1)
    ).retroactif


@pytest.mark.parametrize(
    "options",
    [
        {"prolonge_on": date(2026, 3, 10)},
        {"prolonge_on": date(2026, 5, 11)},
        {"insuffisance_on": date(2026, 1, 9)},
    ],
)
def test_days_that_cannot_be_are_refused(options):
    with pytest.raises(effet.DatesRefusees):
        effet.find_effet(entree_on=ENTREE, demande_on=ENTREE, **options)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-400, 400))
def test_a_decision_never_reaches_before_the_entry(entree, days):
    demande = entree + timedelta(days=days)
    found = effet.find_effet(entree_on=entree, demande_on=demande)
    assert found.effet_on >= entree
    assert found.retroactif == (found.effet_on == entree)
    assert found.retroactif or found.effet_on > demande


def apa(**changes):
    case = {
        "on": ON,
        "age": 85,
        "gir": 1,
        "couple": False,
        "ressources_mensuelles": Decimal("1800.00"),
        "tarif_mensuel_gir": Decimal("675.00"),
        "tarif_mensuel_gir_5_6": Decimal("186.00"),
    }
    return compute_apa_etablissement(**{**case, **changes})


@pytest.mark.parametrize(
    ("changes", "ticket"),
    [
        ({}, "186.00"),
        ({"ressources_mensuelles": Decimal("5000.00")}, "577.20"),
        ({"gir": 5, "tarif_mensuel_gir": Decimal("186.00")}, "186.00"),
        ({"tarif_mensuel_gir": Decimal("200.00")}, "200.00"),
        ({"departement": "40"}, "183.00"),
    ],
)
def test_the_ash_starts_from_what_the_apa_leaves(changes, ticket):
    assert str(ticket_moderateur(apa(**changes))) == ticket


@pytest.mark.parametrize(
    ("on", "jours", "cout"),
    [
        (date(2026, 6, 15), None, "2100.00"),
        (date(2028, 2, 1), None, "2030.00"),
        (date(2026, 6, 15), 0, "0.00"),
        (date(2026, 6, 15), 11, "770.00"),
    ],
)
def test_a_month_costs_its_days_present(on, jours, cout):
    assert str(cout_mensuel(Decimal("70.00"), on=on, jours=jours)) == cout


@pytest.mark.parametrize(
    ("tarif", "jours", "error"),
    [("70.00", 31, JoursRefuses), ("70.00", -1, JoursRefuses), ("-0.01", 1, MontantRefuse)],
)
def test_impossible_days_and_tariffs_are_refused(tarif, jours, error):
    with pytest.raises(error):
        cout_mensuel(Decimal(tarif), on=ON, jours=jours)


@pytest.mark.parametrize("examined", [None, apa(age=59)])
def test_the_apa_comes_first(examined):
    with pytest.raises(ApaNonExaminee, match="APA"):
        ticket_moderateur(examined)


@pytest.mark.parametrize(
    ("code", "from_day", "expected"),
    [
        ("transmission", date(2026, 1, 31), date(2026, 2, 28)),
        ("effet_entree", date(2027, 12, 31), date(2028, 2, 29)),
        ("effet_demande_tardive", date(2026, 2, 15), date(2026, 2, 16)),
        ("effet_demande_tardive", date(2026, 2, 16), date(2026, 3, 1)),
        ("admission_urgence", date(2026, 12, 30), date(2027, 1, 2)),
        ("perception_silence", date(2026, 6, 15), date(2026, 7, 15)),
        ("perception_expresse_maximale", date(2024, 2, 29), date(2028, 2, 29)),
        ("compte_annuel", date(2026, 12, 31), date(2027, 2, 28)),
        ("nouvelle_inscription", date(2026, 11, 30), date(2027, 2, 28)),
    ],
)
def test_a_deadline_falls_on_its_day(code, from_day, expected):
    assert delais.echeance(code, from_day) == expected


def test_every_deadline_can_be_computed_and_has_a_text():
    for code, found in delais.DELAIS.items():
        assert delais.echeance(code, date(2026, 1, 31)) > date(2026, 1, 31)
        assert found.source
        assert found.libelle


def test_an_unknown_deadline_is_refused():
    with pytest.raises(DelaiInconnu, match="inconnu"):
        delais.delai("inconnu")
