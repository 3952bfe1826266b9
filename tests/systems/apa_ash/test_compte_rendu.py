"""What a visit finds beside the grid stays with the team; its advice leaves once, in a letter."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from egide.kernel.access.backends import AgentBackend
from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.policy import BESOINS
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from egide.systems.apa_ash.services import compte_rendu as services
from egide.systems.apa_ash.services.constat import Besoins, Constat
from egide.systems.apa_ash.services.evaluation import record_evaluation
from tests.personas import today
from tests.systems.apa_ash import medico_social as ms
from tests.systems.apa_ash.test_letters import squeeze, text_of

DAY = date(2026, 11, 6)
ADVICE = "Un siège de bain éviterait des chutes.\n\nVotre caisse peut financer du ménage."
BACKEND = f"{AgentBackend.__module__}.{AgentBackend.__qualname__}"


def record(passage, dossier, *, letters="1111", on=DAY, autre_visite=False, **constat):
    return record_evaluation(
        passage,
        dossier_id=dossier.pk,
        jeton=uuid4(),
        faite_on=on,
        adverbes=ms.grid(letters),
        constat=Constat(**constat),
        autre_visite=autre_visite,
    )


@pytest.fixture
def dossier(team):
    return ms.complete(team.nord)


@pytest.fixture
def chloe(client, team):
    client.force_login(team.chloe, backend=BACKEND)
    return client


def test_what_weighs_nothing_is_kept_and_moves_no_gir(team, dossier, entering):
    besoins = Besoins(logement="Deuxième étage", aidants="Sa fille se fatigue")
    with entering(team.chloe, EVALUATION) as passage:
        bare = record(passage, dossier)
        noted = {"illustratives": {"menage": "C", "gestion": "B"}, "besoins": besoins}
        told = record(passage, dossier, autre_visite=True, **noted)
    assert (bare.gir, bare.grille.rang) == (told.gir, told.grille.rang)
    assert (bare.grille.illustratives, told.grille.illustratives) == (
        {},
        {"gestion": "B", "menage": "C"},
    )
    assert (told.besoins.logement, told.besoins.conseils) == ("Deuxième étage", "")


@pytest.mark.clause("APA-23", "APA-26", "APA-27")
@pytest.mark.parametrize("name", ["alice", "bruno", "paul", "carole", "remi", "denis"])
def test_nobody_but_the_team_reads_what_a_visit_found(team, dossier, entering, name):
    with entering(team.chloe, EVALUATION) as passage:
        made = record(passage, dossier, besoins=Besoins(souhaits="Rester chez elle"))
        assert BESOINS.get(passage, evaluation=made).souhaits == "Rester chez elle"
    for purpose in (INSTRUCTION, EVALUATION):
        with entering(team.agents[name], purpose) as passage, pytest.raises(Refused):
            BESOINS.get(passage, evaluation=made)
    with (
        entering(team.alice, INSTRUCTION),
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        cursor.execute("SELECT souhaits FROM apa_ash_evaluationbesoins")


def test_the_advice_leaves_once_in_a_letter_of_the_file(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage:
        made = record(passage, dossier, besoins=Besoins(conseils="à revoir"))
        services.send_compte_rendu(passage, dossier_id=dossier.pk, conseils=ADVICE)
        with pytest.raises(services.DejaEnvoye):
            services.send_compte_rendu(passage, dossier_id=dossier.pk, conseils="autre chose")
    besoins = m.EvaluationBesoins.objects.get(evaluation=made)
    assert (besoins.conseils, besoins.compte_rendu_on) == (ADVICE, today())
    letter = m.Courrier.objects.get(dossier=dossier)
    assert (letter.nature, letter.cree_on) == ("compte_rendu", today())
    text = text_of(bytes(letter.pdf))
    assert squeeze(ADVICE) in text
    # The advice is no decision: who disagrees is told where that will be said.
    assert squeeze("un autre courrier, qui dira comment la contester") in text


def test_a_new_visit_has_a_report_of_its_own(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage:
        record(passage, dossier, on=DAY - timedelta(days=1))
        services.send_compte_rendu(passage, dossier_id=dossier.pk, conseils=ADVICE)
        record(passage, dossier, autre_visite=True)
        services.send_compte_rendu(passage, dossier_id=dossier.pk, conseils=ADVICE)
    assert m.Courrier.objects.filter(dossier=dossier).count() == 2


def test_no_report_without_a_visit(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(services.SansEvaluation):
        services.send_compte_rendu(passage, dossier_id=dossier.pk, conseils=ADVICE)


@pytest.mark.parametrize(
    ("letters", "conseils", "dead", "refusal"),
    [
        ("0000", ADVICE, False, services.PlanAttendu),
        ("1111", " \n ", False, services.SansConseil),
        ("1111", ADVICE, True, services.PersonneDecedee),
    ],
)
def test_a_report_that_cannot_leave_changes_nothing(
    team, dossier, entering, letters, conseils, dead, refusal
):
    if dead:
        m.Identite.objects.filter(dossier=dossier).update(deces_on=DAY)
    with entering(team.chloe, EVALUATION) as passage:
        made = record(passage, dossier, letters=letters)
        with pytest.raises(refusal):
            services.send_compte_rendu(passage, dossier_id=dossier.pk, conseils=conseils)
    besoins = m.EvaluationBesoins.objects.get(evaluation=made)
    assert (besoins.conseils, besoins.compte_rendu_on) == ("", None)
    assert not m.Courrier.objects.exists()


def test_the_screen_keeps_the_needs_and_leads_to_the_report(chloe, dossier):
    posted = ms.posted(ms.grid("1111")) | {
        "jeton": str(uuid4()),
        "faite_on": DAY.isoformat(),
        "illustrative.cuisine": "B",
        "logement": "Maison de plain-pied",
        "conseils": ADVICE,
    }
    page = reverse("apa_ash:aggir", args=[dossier.pk])
    refused = chloe.post(page, posted | {"illustrative.cuisine": "D"})
    assert refused.status_code == 422
    assert "Réponse inconnue" in refused.content.decode()
    assert "Maison de plain-pied" in refused.content.decode()
    report = reverse("apa_ash:compte_rendu", args=[dossier.pk])
    assert chloe.post(page, posted)["Location"] == report
    shown = chloe.get(page).content.decode()
    assert "Maison de plain-pied" in shown
    assert "Cuisine" in shown
    assert "siège de bain" in chloe.get(report).content.decode()
    assert chloe.post(report, {"conseils": ""}).status_code == 422
    assert chloe.post(report, {"conseils": ADVICE}).status_code == 302
    assert "Envoyé le" in chloe.get(report).content.decode()


@pytest.mark.parametrize("who", ["alice", "paul", "carole", "remi", "denis", "nora"])
def test_the_report_is_the_team_s(client, team, dossier, who):
    client.force_login(team.agents[who], backend=BACKEND)
    page = reverse("apa_ash:compte_rendu", args=[dossier.pk])
    assert client.get(page).status_code == 404
    assert client.post(page, {"conseils": ADVICE}).status_code == 404
    assert not m.Courrier.objects.exists()
