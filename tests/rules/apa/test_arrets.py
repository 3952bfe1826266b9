"""What interrupts a payment on a day, and where the interrupted days of a stay may fall."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.arrets import Arret, list_arrets
from egide.rules.apa.versement import (
    DroitMensuel,
    Interruption,
    Nature,
    Periode,
    montant_du,
    whole_month_in_hospital,
)

AUGUST = date(2026, 8, 1)


def stay(debut, fin=None, nature=Nature.HOSPITALISATION):
    return Interruption(nature, Periode(debut, fin))


@pytest.mark.parametrize(
    ("on", "stops"),
    [(date(2026, 8, 30), False), (date(2026, 8, 31), True), (date(2026, 11, 20), True)],
)
def test_thirty_days_stay_paid_the_day_of_entry_being_the_first(on, stops):
    (arret,) = list_arrets([stay(AUGUST)], on=on)
    assert arret == Arret(Nature.HOSPITALISATION, AUGUST, date(2026, 8, 31))
    assert arret.stops(on) is stops


@pytest.mark.parametrize(
    ("fin", "on", "count"),
    [
        (date(2026, 9, 10), date(2026, 9, 9), 1),
        (date(2026, 9, 10), date(2026, 9, 10), 0),
        (None, date(2026, 7, 31), 0),
    ],
)
@pytest.mark.parametrize("nature", [Nature.HOSPITALISATION, Nature.HOSPITALISATION_DOMICILE])
def test_a_stay_is_told_from_its_first_day_to_the_eve_of_discharge(fin, on, count, nature):
    assert len(list_arrets([stay(AUGUST, fin, nature)], on=on)) == count


def test_a_return_of_one_day_restarts_the_thirty_days_and_a_transfer_does_not():
    second = date(2026, 9, 10)
    (transfer,) = list_arrets([stay(AUGUST, second), stay(second)], on=second)
    (back,) = list_arrets([stay(AUGUST, second - timedelta(1)), stay(second)], on=second)
    assert transfer.non_verse_des == date(2026, 8, 31)
    assert back.non_verse_des == date(2026, 10, 10)


def test_a_suspension_is_told_before_it_begins_and_not_once_it_is_over():
    stop = stay(date(2026, 12, 1), nature=Nature.SUSPENSION)
    (arret,) = list_arrets([stop], on=date(2026, 11, 20))
    assert not arret.stops(date(2026, 11, 20))
    over = stay(date(2026, 9, 1), date(2026, 11, 1), Nature.SUSPENSION)
    assert list_arrets([over], on=date(2026, 11, 1)) == []


@given(
    entree=st.dates(date(2025, 1, 1), date(2026, 3, 1)),
    lengths=st.lists(st.integers(1, 70), min_size=1, max_size=3),
    gap=st.integers(0, 2),
    month=st.integers(0, 11),
)
def test_every_month_with_an_interrupted_day_is_spent_whole_in_hospital(
    entree, lengths, gap, month
):
    """The queue of the control looks at whole months: no interrupted day escapes it."""
    stays, debut = [], entree
    for days in lengths:
        stays.append(stay(debut, debut + timedelta(days)))
        debut += timedelta(days + gap)
    mois = date(2025 + (entree.month + month) // 12, (entree.month + month) % 12 + 1, 1)
    droit = DroitMensuel(Periode(date(2024, 1, 1)), 100)
    if montant_du(mois, droit=droit, interruptions=stays).jours_hospitalisation:
        assert whole_month_in_hospital(mois, interruptions=stays)
