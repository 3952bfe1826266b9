"""What stops a right is proposed by one agent and signed by another: nothing stops before."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.queries import projets as queries
from egide.systems.apa_ash.services import arrets, fins, mises_en_demeure, projets, suspensions
from tests.personas import grant, today
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.situations import droits
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_mise_en_demeure import LATER, RECEIVED, SENT, notify_by_post
from tests.systems.apa_ash.test_suites_decision import APA, SINCE, due, reopen, resume

BACKEND = "egide.kernel.access.backends.AgentBackend"


@pytest.fixture
def dossier(team):
    return situations.opened(team.nord, since=SINCE, by=team.chloe)


@pytest.fixture
def warned(team, dossier, on_day):
    with on_day(team.alice, SENT) as passage:
        notify_by_post(passage, dossier)
    return dossier


def suspension(passage, dossier, **changes):
    values = {"jeton": uuid.uuid4(), "recue_on": RECEIVED, "code": "qualite"} | changes
    return arrets.propose_suspension(passage, dossier_id=dossier.pk, **values)


def fin(passage, dossier, **changes):
    values = {"jeton": uuid.uuid4(), "code": "renonciation", "fin_on": passage.on} | changes
    return arrets.propose_fin(passage, dossier_id=dossier.pk, **values)


def nothing_stops(dossier):
    dossier.refresh_from_db()
    return (
        droits(dossier) == [(SINCE, None, APA)]
        and dossier.etat == Etat.OUVERT
        and not m.Decision.objects.filter(dossier=dossier, nature__in=["suspension", "fin"])
        and not m.Interruption.objects.filter(dossier=dossier)
        and not m.Courrier.objects.filter(dossier=dossier, nature__in=["suspension", "fin_droit"])
    )


@pytest.mark.parametrize("propose", [suspension, fin])
def test_nothing_stops_before_the_signature(team, warned, on_day, propose):
    with on_day(team.alice, LATER) as passage:
        projet = propose(passage, warned)
        assert propose(passage, warned, jeton=projet.pk) == projet  # sent twice
        with pytest.raises(projets.DejaPropose):
            propose(passage, warned)
    assert nothing_stops(warned)
    with on_day(team.remi, LATER) as passage:
        decision = projets.sign_projet(passage, projet_id=projet.pk)
        assert projets.sign_projet(passage, projet_id=projet.pk) == decision
    assert (decision.pk, decision.prise_par_id, decision.motif) == (
        projet.pk,
        team.remi.pk,
        projet.motif,
    )
    assert not nothing_stops(warned)
    letter = m.Courrier.objects.get(decision=decision)
    text = text_of(letter.pdf)
    for told in ("Rémi Girard", "Affaire suivie par : Alice Martin"):
        assert squeeze(told) in text


def test_a_suspension_starts_after_the_month_of_its_signature(team, warned, on_day):
    with on_day(team.alice, LATER) as passage:
        projet = suspension(passage, warned)
    assert projet.effet_on is None
    with on_day(team.remi, date(2026, 9, 2)) as passage:
        assert projets.sign_projet(passage, projet_id=projet.pk).effet_on == date(2026, 10, 1)
        assert due(passage, warned, date(2026, 9, 1)).montant == APA
        assert due(passage, warned, date(2026, 10, 1)).montant == 0


@pytest.mark.parametrize("propose", [suspension, fin])
def test_nobody_signs_the_stop_that_they_prepared(team, warned, on_day, propose):
    grant(team.nora, Role.RESPONSABLE, team.nord, by=team.admin)
    with on_day(team.remi, LATER) as passage:
        projet = propose(passage, warned)
        with pytest.raises(projets.SignatureDeSonProjet):
            projets.sign_projet(passage, projet_id=projet.pk)
    assert nothing_stops(warned)
    with on_day(team.nora, LATER) as passage:
        assert projets.sign_projet(passage, projet_id=projet.pk).prise_par_id == team.nora.pk


@pytest.mark.parametrize("name", ["alice", "bruno", "chloe", "carole", "paul", "edith", "victor"])
@pytest.mark.parametrize("propose", [suspension, fin])
def test_who_holds_no_delegation_stops_nothing(team, warned, on_day, propose, name):
    with on_day(team.remi, LATER) as passage:
        projet = propose(passage, warned)
    with on_day(team.agents[name], LATER) as passage, pytest.raises(Refused):
        projets.sign_projet(passage, projet_id=projet.pk)
    assert nothing_stops(warned)


@pytest.mark.parametrize("name", ["bruno", "chloe", "carole", "paul", "edith", "victor", "denis"])
@pytest.mark.parametrize("propose", [suspension, fin])
def test_who_does_not_instruct_proposes_no_stop(team, warned, on_day, propose, name):
    with on_day(team.agents[name], LATER) as passage, pytest.raises(Refused):
        propose(passage, warned)
    assert not m.ProjetDecision.objects.exists()


# What held when it was proposed holds when it is signed.


def refused_at_signature(team, on_day, projet, refusal, on=LATER):
    with on_day(team.remi, on) as passage, pytest.raises(refusal):
        projets.sign_projet(passage, projet_id=projet.pk)


@pytest.mark.parametrize(("late", "refused"), [(1, True), (0, False)])
def test_an_end_whose_last_day_is_past_is_sent_back(team, dossier, on_day, late, refused):
    with on_day(team.alice, LATER) as passage:
        projet = fin(passage, dossier)
    day = LATER + timedelta(days=late)
    if not refused:
        with on_day(team.remi, day) as passage:
            assert projets.sign_projet(passage, projet_id=projet.pk).effet_on == LATER
        return
    refused_at_signature(team, on_day, projet, fins.FinPassee, on=day)
    assert nothing_stops(dossier)
    with on_day(team.remi, day) as passage:
        projets.return_projet(passage, projet_id=projet.pk, motif="Le dernier jour est passé.")
    with on_day(team.alice, day) as passage:
        assert fin(passage, dossier).etat == "propose"


def test_a_gir_that_rose_since_ends_no_right(team, dossier, on_day):
    m.Evaluation.objects.filter(dossier=dossier).update(gir=5)
    with on_day(team.alice, LATER) as passage:
        projet = fin(passage, dossier, code="gir")
    m.Evaluation.objects.filter(dossier=dossier).update(gir=4)
    refused_at_signature(team, on_day, projet, projets.rejets.MotifContredit)


def test_a_right_closed_since_is_not_closed_again(team, dossier, on_day):
    with on_day(team.alice, LATER) as passage:
        projet = fin(passage, dossier)
        fins.record_deces(passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, deces_on=SENT)
    refused_at_signature(team, on_day, projet, fins.AucunDroitAFermer)


def test_proofs_that_came_since_suspend_nothing(team, dossier, on_day):
    asked = situations.unanswered(dossier, by=team.carole, on=SENT)
    with on_day(team.alice, SENT) as passage:
        notify_by_post(passage, dossier, "justificatifs")
    with on_day(team.alice, LATER) as passage:
        projet = suspension(passage, dossier, code="justificatifs", precisions="Fiches de paie.")
    assert projet.motif.endswith("Fiches de paie.")
    # Other proofs are missing now than those that the proposal says.
    m.DemandeJustificatif.objects.update(depuis=asked.depuis - timedelta(days=1))
    refused_at_signature(team, on_day, projet, suspensions.MotifChange)
    m.DemandeJustificatif.objects.update(depuis=asked.depuis, recue_on=SENT)
    refused_at_signature(team, on_day, projet, mises_en_demeure.JustificatifsNonDemandes)
    assert nothing_stops(dossier)


def test_a_move_is_recorded_by_its_signature(team, dossier, on_day):
    with on_day(team.alice, LATER) as passage:
        projet = fin(passage, dossier, code="depart", fin_on=date(2026, 7, 15), departement="02")
    assert (projet.effet_on, projet.fait_on) == (date(2026, 10, 14), date(2026, 7, 15))
    dossier.refresh_from_db()
    assert dossier.departement_secours != "02"
    with on_day(team.remi, LATER) as passage:
        assert projets.sign_projet(passage, projet_id=projet.pk).effet_on == date(2026, 10, 14)
    dossier.refresh_from_db()
    assert dossier.departement_secours == "02"


# Beside what is decided on a request.


def test_a_suspension_waits_beside_the_agreement_of_a_revision(team, warned, on_day):
    with on_day(team.alice, LATER) as passage:
        reopen(passage, warned, recue_on=LATER)
        accord = projets.propose_accord(
            passage,
            jeton=uuid.uuid4(),
            dossier_id=warned.pk,
            effet_on=LATER,
            revision_on=date(2028, 8, 1),
        )
        stop = suspension(passage, warned)
    with on_day(team.remi, LATER) as passage:
        assert projets.sign_projet(passage, projet_id=stop.pk).nature == "suspension"
        assert projets.sign_projet(passage, projet_id=accord.pk).nature == "accord"
    warned.refresh_from_db()
    assert warned.etat == Etat.SUSPENDU
    with on_day(team.alice, LATER) as passage:
        assert resume(passage, warned, LATER).nature == "reprise"


@pytest.mark.parametrize(("days", "told"), [(31, True), (32, False)])
def test_a_stop_that_came_back_is_told_for_a_month(team, dossier, on_day, days, told):
    with on_day(team.alice, LATER) as passage:
        projet = fin(passage, dossier)
    with on_day(team.remi, LATER) as passage:
        projets.return_projet(passage, projet_id=projet.pk, motif="Elle ne renonce plus.")
    with on_day(team.alice, LATER + timedelta(days=days)) as passage:
        assert bool(queries.list_renvoyes(passage)) is told
    with on_day(team.alice, LATER) as passage:
        fin(passage, dossier)
        assert queries.list_renvoyes(passage) == []


# The screens.


@pytest.fixture
def as_agent(client, team):
    def enter(name):
        client.force_login(team.agents[name], BACKEND)
        return client

    return enter


@pytest.fixture
def proposed(team, dossier, entering):
    """A suspension of a notice sent two months ago, and received the next day."""
    with entering(team.alice, INSTRUCTION) as passage:
        notify_by_post(passage, dossier)
    sent = today() - timedelta(days=60)
    m.Courrier.objects.filter(dossier=dossier).update(
        cree_on=sent, poste_on=sent, poste_constate_on=sent
    )
    with entering(team.alice, INSTRUCTION) as passage:
        return suspension(passage, dossier, recue_on=sent + timedelta(days=1))


def test_the_signatory_reads_the_notice_its_receipt_and_what_stops(as_agent, dossier, proposed):
    html = as_agent("remi").get(reverse("apa_ash:projet", args=[proposed.pk])).content.decode()
    notice = m.Courrier.objects.get(dossier=dossier, nature="mise_en_demeure")
    assert reverse("apa_ash:courrier", args=[notice.pk]) in html
    told = html.replace("\u00a0", " ")
    for said in (
        "Aide de mauvaise qualité",
        "848,20 € par mois",
        "rien n’est plus versé à compter",
    ):
        assert said in told, said
    assert "Signer la décision" in told


def test_the_file_tells_the_proposal_and_offers_no_other_stop(as_agent, dossier, proposed):
    page = reverse("apa_ash:decision", args=[dossier.pk])
    acts = [
        reverse("apa_ash:acte_decision", args=[dossier.pk, code]) for code in ("suspension", "fin")
    ]
    html = as_agent("alice").get(page).content.decode()
    assert reverse("apa_ash:projet_retrait", args=[dossier.pk, proposed.pk]) in html
    assert not [act for act in acts if act in html]
    client = as_agent("remi")
    sent = {"motif": "Elle a changé de service."}
    assert (
        client.post(reverse("apa_ash:projet_renvoi", args=[proposed.pk]), sent).status_code == 302
    )
    client = as_agent("alice")
    html = client.get(page).content.decode()
    assert "Elle a changé de service" in html
    assert [act for act in acts if act in html] == acts
    assert "Elle a changé de service" in client.get(reverse("apa_ash:journee")).content.decode()


def test_stops_are_signed_together_with_the_rest(as_agent, team, dossier, proposed, entering):
    other = situations.opened(team.nord, since=SINCE, by=team.chloe, nom="Morel")
    with entering(team.alice, INSTRUCTION) as passage:
        end = fin(passage, other)
    client = as_agent("remi")
    address = reverse("apa_ash:a_signer")
    html = client.get(address).content.decode().replace("\u00a0", " ")
    assert "le 1er du mois qui suit la signature" in html
    assert "dernier jour," in html
    sent = {"projets": [str(proposed.pk), str(end.pk)]}
    assert "2 décisions signées" in client.post(address, sent, follow=True).content.decode()
    assert {d.nature for d in m.Decision.objects.filter(pk__in=[proposed.pk, end.pk])} == {
        "suspension",
        "fin",
    }


def test_an_end_is_proposed_from_its_page(as_agent, dossier):
    client = as_agent("alice")
    address = reverse("apa_ash:acte_decision", args=[dossier.pk, "fin"])
    sent = {"jeton": str(uuid.uuid4()), "code": "depart", "fin_on": today().isoformat()}
    assert client.post(address, sent).status_code == 422  # no département
    assert client.post(address, sent | {"departement": "02"}).status_code == 302
    projet = m.ProjetDecision.objects.get(dossier=dossier)
    html = as_agent("remi").get(reverse("apa_ash:projet", args=[projet.pk])).content.decode()
    assert "Nouveau département" in html
    assert "L.\u00a0122-2" in html
    assert Decimal(droits(dossier)[0][2]) == APA
