"""What the guards of money ask of a day, they ask of the day of business, which tests replace."""

from datetime import date, timedelta

import pytest

from egide.rules.apa.versement import next_month
from egide.systems.apa_ash.purposes import PAIEMENT
from tests.kernel.attacks.trigger_attempts import COMPTE, COMPTE_READ, LOT, MOIS, Scene
from tests.personas import today
from tests.systems.apa_ash.conftest import that_day

PAUL = ("paul", PAIEMENT)
LATER = today() + timedelta(days=800)


@pytest.mark.parametrize(("back", "refused"), [(1, False), (2, True)])
@pytest.mark.parametrize("day", [today(), LATER])
def test_a_run_is_prepared_one_month_ahead_of_the_day_of_business(team, day, back, refused):
    scene = Scene(team)
    mois = day.replace(day=1)
    for _ in range(back):
        mois = next_month(mois)
    with that_day(day):
        (told,) = scene.play([(*PAUL, LOT, team.nord.pk, mois, "prepare", team.paul.pk)])
    assert told == ("lot_paiement_one_month_ahead" if refused else [])


def test_a_month_is_far_or_near_by_the_day_of_business_alone(team):
    ask = [(*PAUL, LOT, team.nord.pk, next_month(MOIS), "prepare", team.paul.pk)]
    scene = Scene(team)
    assert scene.play(ask) == [[]]
    with that_day(date(2020, 5, 31)):
        assert scene.play(ask) == ["lot_paiement_one_month_ahead"]


@pytest.mark.parametrize("day", [today(), LATER])
def test_an_account_is_dated_by_the_day_of_business(team, day):
    scene = Scene(team)
    with that_day(day):
        entered = scene.play(
            [
                (*PAUL, COMPTE, team.nord.pk, scene.nu.pk, team.paul.pk),
                (*PAUL, COMPTE_READ, scene.nu.pk),
            ]
        )
    assert entered == [[], [(day, team.paul.pk)]]


@pytest.mark.parametrize("day", [today(), LATER])
def test_an_account_is_read_again_on_the_day_of_business(team, day):
    scene = Scene(team)
    line = scene.sans_compte.pk
    read = "UPDATE apa_ash_paiement SET relu_on = '2020-01-01' WHERE id = %s"
    entered = ("owner", "UPDATE apa_ash_comptebancaire SET saisi_par_id = %s", team.alice.pk)
    with that_day(day):
        found = scene.play(
            [
                entered,
                (*PAUL, read, line),
                (*PAUL, "SELECT relu_on FROM apa_ash_paiement WHERE id = %s", line),
            ]
        )
    assert found[1:] == [[], [(day,)]]
