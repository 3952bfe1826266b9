"""A right written in SQL pays no earlier, and no more, than its decision allows."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from egide.kernel.access.compiler.statements import sql_files
from egide.rules.apa.controle import jours_pour_accuser, jours_pour_noter_un_depot
from egide.rules.apa.delais import delai
from egide.systems.apa_ash.purposes import INSTRUCTION
from tests.kernel.attacks.trigger_attempts import (
    DECISION,
    DROIT,
    PERIODE,
    PLAN,
    Scene,
    figure,
    named,
)
from tests.kernel.attacks.trigger_legs import ALICE, EVENT_ON, Legs, decided
from tests.kernel.attacks.trigger_rights import Rights
from tests.personas import today

HONEST = "daterange(access.today(), NULL), 3"


@pytest.mark.parametrize(
    ("changed", "amounts", "refused"),
    [
        ({}, (400, 400), False),
        ({HONEST: "daterange(access.today() - 1, NULL), 3"}, (400, 400), True),
        ({HONEST: "daterange('2010-01-01', NULL), 3"}, (400, 400), True),
        ({"0, 0, %s, %s)": "0.0025, 1, %s, %s)"}, (400, 399), False),
        # The whole plan, and a share of it.
        ({"0, 0, %s, %s)": "0.0025, 1, %s, %s)"}, (400, 400), True),
    ],
)
def test_a_right_begins_with_its_decision_and_leaves_the_person_their_share(
    team, changed, amounts, refused
):
    scene, remi, pk = Scene(team), ("remi", INSTRUCTION), uuid4()
    droit = DROIT
    for old, new in changed.items():
        assert old in droit
        droit = droit.replace(old, new)
    nord, paye = team.nord.pk, scene.paye.pk
    plan = scene.droit.decision.plan_id
    part = "1" if "0, 0, %s, %s)" in changed else "0"
    told = scene.play(
        [
            ("owner", PERIODE.format("'empty'"), paye),
            scene.proposed(pk, plan=named(plan), apa=str(amounts[1]), part=part),
            (*remi, DECISION, pk, nord, paye, team.remi.pk, plan),
            (*remi, droit, nord, paye, pk, *amounts, False),
        ]
    )
    assert told[:3] == [[], [], []]
    assert (told[3] == "droit_rests_on_a_decision") is refused
    assert refused or told[3] == []


def opened(told):
    return [step for step in told if step not in ([], None)]


def test_a_right_rests_on_the_resources_in_force_and_a_revaluation_on_its_line(team):
    scene = Scene(team)
    own, couple, dearer, same, less = map(scene.play, scene.means())
    assert opened(own) == opened(same) == []
    assert opened(less) == ["droit_rests_on_a_decision"]
    assert opened(couple) == opened(dearer) == ["droit_rests_on_a_decision"]
    same, *others = map(scene.play, scene.revaluations())
    assert opened(same) == []
    assert [opened(told) for told in others] == [["droit_rests_on_a_decision"]] * 4


def test_postgresql_counts_days_and_years_as_the_rules_do():
    (sql,) = (text for text in sql_files() if "apa_ash.keep_signed()" in text)
    assert f"r.accuse_on <= r.recue_on + {jours_pour_accuser(today())}\n" in sql
    longest = delai("prescription_fraude")
    assert longest.forme == "ans"
    debts = next(text for text in sql_files() if "indu_barred_in_time" in text)
    assert f"constate_on + interval '{longest.nombre} years'" in debts
    shortest = delai("prescription_indu")
    assert shortest.forme == "ans"
    assert f"max(p.verse_on) + interval '{shortest.nombre} years'" in debts
    told = f"greatest(c.poste_on, c.poste_constate_on - {jours_pour_noter_un_depot(today())}) + "
    assert [text.count(told) for text in sql_files() if "poste_constate_on" in text] == [1, 1]


SAME_MEANS = "UPDATE apa_ash_droit SET ressources_mensuelles = 0 WHERE dossier_id = %s"
SET_ASIDE = "UPDATE apa_ash_ressources SET en_vigueur = false WHERE dossier_id = %s"
OF_ANOTHER = (
    "UPDATE apa_ash_ressources SET dossier_id ="
    " (SELECT id FROM apa_ash_dossier WHERE id <> %s LIMIT 1)"
)
NOT_A_REVISION = "UPDATE apa_ash_demande SET nature = 'premiere' WHERE dossier_id = %s"
NEXT = EVENT_ON + timedelta(days=1)


@pytest.mark.parametrize(
    ("known", "said", "refused"),
    [
        (None, {}, []),
        (None, {"event": NEXT}, ["decision_effect_of_an_event"]),
        (None, {"event": NEXT, "effet": NEXT, "first": NEXT}, []),
        (SAME_MEANS, {}, ["decision_effect_of_an_event"]),
        (SET_ASIDE, {}, ["decision_effect_of_an_event"]),
        (OF_ANOTHER, {}, ["decision_effect_of_an_event"]),
        (NOT_A_REVISION, {}, ["decision_effect_of_an_event"]),
        (None, {"apa": "500"}, ["droit_rests_on_a_decision"]),
        (None, {"apa": "499.99"}, ["droit_rests_on_a_decision"]),
        (None, {"apa": "500.01"}, []),
        (None, {"plan": 1001}, ["droit_rests_on_a_decision"]),
        (None, {"plan": 999}, ["droit_rests_on_a_decision"]),
        (None, {"first": NEXT}, ["droit_rests_on_a_decision"]),
        (None, {"first": EVENT_ON - timedelta(days=1)}, ["droit_one_at_a_time"]),
    ],
)
def test_only_an_event_of_life_goes_back_and_only_to_raise_what_ran(team, known, said, refused):
    scene = Legs(team)
    steps = [("owner", known, scene.paye.pk)] if known else []
    told = scene.play(scene.raised(*steps, **said))
    assert opened(told)[:1] == refused


def test_what_the_law_allows_passes_to_the_cent(team):
    scene = Scene(team)
    lump, invoice, dear, bill, *relays = map(scene.play, scene.ceilings())
    assert opened(lump) == opened(invoice) == []
    assert opened(dear) == ["droit_within_the_ceiling"]
    assert opened(bill) == ["facture_within_the_ceiling"]
    within = "relais_within_the_ceiling"
    assert [opened(told) for told in relays] == [[], [within], [within]]


def test_what_those_who_examine_must_be_told_is_found_again_at_the_validation(team):
    scene = Scene(team)
    silent, dead, quiet, dear, suspended, partly = map(scene.play, scene.silences())
    assert opened(silent) == ["paiement_death_said"]
    assert opened(quiet) == ["paiement_ceiling_said"]
    assert opened(suspended) == ["paiement_not_suspended"]
    assert opened(dead) == opened(dear) == opened(partly) == []


def test_a_campaign_alone_revalues_and_ends_a_right_by_its_line(team):
    scene = Rights(team)
    own, *others, instructed, stopped, earlier = map(scene.play, scene.of_campaigns())
    assert opened(own) == []
    assert [opened(told)[0] for told in others] == ["decision_of_its_campaign"] * 6
    assert all(told[-1] for told in others)
    assert opened(instructed) == ["InsufficientPrivilege", "droit_ended_by_a_decision"]
    assert opened(stopped) == opened(earlier) == ["droit_ended_by_a_decision"]


def test_a_death_keeps_what_the_file_is_whatever_its_author_says(team):
    scene = Rights(team)
    *deaths, given_up = map(scene.play, scene.photographs())
    kept = [json.loads(told[-1][0][0]) for told in deaths]
    assert kept[:3] == kept[:1] * 3 and kept[3:6] == kept[3:4] * 3 and kept[6:] == kept[6:7] * 3
    since = scene.droit.periode.lower.isoformat()
    day = (today() + timedelta(days=5)).isoformat()
    morrow = (today() + timedelta(days=6)).isoformat()
    right = str(scene.droit.pk)
    assert [each["droits"] for each in kept[::3]] == [
        {right: [since, None]}, {}, {right: [since, morrow]}
    ]  # fmt: skip
    assert [each["fin_droit_on"] for each in kept[::3]] == [None, None, day]
    assert opened(given_up) == ["dossier_end_by_a_decision"]


def test_no_decision_but_an_agreement_names_a_plan(team):
    """What runs pay is the plan of the last one: any other would change it with one hand."""
    scene, plan = Rights(team), uuid4()
    nord, paye = team.nord.pk, scene.paye.pk
    given_up = PLAN.replace("gen_random_uuid()", f"'{plan}'")
    for nature in ("reprise", "fin"):
        asked = decided(nature, effective="date '2026-01-01'")
        told = scene.play(
            [
                ("owner", given_up, nord, paye, "sans_suite"),
                (*ALICE, asked, uuid4(), nord, paye, team.alice.pk, plan),
            ]
        )
        assert opened(told) == ["decision_plan_of_an_agreement"]


def test_a_right_shares_bills_by_its_participation_and_lasts_until_the_end_that_is_signed(team):
    scene = Rights(team)
    refused = ["droit_rests_on_a_decision"]
    own, *others = map(scene.play, scene.shared())
    assert opened(own) == []
    assert [opened(told) for told in others] == [refused] * 3
    endless, *others, short, whole = map(scene.play, scene.lasting())
    assert opened(endless) == opened(whole) == []
    assert [opened(told) for told in [*others, short]] == [refused] * 4


def test_the_rate_is_of_the_plan_within_the_ceiling_of_its_group_to_the_cent(team):
    scene = Rights(team)
    ceiling = figure("gir_3")
    longer = ("owner", "UPDATE apa_ash_ligneplan SET tarif = 1000")
    part, beyond = f"{ceiling / 10:.2f}", {"plan": 9000, "apa": "400"}
    for taux, known, more, refused in (
        ("0.1", [longer], {"part": part} | beyond, []),
        ("0.2", [longer], {"part": part} | beyond, ["droit_rests_on_a_decision"]),
        # Under the threshold of payment, nothing is paid and the share is what it was.
        ("0.9", [], {"part": "18.00", "apa": "0", "plan": 20}, []),
        ("0.8", [], {"part": "18.00", "apa": "0", "plan": 20}, ["droit_rests_on_a_decision"]),
        ("0.20002", [], {}, []),
        ("0.20003", [], {}, ["droit_rests_on_a_decision"]),
    ):
        assert opened(scene.play(scene.at(taux, *known, **more))) == refused, (taux, more)
