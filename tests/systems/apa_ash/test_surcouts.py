"""A service dearer than the plan: both letters say what the person pays beyond her share."""

import uuid
from dataclasses import replace
from decimal import Decimal

import pytest

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.letters.render import render
from egide.systems.apa_ash.models.plan import ModeAide, Unite
from egide.systems.apa_ash.purposes import EVALUATION
from egide.systems.apa_ash.queries.plan import lines_of
from egide.systems.apa_ash.services import proposition
from egide.systems.apa_ash.services.lettres_decision import find_surcouts
from tests.systems.apa_ash import medico_social as ms
from tests.systems.apa_ash import signature, situations
from tests.systems.apa_ash.courriers import CONTENUS, PLAN, courrier
from tests.systems.apa_ash.test_decisions import DAY, REVISION
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_plan import dossier, plan, sendable

__all__ = ["dossier", "plan", "sendable"]

MORE = "À votre charge en plus, selon le tarif du service"
SHORTER = "que l’APA ne couvre pas"


def dearer(own, **changes):
    """The model plan, whose service asks `own` for each hour."""
    first, second, *others = PLAN.lignes
    hours = (replace(first, tarif_service=own, **changes), replace(second, tarif_service=own))
    return (*hours, *others)


def test_the_hours_of_one_service_at_one_tariff_make_one_line():
    (found,) = find_surcouts(dearer(Decimal("26.00")))
    # (22 h + 15 h) × (26,00 − 24,58)
    assert (found.volume, found.montant) == (Decimal(37), Decimal("52.54"))
    assert (found.tarif, found.tarif_service) == (Decimal("24.58"), Decimal("26.00"))


@pytest.mark.parametrize("own", [None, Decimal("24.58"), Decimal("24.57")])
def test_a_service_that_asks_no_more_adds_nothing(own):
    assert find_surcouts(dearer(own)) == ()


def test_each_tariff_of_a_plan_has_its_own_difference():
    found = find_surcouts(dearer(Decimal("24.59"), tarif=Decimal("20.00")))
    assert [(row.volume, row.montant) for row in found] == [
        (Decimal(22), Decimal("100.98")),
        (Decimal(15), Decimal("0.15")),
    ]


@pytest.mark.parametrize("kind", ["proposition_plan", "decision_accord"])
def test_the_letter_tells_the_difference_and_nothing_without_one(kind):
    surcouts = find_surcouts(dearer(Decimal("26.00")))
    plan = replace(CONTENUS[kind].plan, surcouts=surcouts, surcout=Decimal("52.54"))
    told = text_of(render(courrier(kind, contenu=replace(CONTENUS[kind], plan=plan))))
    assert squeeze(f"{MORE} 52,54 €") in told
    assert squeeze("37 h à 26,00 € au lieu de 24,58 €, soit 52,54 € par mois") in told
    silent = text_of(render(courrier(kind)))
    for said in (MORE, SHORTER, "différence de tarif"):
        assert squeeze(said) not in silent


@pytest.mark.parametrize(
    ("changes", "own"),
    [
        ({}, Decimal("24.58")),
        ({"unite": Unite.FORFAIT, "volume_mensuel": 1}, None),
        ({"mode": ModeAide.AUTRE, "prestataire_id": None}, None),
    ],
)
def test_only_the_hours_of_a_service_are_compared_with_its_tariff(
    team, dossier, entering, changes, own
):
    plan = ms.draft(dossier)
    ms.ligne(plan, service=ms.saad(dossier), tarif=Decimal(20), **changes)
    with entering(team.chloe, EVALUATION) as passage:
        assert [line.tarif_service for line in lines_of(passage, plan)] == [own]


def sent(entering, team, plan):
    with entering(team.chloe, EVALUATION) as passage:
        proposition.propose_plan_aide(passage, plan_id=plan.pk)
    return text_of(m.Courrier.objects.get(nature="proposition_plan").pdf)


@pytest.mark.parametrize(("own", "told"), [("26.00", True), ("24.58", False), ("22.00", False)])
def test_the_proposal_that_leaves_tells_it(team, sendable, entering, own, told):
    m.Prestataire.objects.update(tarif_horaire=Decimal(own))
    text = sent(entering, team, sendable)
    assert (squeeze(MORE) in text) == (squeeze(f"{MORE} 52,54 €") in text) == told


@pytest.mark.parametrize(("own", "told"), [("26.50", True), ("25.00", False)])
def test_the_agreement_that_is_signed_tells_it(team, on_day, own, told):
    dossier = situations.ready(team.nord, on=DAY, by=team.chloe)
    service = ms.saad(dossier, tarif_horaire=Decimal(own))
    m.LignePlan.objects.filter(dossier=dossier).update(
        prestataire=service, mode=ModeAide.PRESTATAIRE, volume_mensuel=40, tarif=25
    )
    with on_day(team.alice, DAY) as passage:
        values = {"jeton": uuid.uuid4(), "effet_on": DAY, "revision_on": REVISION}
        signature.accord(passage, dossier.pk, **values)
    text = text_of(m.Courrier.objects.get(nature="decision_accord").pdf)
    assert (squeeze(MORE) in text) == (squeeze(f"{MORE} 60,00 €") in text) == told
