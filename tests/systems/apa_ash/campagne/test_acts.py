"""The January campaign: exact, resumable, never applied twice, never on provisional figures."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from egide.kernel.refus import BaremeProvisoire
from egide.rules.apa.domicile import compute_apa_domicile
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.services import campagnes as acts
from tests.systems.apa_ash.campagne.rows import (
    EFFET,
    NEXT,
    VEILLE,
    beneficiaire,
    launched,
    population,
    rights_on,
)


def test_each_right_becomes_what_the_rule_of_one_case_says(team, simulate, passing, finish):
    before = population(team.nord, count=60)
    finish(launched(simulate, passing), size=25)
    after = {droit.dossier_id: droit for droit in rights_on(EFFET)}
    assert len(after) == len(before)
    for old in before:
        new = after[old.dossier_id]
        feuille = compute_apa_domicile(
            on=EFFET,
            age=86,
            gir=old.gir,
            couple=old.couple,
            ressources_mensuelles=old.ressources_mensuelles,
            plan_mensuel=old.plan_mensuel,
        )
        assert (new.apa, new.participation, new.taux_participation) == (
            feuille.apa,
            feuille.participation,
            feuille.taux_participation,
        )
        assert new.plan_mensuel == old.plan_mensuel  # the plan itself; its ceiling is dated
        assert (new.periode.lower, new.periode.upper) == (EFFET, None)
        assert new.decision.nature == NatureDecision.REVALORISATION
        assert new.decision.effet_on == EFFET
        old.refresh_from_db()
        assert (old.periode.lower, old.periode.upper) == (VEILLE, EFFET)


def test_the_new_amount_of_reference_raises_who_was_at_the_ceiling(team, simulate):
    """GIR 1 in 2026: 1.615 × 1 288.13 = 2 080.33; in 2025 it was 2 045.56."""
    old = beneficiaire(team.nord, gir=1, ressources="800", plan_mensuel="3000")
    assert old.apa == Decimal("2045.56")
    ligne = m.LigneCampagne.objects.get(campagne=simulate())
    assert (ligne.apa_avant, ligne.plan_apres, ligne.apa_apres) == (
        Decimal("2045.56"),
        Decimal("2080.33"),
        Decimal("2080.33"),
    )


@pytest.mark.parametrize(
    ("right", "concerned"),
    [
        ({}, True),
        ({"etat": "suspendu"}, True),
        ({"end": date(2026, 1, 2)}, True),
        ({"end": date(2026, 1, 1)}, False),  # its last day is the eve
        ({"start": date(2026, 1, 1)}, False),  # opened under the new figures
        ({"start": date(2025, 12, 31)}, True),
        ({"forfait": True}, False),
        ({"deces_on": date(2026, 1, 1)}, False),
        ({"deces_on": date(2026, 1, 2)}, True),
    ],
    ids=str,
)
def test_which_rights_are_revalued(team, simulate, passing, finish, right, concerned):
    old = beneficiaire(team.nord, **right)
    finish(launched(simulate, passing))
    (found,) = rights_on(EFFET) or [old]
    assert (found.decision.nature == NatureDecision.REVALORISATION) is concerned
    if concerned:
        assert found.periode.upper == right.get("end")


def test_another_service_is_left_alone(team, simulate, passing, finish):
    ours, theirs = beneficiaire(team.nord), beneficiaire(team.sud, nom="Morel")
    finish(launched(simulate, passing))
    assert rights_on(EFFET, dossiers=[theirs.dossier]) == [theirs]
    assert rights_on(EFFET, dossiers=[ours.dossier]) != [ours]


def test_a_simulation_changes_no_right(team, simulate):
    (old,) = population(team.nord, count=1)
    simulate()
    assert rights_on(EFFET) == [old]
    assert not m.Decision.objects.filter(nature=NatureDecision.REVALORISATION).exists()


def test_it_stops_anywhere_between_batches_and_goes_on(team, simulate, passing, finish):
    population(team.nord, count=7)
    campagne = launched(simulate, passing)
    passing(acts.apply_batch, campagne_id=campagne.pk, size=3)
    campagne.refresh_from_db()
    assert (campagne.traites, campagne.total, campagne.etat) == (3, 7, "en_cours")
    assert finish(campagne, size=3) == 2
    campagne.refresh_from_db()
    assert (campagne.traites, campagne.total) == (7, 7)
    assert m.Decision.objects.filter(nature=NatureDecision.REVALORISATION).count() == 7


class Killed(BaseException):
    """The process dies in the middle of a batch."""


@pytest.mark.parametrize("moment", ["take_batch", "close_and_open"])
def test_a_batch_cut_in_the_middle_leaves_nothing(
    team, simulate, passing, finish, monkeypatch, moment
):
    population(team.nord, count=5)
    campagne = launched(simulate, passing)
    passing(acts.apply_batch, campagne_id=campagne.pk, size=2)
    real = getattr(acts, moment)

    def cut(*arguments, **options):
        real(*arguments, **options)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(acts, moment, cut)
        with pytest.raises(Killed):
            passing(acts.apply_batch, campagne_id=campagne.pk, size=2)
    assert m.LigneCampagne.objects.filter(applique=True).count() == 2
    assert m.Decision.objects.filter(nature=NatureDecision.REVALORISATION).count() == 2
    assert m.Droit.objects.count() == 5 + 2
    finish(campagne, size=2)
    assert m.Droit.objects.count() == 5 + 5


def test_a_second_run_finds_nothing_to_do(team, simulate, passing, finish):
    population(team.nord, count=4)
    campagne = launched(simulate, passing)
    finish(campagne)
    before = list(m.Droit.objects.order_by("pk").values())
    assert finish(campagne) == 1
    with pytest.raises(acts.CampagneFermee):
        passing(acts.launch_campagne, campagne_id=campagne.pk)
    assert list(m.Droit.objects.order_by("pk").values()) == before


def test_even_a_new_campaign_finds_nothing_to_do(team, simulate, passing, finish):
    """The rights begin on the day itself: none straddles it any more."""
    population(team.nord, count=4)
    campagne = launched(simulate, passing)
    finish(campagne)
    m.Campagne.objects.filter(pk=campagne.pk).update(etat="abandonnee")
    again = launched(simulate, passing)
    assert (again.total, finish(again)) == (0, 1)


def test_even_a_flag_put_back_applies_nothing_twice(team, simulate, passing, finish):
    population(team.nord, count=2)
    campagne = launched(simulate, passing)
    passing(acts.apply_batch, campagne_id=campagne.pk, size=1)
    m.LigneCampagne.objects.update(applique=False)
    finish(campagne, size=1)
    assert m.Decision.objects.filter(nature=NatureDecision.REVALORISATION).count() == 2
    assert m.Droit.objects.count() == 4


def test_rights_that_change_between_simulation_and_application(team, simulate, passing, finish):
    ended, kept = beneficiaire(team.nord, nom="Un"), beneficiaire(team.nord, nom="Deux")
    campagne = launched(simulate, passing)
    m.Droit.objects.filter(pk=ended.pk).update(periode=(VEILLE, date(2025, 12, 1)))
    late = beneficiaire(team.nord, nom="Trois")
    finish(campagne, size=1)
    campagne.refresh_from_db()
    assert (campagne.traites, campagne.total) == (2, 2)
    revalued = {droit.dossier_id for droit in rights_on(EFFET)}
    assert revalued == {kept.dossier_id, late.dossier_id}


@pytest.mark.clause("APA-05")
def test_provisional_figures_are_simulated_and_never_applied(team, simulate, passing):
    population(team.nord, count=2)
    campagne = simulate(effet_on=NEXT)
    assert campagne.provisoire
    assert campagne.total == 2
    with pytest.raises(BaremeProvisoire, match="ne sont pas encore vérifiés"):
        passing(acts.launch_campagne, campagne_id=campagne.pk)
    with pytest.raises(IntegrityError, match="never_applied_on_provisional"), transaction.atomic():
        m.Campagne.objects.filter(pk=campagne.pk).update(etat="en_cours")


def test_figures_that_lose_their_verification_stop_the_campaign(
    team, simulate, passing, monkeypatch
):
    population(team.nord, count=2)
    campagne = launched(simulate, passing)
    monkeypatch.setattr(acts, "is_provisional", lambda day: True)
    with pytest.raises(BaremeProvisoire):
        passing(acts.apply_batch, campagne_id=campagne.pk)
    assert not m.LigneCampagne.objects.filter(applique=True).exists()


@pytest.mark.parametrize("day", [date(2026, 7, 1), date(2025, 1, 1), date(2028, 1, 1)])
def test_a_day_that_is_no_first_january_near_today_is_refused(team, simulate, day):
    with pytest.raises(acts.EffetHorsPremierJanvier):
        simulate(effet_on=day)
    assert not m.Campagne.objects.exists()


def test_a_replayed_form_creates_one_campaign(team, simulate):
    jeton = uuid.uuid4()
    assert simulate(jeton=jeton) == simulate(jeton=jeton)
    with pytest.raises(acts.CampagneExistante):
        simulate()


def test_an_abandoned_simulation_leaves_room_for_another(team, simulate, passing):
    first = simulate()
    passing(acts.abandon_campagne, campagne_id=first.pk)
    with pytest.raises(acts.CampagneFermee):
        passing(acts.refresh_campagne, campagne_id=first.pk)
    second = passing(acts.launch_campagne, campagne_id=simulate().pk)
    with pytest.raises(acts.CampagneFermee):
        passing(acts.abandon_campagne, campagne_id=second.pk)


def test_nothing_is_applied_before_the_launch(team, simulate, passing):
    campagne = simulate()
    with pytest.raises(acts.CampagneFermee):
        passing(acts.apply_batch, campagne_id=campagne.pk)


@pytest.mark.parametrize(("montant", "refused"), [("9999999.99", False), ("10000000.00", True)])
def test_an_amount_beyond_what_the_rule_accepts_stops_the_campaign(
    team, simulate, montant, refused
):
    right = beneficiaire(team.nord, ressources="800")
    m.Droit.objects.filter(pk=right.pk).update(ressources_mensuelles=Decimal(montant))
    if refused:
        with pytest.raises(acts.DroitHorsBornes, match="1 dossier"):
            simulate()
        assert not m.Campagne.objects.exists()
    else:
        assert simulate().total == 1
