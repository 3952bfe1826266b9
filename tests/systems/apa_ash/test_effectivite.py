"""What a month really owes, when its plan was used whole and when it was not."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.effectivite import Prevu, Releve
from egide.rules.apa.versement import Periode
from egide.systems.apa_ash.calculs.effectivite import Faits, compare
from egide.systems.apa_ash.calculs.parts_du_mois import Droit

MOIS = date(2026, 6, 1)
AMOUNTS = st.integers(100, 300_000).map(lambda cents: Decimal(cents).scaleb(-2))
MEANS = st.integers(0, 600_000).map(lambda cents: Decimal(cents).scaleb(-2))
# One plan in twenty thousand loses a cent to the eight decimals of its rate.
LOST = (Decimal("1397.63"), Decimal("2423.81"))


def month_of_plan(plan, ressources, *, heures):
    decided = compute_apa_domicile(
        on=MOIS,
        age=80,
        gir=1,
        couple=False,
        ressources_mensuelles=ressources,
        plan_mensuel=plan,
    )
    droit = Droit(
        uuid4(),
        Periode(MOIS),
        decided.apa,
        {None: Prevu(heures=Decimal(40), montant_heures=plan)},
        decided.taux_participation,
    )
    faits = Faits([droit], releves={(MOIS, None): Releve(heures=heures)})
    return decided.apa, compare(faits, mois=MOIS).justifie


@given(AMOUNTS, MEANS)
def test_a_plan_used_whole_owes_what_was_decided(plan, ressources):
    decided, justifie = month_of_plan(plan, ressources, heures=Decimal(40))
    assert justifie == decided


def test_the_eight_decimals_of_the_rate_never_take_a_cent():
    decided, justifie = month_of_plan(*LOST, heures=Decimal(40))
    assert justifie == decided


@given(AMOUNTS, MEANS)
def test_an_hour_less_is_never_more(plan, ressources):
    decided, justifie = month_of_plan(plan, ressources, heures=Decimal(39))
    assert justifie <= decided


def test_half_the_hours_owe_half():
    decided, justifie = month_of_plan(Decimal(1200), Decimal(0), heures=Decimal(20))
    assert (decided, justifie) == (Decimal(1200), Decimal(600))
