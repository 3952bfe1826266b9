"""No file is handed to the nightly destruction by a day that an agent writes."""

from datetime import timedelta

from tests.kernel.attacks.trigger_attempts import Scene
from tests.kernel.attacks.trigger_legs import Legs
from tests.personas import today


def refused(told):
    return [step for step in told if isinstance(step, str)]


def test_an_end_of_years_ago_counts_from_today_and_leaves_no_right_running(team):
    old, now, beyond, alone, running, *moved, contact, ahead, emptied = map(
        (scene := Scene(team)).play, scene.endings()
    )
    assert old == now == [[], [], [(today(),)]]
    assert refused(running) == ["dossier_ends_with_its_rights"]
    assert [refused(told) for told in (beyond, alone, *moved)] == [
        ["dossier_end_by_a_decision"]
    ] * 5
    assert refused(contact) == []
    assert refused(ahead) == ["dossier_contact_advances"]
    assert refused(emptied) == ["droit_emptied_by_a_death"]


def test_an_end_is_that_of_its_decision_of_its_answer_or_of_before_a_death(team):
    scene = Legs(team)
    admitted, *others = [refused(scene.play(steps)) for steps in scene.handed_over()]
    assert admitted == []
    assert others == [["dossier_end_by_a_decision"]] * 6
    told = [refused(scene.play(steps)) for steps in scene.given_back_end()]
    assert told == [[], ["dossier_end_by_a_decision"], ["dossier_end_by_a_decision"], []]


def test_a_past_end_is_given_up_by_a_new_request_of_the_living_received_since(team):
    told = [refused(scene.play(steps)) for scene in [Legs(team)] for steps in scene.asked_again()]
    amiss = ["dossier_end_by_a_decision"]
    # A right that is over, though its file was never closed, begins again too.
    assert told == [*([[]] * 2), *([amiss] * 6), [], *([amiss] * 4)]


def test_a_suspension_ends_with_the_right_that_it_stopped(team):
    scene = Legs(team)
    told = [refused(scene.play(steps)) for steps in scene.over_with_its_right()]
    assert told == [[]] + [["interruption_ended_by_a_decision"]] * 4


def test_a_suspension_ends_by_its_decision_and_a_stay_by_its_discharge(team):
    told = [refused(Scene.play(scene, steps)) for scene in [Scene(team)] for steps in scene.stops()]
    undecided, written = ["interruption_ended_by_a_decision"], ["interruption_written_once"]
    suspensions, stays, deaths = told[:8], told[8:11], told[11:]
    assert suspensions == [
        undecided,
        undecided,
        undecided,
        [],
        undecided,
        undecided,
        written,
        written,
    ]
    discharge = "interruption_ended_by_a_discharge"
    assert stays == [[discharge] * 2, [], [discharge] * 2]
    alone = ["identite_death_by_a_decision"]
    # The decision writes the day that it tells, and takes it away: no other day is written.
    assert deaths[:6] == [alone, alone, [], alone, alone * 2, alone]
    # What an undone death gives back, it gives back that day.
    assert deaths[6:] == [[], ["droit_only_shortens"]]


def test_a_death_is_written_by_its_decision_on_a_day_that_may_be(team):
    now, before, *others = map((scene := Legs(team)).play, scene.dying())
    assert now == [[], [(today(),)]]
    assert before == [[], [(today() - timedelta(days=200),)]]
    assert [refused(told) for told in others] == [["decision_of_a_death"]] * 4


def test_an_end_is_given_up_ahead_by_two_hands_and_its_right_goes_on_from_its_morrow(team):
    scene = Legs(team)
    given_up, *others = [refused(scene.play(steps)) for steps in scene.maintained()]
    alone, over = ["decision_signed_by_another"], ["decision_gives_up_an_end_ahead"]
    assert given_up == []
    assert others == [alone, alone, *([over] * 6)]
    gone_on, *others = [refused(scene.play(steps)) for steps in scene.gone_on()]
    assert gone_on == []
    assert others == [["droit_only_shortens"]] * 5
    beyond, after, within = [refused(scene.play(steps)) for steps in scene.within()]
    assert beyond == after == ["droit_within_the_signed_end"]
    assert within == []


def test_one_hand_replays_no_decision_that_another_of_the_day_followed(team):
    scene = Legs(team)
    tried = [*scene.replayed(), *scene.replayed_deaths()]
    told = [refused(scene.play(steps)) for steps in tried]
    filed, longer, cut = told[:2], told[2:4], told[4:6]
    assert filed == [["dossier_end_by_a_decision"], []]
    assert longer == [["droit_only_shortens"], []]
    assert cut == [["droit_ended_by_a_decision"], []]
    assert told[6:8] == [[], ["droit_emptied_by_a_death"]]
    assert told[8:12] == [[], [], ["droit_only_shortens"], []]
    ended = ["droit_ended_by_a_decision"]
    assert told[12:] == [[], [], ["droit_only_shortens"], ended]
