"""An agreement rests on the plan that answers its request, a grid on whoever signed the GIR."""

from uuid import uuid4

import pytest

from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from tests import factories
from tests.kernel.attacks.trigger_attempts import DECISION, EVALUATION_OF, GRILLE, Scene, named

ALICE, REMI = ("alice", INSTRUCTION), ("remi", INSTRUCTION)
PLAN = (
    "INSERT INTO apa_ash_planaide (id, service_id, dossier_id, etat, gir, effet_on, envoye_on,"
    " definitif, observations) VALUES (%s, %s, %s, %s, 2, access.today(),"
    " access.today() - 10, false, '')"
)
ASK = (
    "INSERT INTO apa_ash_demande (id, service_id, dossier_id, nature, canal, recue_on, complete_on,"
    " residence_stable, urgence_attestee_par, reference_externe) VALUES (gen_random_uuid(), %s, %s,"
    " %s, 'courrier', access.today() - %s, {}, true, 'x', '')"
)
REFUSED = "decision_on_the_plan_of_its_request"


@pytest.fixture
def scene(team):
    return Scene(team)


@pytest.mark.parametrize(
    ("etat", "said"), [("accepte", []), ("propose", REFUSED), ("sans_suite", REFUSED)]
)
def test_an_agreement_rests_on_an_accepted_plan(team, scene, etat, said):
    plan, nord, nu = uuid4(), team.nord.pk, scene.nu.pk
    drop = ("owner", "DELETE FROM apa_ash_planaide WHERE id = %s", scene.plan.pk)
    known = ("owner", PLAN, plan, nord, nu, etat)
    pk = uuid4()
    proposed = scene.proposed(pk, of=nu, plan=named(plan))
    decided = (*REMI, DECISION, pk, nord, nu, team.remi.pk, plan)
    assert scene.play([drop, known, proposed, decided])[1:] == [[], [], said]


@pytest.mark.parametrize(
    ("nature", "back", "said"),
    [("premiere", 9, REFUSED), ("premiere", 10, []), ("revision", 9, []), ("urgence", 9, REFUSED)],
)
def test_an_agreement_rests_on_the_plan_of_its_request(team, scene, nature, back, said):
    """A plan of ten days ago answers no first request since; a revision may keep it."""
    pk, plan, nord, nu = uuid4(), uuid4(), team.nord.pk, scene.nu.pk
    complete = f"access.today() - {back}" if nature == "revision" else "NULL"
    assert scene.play(
        [
            ("owner", PLAN, plan, nord, nu, "accepte"),
            (*ALICE, ASK.format(complete), nord, nu, nature, back),
            scene.proposed(pk, of=nu, plan=named(plan)),
            (*REMI, DECISION, pk, nord, nu, team.remi.pk, plan),
        ]
    ) == [[], [], [], said]


def test_the_plan_of_another_person_is_no_plan(team, scene):
    """The key of both columns waits for the end of the transaction: it is asked at once here."""
    other = factories.dossier(team.nord, nom="Morel")
    told = []
    for of in (scene.nu, other):
        pk, plan, nord = uuid4(), uuid4(), team.nord.pk
        found = scene.play(
            [
                ("owner", PLAN, plan, nord, of.pk, "accepte"),
                scene.proposed(pk, of=scene.nu.pk, plan=named(of == scene.nu and plan)),
                (*REMI, "SET CONSTRAINTS ALL IMMEDIATE"),
                (*REMI, DECISION, pk, nord, scene.nu.pk, team.remi.pk, plan),
            ]
        )
        told.append(found[-1])
    assert told == [[], "apa_ash_decision_plan_id_same_file"]


@pytest.mark.parametrize(("author", "said"), [("remi", "grille_of_its_author"), ("chloe", [])])
def test_a_grid_is_given_by_who_signed_the_evaluation(team, scene, author, said):
    pk, nord = uuid4(), team.nord.pk
    told = scene.play(
        [
            ("owner", EVALUATION_OF, pk, nord, scene.nu.pk, team.agents[author].pk),
            ("chloe", EVALUATION, GRILLE, nord, scene.nu.pk, pk),
        ]
    )
    assert told == [[], said]
