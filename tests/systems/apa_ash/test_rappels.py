"""What a month gives may rise after its run: the next one pays the rest, once."""

import uuid
from datetime import date
from decimal import Decimal

import pytest

from egide.rules.apa.effectivite import Prevu
from egide.rules.apa.versement import Interruption, Nature, Periode
from egide.systems.apa_ash.calculs.echeancier import Situation, compose_lines
from egide.systems.apa_ash.calculs.parts_du_mois import TO_THE_PERSON, Droit

NOVEMBRE, DECEMBRE = date(2026, 11, 1), date(2026, 12, 1)
SERVICE = uuid.uuid4()


def right(debut, fin, apa, prevus=TO_THE_PERSON):
    return Droit(uuid.uuid4(), Periode(debut, fin), Decimal(apa), prevus)


def half(person, service):
    return {
        None: Prevu(montant_autres=Decimal(person)),
        SERVICE: Prevu(montant_autres=Decimal(service)),
    }


def arrears(droits, paid, **more):
    """Give what the run of December pays of November, payee by payee."""
    situation = Situation(
        dossier_id=uuid.uuid4(),
        droits=droits,
        deja_payes={NOVEMBRE: {who: Decimal(sum_) for who, sum_ in paid.items()}},
        **more,
    )
    lines = compose_lines(situation, mois=DECEMBRE)
    return {row.prestataire_id: row.montant_brut for row in lines if row.mois_du == NOVEMBRE}


@pytest.mark.parametrize(
    ("apa", "owed"),
    [
        ("600.00", {None: Decimal("30.00")}),  # 9 days of 30, at 100 € more
        ("500.01", {}),  # 0,003 €
        ("500.00", {}),
        ("400.00", {}),  # what was paid in excess is claimed, never set off here
    ],
)
def test_a_right_revised_after_the_run_of_its_month_is_completed_by_the_next(apa, owed):
    droits = [right(date(2026, 1, 1), date(2026, 11, 22), "500.00"),
              right(date(2026, 11, 22), None, apa)]  # fmt: skip
    assert arrears(droits, {None: "500.00"}) == owed


def test_a_right_revalued_since_the_first_of_a_month_that_was_paid_is_completed():
    droits = [right(date(2026, 1, 1), NOVEMBRE, "500.00"), right(NOVEMBRE, None, "510.20")]
    assert arrears(droits, {None: "500.00"}) == {None: Decimal("10.20")}
    assert arrears(droits, {None: "510.20"}) == {}


@pytest.mark.parametrize(
    ("paid", "owed"),
    [
        ({None: "250.00", SERVICE: "250.00"}, {None: Decimal(50), SERVICE: Decimal(50)}),
        ({None: "300.00", SERVICE: "200.00"}, {SERVICE: Decimal(100)}),
        ({None: "350.00", SERVICE: "200.00"}, {SERVICE: Decimal(50)}),  # within what is left
        ({None: "600.00"}, {}),  # it was all paid, to another: nobody is paid twice
    ],
)
def test_each_payee_is_completed_within_what_the_month_still_owes(paid, owed):
    droits = [right(NOVEMBRE, None, "600.00", half("300.00", "300.00"))]
    assert arrears(droits, paid) == owed


def test_a_stay_that_was_corrected_gives_its_days_back():
    droits = [right(date(2026, 1, 1), None, "300.00")]
    stop = Interruption(Nature.SUSPENSION, Periode(date(2026, 11, 16), DECEMBRE))
    assert arrears(droits, {None: "150.00"}, interruptions=[stop]) == {}
    assert arrears(droits, {None: "150.00"}) == {None: Decimal("150.00")}
