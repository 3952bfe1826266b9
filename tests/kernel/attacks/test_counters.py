"""The numbers of a year, which every service shares, are given one after another."""

from tests.kernel.attacks.trigger_hands import Hands


def test_the_numbers_of_a_year_are_neither_thrown_ahead_nor_brought_back(team):
    scene, kept = Hands(team), "compteur_advances"
    assert [scene.play(steps)[-1] for steps in scene.counters()] == [
        *([], kept, kept, kept),  # a year opens at zero, and is this one
        *([], [], kept),  # from zero
        *(kept, [], kept),  # from ten
        *([], kept),  # after files that were taken over
    ]
