"""What a service is paid on its hours: dated choices, cases to the cent, what hours cannot pass."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.effectivite import Prevu, Releve
from egide.rules.apa.plans_du_mois import PlanDuMois, PlansDuMois
from egide.rules.apa.repartition import split_montant
from egide.rules.apa.service_fait import (
    Reglement,
    Reglements,
)


def alone(prevu, taux):
    return PlansDuMois([PlanDuMois(30, prevu, Decimal(taux))])


MARS, AVRIL, MAI = (date(2026, month, 1) for month in (3, 4, 5))
QUARANTE = Prevu(heures=Decimal(40), montant_heures=Decimal(1000))
CHOIX = Reglements(
    {
        "un": [(AVRIL, Reglement.SERVICE_FAIT)],
        "deux": [(MARS, Reglement.SERVICE_FAIT), (MAI, Reglement.PLAN)],
    }
)


@pytest.mark.parametrize(
    ("who", "mois", "paid_on_hours"),
    [
        ("un", MARS, False),
        ("un", AVRIL, True),
        ("un", MAI, True),
        ("deux", date(2026, 2, 1), False),
        ("deux", AVRIL, True),
        ("deux", MAI, False),
        ("autre", MAI, False),
    ],
)
def test_a_choice_holds_from_its_month_until_the_next_one(who, mois, paid_on_hours):
    assert CHOIX.service_fait(who, mois=mois) is paid_on_hours
    assert set(CHOIX.ever_service_fait()) == {"un", "deux"}


@pytest.mark.parametrize(
    ("prevu", "releve", "received"),
    [
        (QUARANTE, Releve(heures=Decimal(0)), True),
        (QUARANTE, Releve(facture=Decimal(900)), False),
        (QUARANTE, Releve(), False),
        (Prevu(montant_autres=Decimal(90)), Releve(facture=Decimal(90)), True),
        (Prevu(montant_autres=Decimal(90)), Releve(), False),
    ],
)
def test_an_invoice_proves_no_hour(prevu, releve, received):
    assert alone(prevu, "0").is_received(releve) is received


@pytest.mark.parametrize(
    ("heures", "facture", "taux", "part", "montant"),
    [
        # 25 € an hour, T = 10 %: 22,50 € an hour delivered.
        ("20", None, "0.10", "900.00", "450.00"),
        ("0", None, "0.10", "900.00", "0.00"),
        ("40", None, "0.10", "900.00", "900.00"),
        # More than the plan is not paid, nor more than what is invoiced.
        ("55", None, "0.10", "900.00", "900.00"),
        ("30", "500.00", "0.10", "900.00", "450.00"),
        # The participation is deducted in proportion, and the amount rounded once:
        # 13,25 h × 25 € × (1 − 0,12387) = 290,2180…
        ("13.25", None, "0.12387", "876.13", "290.22"),
        # A month cut by a stay, or a plan above the ceiling, has a smaller part.
        ("30", None, "0.10", "600.00", "600.00"),
        ("20", None, "0.10", "600.00", "450.00"),
    ],
)
def test_hours_are_paid_within_the_plan_the_invoice_and_the_month(
    heures, facture, taux, part, montant
):
    releve = Releve(Decimal(heures), Decimal(facture) if facture else None)
    found = alone(QUARANTE, taux).due(Decimal(part), releve=releve)
    assert found == Decimal(montant)


CENTS = st.integers(1, 300_000).map(lambda cents: Decimal(cents).scaleb(-2))
QUARTERS = st.integers(0, 800).map(lambda count: Decimal(count) / 4)


@given(CENTS, CENTS, CENTS, QUARTERS)
def test_a_service_never_gets_more_than_its_part_and_all_of_it_when_all_is_delivered(
    of_service, of_person, means, hours
):
    decided = compute_apa_domicile(
        on=AVRIL,
        age=80,
        gir=1,
        couple=False,
        ressources_mensuelles=means,
        plan_mensuel=of_service + of_person,
    )
    prevu = Prevu(heures=Decimal(40), montant_heures=of_service)
    part = split_montant(decided.apa, parts={"service": of_service, "personne": of_person})

    def paid(heures):
        plans = alone(prevu, decided.taux_participation)
        return plans.due(part["service"], releve=Releve(heures=heures))

    assert 0 <= paid(hours) <= part["service"]
    assert paid(hours) <= paid(hours + 1)
    assert paid(Decimal(40)) == paid(Decimal(60)) == part["service"]
