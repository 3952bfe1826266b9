"""A rise is told of whole months: a right that did not change is no anomaly."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from egide.rules.apa.versement import Interruption, Nature, Periode
from egide.systems.apa_ash.calculs.anomalies_du_lot import Anomalie
from egide.systems.apa_ash.calculs.echeancier import Compte, Situation, compose_lines
from egide.systems.apa_ash.calculs.parts_du_mois import TO_THE_PERSON, Droit

CASES = yaml.safe_load(Path(__file__).with_name("hausse.yaml").read_text("utf-8"))["mois"]
KEY = UUID(int=1)


def situation(case):
    stops = [(Nature.SUSPENSION, days) for days in case.get("suspensions", ())]
    stops += [(Nature.HOSPITALISATION, days) for days in case.get("sejours", ())]
    before = date(2026, 9, 1)
    paid = Decimal(case["avant"])
    return Situation(
        KEY,
        [
            Droit(
                UUID(int=n),
                Periode(droit["debut"], droit.get("fin")),
                Decimal(droit["apa"]),
                TO_THE_PERSON,
            )
            for n, droit in enumerate(case["droits"])
        ],
        interruptions=[Interruption(nature, Periode(*days)) for nature, days in stops],
        deja_payes={before: {None: paid}} if paid else {},
        du_mois_precedent=paid,
        compte=Compte("Jeanne", "FR76"),
    )


def told(case):
    lines = compose_lines(situation(case), mois=case["mois"])
    (line,) = [line for line in lines if line.mois_du == case["mois"]]
    return Anomalie.HAUSSE in line.anomalie.split()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["cas"])
def test_a_rise_is_one_of_whole_months(case):
    assert told(case) is case["hausse"]


@given(st.integers(1, 30), st.integers(3, 250_000))
def test_a_right_that_did_not_change_never_rises(day, cents):
    """Whatever its first day and its amount: its first month was paid by days, and rounded."""
    right = {"debut": date(2026, 9, day), "apa": Decimal(cents) / 100}
    case = {"droits": [right], "mois": date(2026, 10, 1), "avant": "0"}
    first = situation(case).dus.of_month(date(2026, 9, 1)).montant
    assert not told({**case, "avant": first})
