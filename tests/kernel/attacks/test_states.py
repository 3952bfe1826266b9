"""Which state of a file follows which, for whom, and what it waits for: as the code moves it."""

from datetime import timedelta
from itertools import product

import pytest

from egide.kernel.access.compiler.statements import sql_files
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from tests.kernel.attacks.trigger_attempts import owner
from tests.kernel.attacks.trigger_states import States
from tests.personas import today

TEAM, INSTRUCTOR = ("chloe", EVALUATION), ("alice", INSTRUCTION)
# What an agent moves with no decision, no refused plan and no answer of another département; the
# rest of the moves rests on one of them, and each has its attempts in trigger_states.
ALONE = {
    TEAM: {
        ("complet", "visite"),
        *product(("complet", "visite"), ("evalue", "propose", "accepte")),
        ("evalue", "propose"),
        ("propose", "accepte"),
    },
    INSTRUCTOR: {
        ("recu", "incomplet"),
        *product(("recu", "incomplet"), ("complet",)),
        ("complet", "visite"),
        *product(("complet", "visite"), ("propose", "accepte")),
        ("propose", "accepte"),
        # Its request is not answered: received anew, it begins the file again.
        *product(("rejete", "retiree", "clos"), ("recu",)),
    },
}
WAITS = {
    "recu": "accuse", "incomplet": "pieces", "complet": "visite", "visite": "visite",
    "evalue": "proposition", "propose": "reponse", "accepte": "decision",
}  # fmt: skip
MOVE = (
    "UPDATE apa_ash_dossier SET etat = %s, etat_droit = %s, echeance = %s::varchar,"
    " echeance_on = CASE WHEN %s::varchar <> '' THEN access.today() END WHERE id = %s"
)


def stood(dossier, etat, droit=""):
    """Write a state and what it waits for, as values of MOVE."""
    waits = WAITS.get(etat, "")
    return (etat, droit, waits, waits, dossier.pk)


@pytest.mark.parametrize("who", ALONE)
@pytest.mark.parametrize("droit", ["", "ouvert"])
def test_one_hand_moves_a_file_along_its_procedure_and_no_further(team, who, droit):
    scene = States(team)
    moved = set()
    for before, after in product(Etat.values, Etat.values):
        studied = WAITS.keys() - {"recu", "incomplet"}
        if before == after or (droit and not {before, after} <= studied):
            continue
        steps = [("owner", MOVE, *stood(scene.nu, before, droit)),
                 (*who, MOVE, *stood(scene.nu, after, droit))]  # fmt: skip
        if scene.play(steps) == [[], []]:
            moved.add((before, after))
    known = ALONE[who]
    assert moved == (known if not droit else {m for m in known if set(m) <= studied})


@pytest.mark.parametrize("etat", ["ouvert", "suspendu"])
def test_a_revision_keeps_the_state_of_the_right_that_goes_on(team, etat):
    scene = States(team)
    told = [
        scene.play([
            ("owner", MOVE, *stood(scene.nu, etat)),
            (*who, MOVE, *stood(scene.nu, "complet", kept)),
        ])[-1]
        for who in (INSTRUCTOR, TEAM)
        for kept in ("", "ouvert", "suspendu")
    ]  # fmt: skip
    own = ["dossier_state_rests", "dossier_state_rests", "dossier_state_rests"]
    own[1 if etat == "ouvert" else 2] = []
    assert told == [*own, *["dossier_state_follows"] * 3]


def test_the_team_does_not_close_the_files_of_its_services(team):
    """Neither all at once, nor one by one."""
    scene = States(team)
    closed = (
        "UPDATE apa_ash_dossier SET etat = 'clos', etat_droit = '', echeance = '',"
        " echeance_on = NULL WHERE etat <> 'clos'"
    )
    told = scene.play([(*TEAM, closed), (*TEAM, f"{closed} AND id = %s", scene.nu.pk)])
    assert told == ["dossier_state_follows"] * 2
    assert not Dossier.objects.filter(etat=Etat.CLOS).exists()


def test_what_is_expected_of_a_visit_to_come_is_expected_after_it(db):
    """The days of the law are those that the trigger counts."""
    (source,) = (text for text in sql_files() if "FUNCTION apa_ash.keep_echeance()" in text)
    count = (echeance("proposition_plan", today()) - today()) // timedelta(days=1)
    assert f"NEW.echeance_on = v.prevue_on + {count})" in source
    # No other deadline of the procedure is further than the two months that the trigger leaves.
    codes = ("accuse_reception", "relance_pieces", "proposition_plan", "observations")
    codes += ("proposition_definitive", "mise_en_demeure", "domicile_secours", "decision")
    ((until,),) = owner("SELECT (access.today() + interval '2 months')::date")
    assert max(echeance(code, today()) for code in codes) == until
