"""A formal notice runs whatever is studied beside it, and reproaches nothing that is not so."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.presentation.decision import list_actes
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.services import mises_en_demeure, suspensions
from egide.systems.apa_ash.services.interruptions import AucunDroitAInterrompre
from tests.personas import today
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_suites_decision import SINCE, etat, reopen, suspend

SENT, RECEIVED, LATER = date(2026, 7, 1), date(2026, 7, 3), date(2026, 8, 4)
ON_PAYMENT = {"mise-en-demeure", "suspension"}


@pytest.fixture
def dossier(team):
    return situations.opened(team.nord, since=SINCE, by=team.chloe)


def notify(passage, dossier, code="qualite", **changes):
    return mises_en_demeure.send_notice(passage, dossier_id=dossier.pk, code=code, **changes)


def notify_by_post(passage, dossier, code="qualite", **changes):
    """Send a notice, and post it that very day."""
    notice = notify(passage, dossier, code, **changes)
    situations.posted(dossier, on=passage.on, by=passage.agent)
    return notice


def revised(team, dossier, on_day, *, on):
    with on_day(team.alice, on) as passage:
        reopen(passage, dossier, recue_on=on)


def acts(passage, dossier):
    situation = load_situation(passage, pk=dossier.pk)
    return {code for code, _ in list_actes(situation, on=passage.on)}


def test_a_revision_stops_neither_the_notice_nor_the_suspension(team, dossier, on_day):
    with on_day(team.alice, SENT) as passage:
        notify_by_post(passage, dossier)
    revised(team, dossier, on_day, on=date(2026, 7, 10))
    with on_day(team.alice, LATER) as passage:
        assert acts(passage, dossier) >= ON_PAYMENT
        assert suspend(passage, dossier, RECEIVED, "qualite").nature == "suspension"
        assert not acts(passage, dossier) & ON_PAYMENT
    assert (etat(dossier)[0], dossier.etat_droit) == (Etat.COMPLET, Etat.SUSPENDU)


def test_a_notice_sent_during_a_revision_leaves_it_its_deadline(team, dossier, on_day):
    revised(team, dossier, on_day, on=SENT)
    before = etat(dossier)
    with on_day(team.alice, SENT) as passage:
        notify(passage, dossier)
        with pytest.raises(mises_en_demeure.MiseEnDemeureEnCours):
            notify(passage, dossier)
    assert etat(dossier) == before
    assert before[1] == Echeance.VISITE


def test_a_suspended_right_is_not_warned_again_during_its_revision(team, dossier, on_day):
    with on_day(team.alice, SENT) as passage:
        notify_by_post(passage, dossier)
    with on_day(team.alice, LATER) as passage:
        suspend(passage, dossier, RECEIVED, "qualite")
    revised(team, dossier, on_day, on=LATER)
    with on_day(team.alice, LATER) as passage, pytest.raises(mises_en_demeure.DejaSuspendu):
        notify(passage, dossier)


def test_a_first_request_has_no_payment_to_warn_of(team, on_day):
    waiting = situations.ready(team.nord, on=SENT, by=team.chloe)
    with on_day(team.alice, SENT) as passage:
        assert not acts(passage, waiting) & ON_PAYMENT
        with pytest.raises(AucunDroitAInterrompre):
            notify(passage, waiting)


@pytest.mark.parametrize("code", ["declaration", "participation", "justificatifs"])
def test_a_suspension_has_the_ground_of_its_notice(team, dossier, on_day, code):
    situations.unanswered(dossier, by=team.carole, on=SENT)
    with on_day(team.alice, SENT) as passage:
        notify_by_post(passage, dossier, "qualite")
    with on_day(team.alice, LATER) as passage:
        with pytest.raises(suspensions.MotifNonMisEnDemeure, match="mauvaise qualité"):
            suspend(passage, dossier, RECEIVED, code)
        assert suspend(passage, dossier, RECEIVED, "qualite").nature == "suspension"


# Proofs: nobody is reproached with what was not asked.


def answered(dossier, team):
    situations.unanswered(dossier, by=team.carole, on=SENT)
    m.DemandeJustificatif.objects.update(recue_on=SENT - timedelta(days=5))


def still_awaited(dossier, team):
    situations.unanswered(dossier, by=team.carole, on=SENT)
    m.DemandeJustificatif.objects.update(attendue_on=SENT)  # its last day


def of_a_service(dossier, team):
    situations.unanswered(dossier, by=team.carole, on=SENT)
    service = m.Prestataire.objects.create(
        organisme=team.nord.organisme, nom="Aide 1", tarif_horaire=25
    )
    m.DemandeJustificatif.objects.update(prestataire=service)


def of_another_file(_dossier, team):
    other = situations.opened(team.nord, since=SINCE, by=team.chloe, nom="Morel")
    situations.unanswered(other, by=team.carole, on=SENT)


@pytest.mark.parametrize("asked", [None, answered, still_awaited, of_a_service, of_another_file])
def test_no_notice_upon_proofs_that_are_not_missing(team, dossier, on_day, asked):
    if asked:
        asked(dossier, team)
    with (
        on_day(team.alice, SENT) as passage,
        pytest.raises(mises_en_demeure.JustificatifsNonDemandes),
    ):
        notify(passage, dossier, "justificatifs")
    assert not m.Courrier.objects.filter(nature="mise_en_demeure").exists()


def test_the_letters_say_what_was_asked_and_for_which_days(team, dossier, on_day):
    situations.unanswered(dossier, by=team.carole, on=SENT)
    told = "demandés le 22 mai 2026, pour vos dépenses du 2 avril 2026 au 2 mai 2026"
    with on_day(team.alice, SENT) as passage:
        notice = notify_by_post(passage, dossier, "justificatifs", precisions="Fiches de paie.")
    with on_day(team.alice, LATER) as passage:
        decision = suspend(passage, dossier, RECEIVED)
    assert told in decision.motif.replace("\u00a0", " ")
    letters = [notice, m.Courrier.objects.get(decision=decision)]
    for letter in letters:
        assert squeeze(told) in text_of(letter.pdf), letter.nature
    assert notice.motif == "justificatifs"


def test_proofs_that_came_after_the_notice_are_no_ground_any_more(team, dossier, on_day):
    asked = situations.unanswered(dossier, by=team.carole, on=SENT)
    with on_day(team.alice, SENT) as passage:
        notify_by_post(passage, dossier, "justificatifs")
    m.DemandeJustificatif.objects.filter(pk=asked.pk).update(recue_on=SENT)
    with (
        on_day(team.alice, LATER) as passage,
        pytest.raises(mises_en_demeure.JustificatifsNonDemandes),
    ):
        suspend(passage, dossier, RECEIVED)


# The screens.


@pytest.mark.parametrize("revision", [False, True])
def test_the_file_shows_the_notice_that_runs(team, dossier, entering, client, revision):
    with entering(team.alice, INSTRUCTION) as passage:
        notify(passage, dossier)
        if revision:
            reopen(passage, dossier, recue_on=today())
    client.force_login(team.alice, "egide.kernel.access.backends.AgentBackend")
    for address in (
        reverse("apa_ash:decision", args=[dossier.pk]),
        reverse("apa_ash:acte_decision", args=[dossier.pk, "suspension"]),
    ):
        html = client.get(address).content.decode()
        assert "Mise en demeure du" in html
        assert "Aide de mauvaise qualité" in html
    tab = reverse("apa_ash:decision", args=[dossier.pk])
    assert reverse("apa_ash:acte_decision", args=[dossier.pk, "suspension"]) in (
        client.get(tab).content.decode()
    )


def test_no_notice_is_shown_where_none_runs(team, dossier, client):
    client.force_login(team.alice, "egide.kernel.access.backends.AgentBackend")
    html = client.get(reverse("apa_ash:decision", args=[dossier.pk])).content.decode()
    assert "Mise en demeure du" not in html
    sent = {"code": "justificatifs"}
    refused = client.post(
        reverse("apa_ash:acte_decision", args=[dossier.pk, "mise-en-demeure"]), sent
    )
    assert (refused.status_code, "CASF L.\u00a0232-7" in refused.content.decode()) == (422, True)
