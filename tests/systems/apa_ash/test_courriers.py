"""The letters of a file, the last first: those of one day in the order of a procedure."""

import hashlib
from datetime import timedelta
from itertools import permutations

import pytest

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.letters.render import GABARITS
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.courriers import LABELS, list_courriers
from tests.personas import today
from tests.systems.apa_ash import medico_social as ms

STEPS = ("pieces_manquantes", "accuse_reception", "decision_accord")


def letter(dossier, nature, *, on):
    return m.Courrier.objects.create(
        service=dossier.service,
        dossier=dossier,
        nature=nature,
        cree_on=on,
        pdf=b"x",
        empreinte=hashlib.sha256(b"x").hexdigest(),
    )


@pytest.mark.parametrize("entered", list(permutations(STEPS)))
def test_letters_of_one_day_come_in_the_order_of_a_procedure(team, entering, entered):
    dossier = ms.complete(team.nord)
    for nature in entered:
        letter(dossier, nature, on=today())
    letter(dossier, "indu", on=today() - timedelta(days=1))
    with entering(team.alice, INSTRUCTION) as passage:
        found = [row.nature for row in list_courriers(passage, dossier=dossier)]
    assert found == [*reversed(STEPS), "indu"]


def test_each_kind_of_letter_has_its_place_and_its_name():
    kinds = {path.stem for path in GABARITS.glob("*.typ")} - {"courrier"}
    assert set(LABELS) == kinds
