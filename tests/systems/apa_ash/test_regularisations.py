"""A formal notice that the person answered ends without a suspension (CASF R. 232-16)."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.services import arrets, mises_en_demeure, suspensions
from egide.systems.apa_ash.services.regularisations import (
    RegularisationAvantMiseEnDemeure,
    record_regularisation,
)
from egide.systems.apa_ash.services.revisions import JourFutur
from tests.personas import today
from tests.systems.apa_ash import signature, situations
from tests.systems.apa_ash.test_mise_en_demeure import (
    LATER,
    RECEIVED,
    SENT,
    notify,
    notify_by_post,
    revised,
)
from tests.systems.apa_ash.test_suites_decision import SINCE, etat, resume, suspend

BACKEND = "egide.kernel.access.backends.AgentBackend"
ANSWERED = date(2026, 7, 20)


@pytest.fixture
def dossier(team):
    return situations.opened(team.nord, since=SINCE, by=team.chloe)


@pytest.fixture
def warned(team, dossier, on_day):
    with on_day(team.alice, SENT) as passage:
        notify_by_post(passage, dossier)
    return dossier


def put_right(passage, dossier, day=ANSWERED):
    return record_regularisation(passage, dossier_id=dossier.pk, regularisee_on=day)


def pending(passage, dossier):
    situation = load_situation(passage, pk=dossier.pk)
    return mises_en_demeure.pending_notice(passage, situation=situation)


@pytest.mark.clause("APA-05")
@pytest.mark.parametrize("name", ["alice", "remi"])
def test_a_notice_that_was_answered_ends_and_gives_the_file_its_own_deadline(
    team, warned, on_day, name
):
    assert etat(warned)[1] == Echeance.MISE_EN_DEMEURE
    m.Dossier.objects.filter(pk=warned.pk).update(dernier_contact_on=SENT)
    with on_day(team.agents[name], LATER) as passage:
        notice = put_right(passage, warned)
        assert pending(passage, warned) is None
    notice.refresh_from_db()
    told = notice.regularisee_on, notice.constatee_on, notice.constatee_par_id
    assert told == (ANSWERED, LATER, team.agents[name].pk)
    assert etat(warned) == (Etat.OUVERT, Echeance.REVISION, warned.revision_on)
    assert warned.dernier_contact_on == ANSWERED  # the person's, not the agent's day
    assert not m.Decision.objects.exclude(nature=NatureDecision.ACCORD).exists()


def test_the_last_contact_never_goes_back(team, warned, on_day):
    m.Dossier.objects.filter(pk=warned.pk).update(dernier_contact_on=LATER)
    with on_day(team.alice, LATER) as passage:
        put_right(passage, warned)
    warned.refresh_from_db()
    assert warned.dernier_contact_on == LATER


def test_another_notice_may_then_be_sent_the_same_day_and_carries_its_own_ground(
    team, warned, on_day
):
    with on_day(team.alice, SENT) as passage:
        first = put_right(passage, warned, SENT)
        second = notify_by_post(passage, warned, "participation")
        assert pending(passage, warned) == second != first
        with pytest.raises(mises_en_demeure.MiseEnDemeureEnCours):
            notify(passage, warned)
    assert etat(warned) == (Etat.OUVERT, Echeance.MISE_EN_DEMEURE, date(2026, 8, 1))
    with on_day(team.alice, LATER) as passage:
        with pytest.raises(suspensions.MotifNonMisEnDemeure):
            suspend(passage, warned, RECEIVED, "qualite")
        assert suspend(passage, warned, RECEIVED, "participation").nature == "suspension"


def test_a_suspension_that_waits_is_not_signed_any_more(team, warned, on_day):
    with on_day(team.alice, LATER) as passage:
        asked = {"recue_on": RECEIVED, "code": "qualite"}
        projet = arrets.propose_suspension(
            passage, jeton=uuid.uuid4(), dossier_id=warned.pk, **asked
        )
        put_right(passage, warned, LATER)
    with on_day(team.alice, LATER) as passage, pytest.raises(mises_en_demeure.MiseEnDemeureAbsente):
        signature.signed(passage, projet)
    assert not m.Interruption.objects.filter(dossier=warned).exists()


def test_a_notice_that_was_answered_carries_no_suspension(team, warned, on_day):
    with on_day(team.alice, LATER) as passage:
        put_right(passage, warned)
        with pytest.raises(mises_en_demeure.MiseEnDemeureAbsente):
            suspend(passage, warned, RECEIVED, "qualite")


def test_a_revision_that_is_studied_keeps_its_deadline(team, warned, on_day):
    revised(team, warned, on_day, on=date(2026, 7, 10))
    before = etat(warned)
    with on_day(team.alice, LATER) as passage:
        put_right(passage, warned)
        assert pending(passage, warned) is None
    assert etat(warned) == before
    assert before[1] == Echeance.VISITE


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (SENT - timedelta(days=1), RegularisationAvantMiseEnDemeure),
        (LATER + timedelta(days=1), JourFutur),
        (SENT, None),
        (LATER, None),
    ],
)
def test_what_is_put_right_is_put_right_after_the_notice_and_not_tomorrow(
    team, warned, on_day, day, refusal
):
    with on_day(team.alice, LATER) as passage:
        if refusal:
            with pytest.raises(refusal):
                put_right(passage, warned, day)
            assert pending(passage, warned) is not None
        else:
            assert put_right(passage, warned, day).regularisee_on == day


def test_nothing_is_put_right_without_a_notice_nor_twice(team, dossier, on_day):
    with on_day(team.alice, SENT) as passage:
        with pytest.raises(mises_en_demeure.MiseEnDemeureAbsente):
            put_right(passage, dossier, SENT)
        notify(passage, dossier)
        put_right(passage, dossier, SENT)
        with pytest.raises(mises_en_demeure.MiseEnDemeureAbsente):
            put_right(passage, dossier, SENT)


def test_a_payment_that_is_suspended_is_restored_instead(team, warned, on_day):
    with on_day(team.alice, LATER) as passage:
        suspend(passage, warned, RECEIVED, "qualite")
        with pytest.raises(mises_en_demeure.DejaSuspendu):
            put_right(passage, warned)
        assert resume(passage, warned, LATER).nature == NatureDecision.REPRISE
        with pytest.raises(mises_en_demeure.MiseEnDemeureAbsente):  # that notice has served
            put_right(passage, warned)


@pytest.mark.parametrize(
    "name", ["bruno", "chloe", "paul", "carole", "denis", "edith", "victor", "nora"]
)
def test_nobody_else_may(team, warned, on_day, name):
    with on_day(team.agents[name], LATER) as passage, pytest.raises(Refused):
        put_right(passage, warned)
    assert not m.Courrier.objects.filter(regularisee_on__isnull=False).exists()


# The screens.


def page(dossier, code=None):
    if code is None:
        return reverse("apa_ash:decision", args=[dossier.pk])
    return reverse("apa_ash:acte_decision", args=[dossier.pk, code])


def test_the_file_offers_it_while_a_notice_runs_and_the_page_ends_it(
    team, dossier, entering, client
):
    client.force_login(team.alice, BACKEND)
    address = page(dossier, "regularisation")
    again = page(dossier, "mise-en-demeure")
    html = client.get(page(dossier)).content.decode()
    assert (address in html, again in html) == (False, True)
    said = {"regularisee_on": today().isoformat()}
    refused = client.post(address, said)
    assert refused.status_code == 422
    assert "Aucune mise en demeure ne court" in refused.content.decode()
    with entering(team.alice, INSTRUCTION) as passage:
        notify(passage, dossier)
    html = client.get(page(dossier)).content.decode()
    assert (address in html, again in html) == (True, False)
    html = client.get(address).content.decode()
    for told in ("Constater la régularisation", "Aide de mauvaise qualité", "régularisée le"):
        assert told in html, told
    wrong = {"regularisee_on": (today() + timedelta(days=1)).isoformat()}
    assert client.post(address, wrong).status_code == 422
    assert client.post(address, said).status_code == 302
    assert m.Courrier.objects.get(dossier=dossier).regularisee_on == today()
    html = client.get(page(dossier)).content.decode()
    assert (address in html, again in html) == (False, True)
    assert "Mise en demeure du" not in html
    assert client.post(address, said).status_code == 422


def test_a_notice_that_outlived_a_revision_is_still_shown_and_ended(
    team, dossier, entering, client
):
    with entering(team.alice, INSTRUCTION) as passage:
        notify(passage, dossier)
    m.Dossier.objects.filter(pk=dossier.pk).update(
        echeance=Echeance.REVISION, echeance_on=today() + timedelta(days=900)
    )
    client.force_login(team.alice, BACKEND)
    html = client.get(page(dossier)).content.decode()
    assert "Mise en demeure du" in html
    assert page(dossier, "regularisation") in html


@pytest.mark.parametrize("name", ["bruno", "carole", "denis", "nora"])
def test_the_page_looks_absent_to_others(team, warned, client, name):
    client.force_login(team.agents[name], BACKEND)
    address = page(warned, "regularisation")
    assert client.get(address).status_code == 404
    assert client.post(address, {"regularisee_on": "2026-07-20"}).status_code == 404
