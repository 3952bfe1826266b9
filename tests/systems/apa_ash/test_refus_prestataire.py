"""In GIR 1 or 2 the person alone sets the service prestataire aside, in writing on the plan."""

import io
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse
from pypdf import PdfReader

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.plan import EtatPlan, ModeAide
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from egide.systems.apa_ash.services import plan as drafts
from egide.systems.apa_ash.services import proposition as services
from tests.personas import today
from tests.systems.apa_ash import medico_social as ms
from tests.systems.apa_ash import signature

SENTENCE = "refusé par écrit"


def plan_of(team, *, gir=2, mode=ModeAide.GRE_A_GRE, **fields):
    dossier = ms.evaluated(team.nord, team.chloe, gir=gir)
    plan = ms.draft(dossier, gir=gir, **fields)
    service = ms.saad(dossier) if mode == ModeAide.PRESTATAIRE else None
    ms.ligne(plan, service=service, mode=mode, volume_mensuel=Decimal(20))
    return plan


@pytest.fixture
def plan(team):
    """A GIR 2 helped by somebody whom the person employs."""
    return plan_of(team)


@pytest.fixture
def chloe(client, team):
    client.force_login(team.chloe, backend="egide.kernel.access.backends.AgentBackend")
    return client


def page_of(client, plan):
    return client.get(reverse("apa_ash:evaluation_plan", args=[plan.dossier_id])).content.decode()


def letter():
    pdf = m.Courrier.objects.order_by("-pk").first().pdf
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(bytes(pdf))).pages)
    return " ".join(text.split())


def record(passage, plan, on):
    return drafts.record_refus_prestataire(passage, plan_id=plan.pk, refus_on=on)


@pytest.mark.parametrize("gir", [1, 2, 3])
@pytest.mark.parametrize("mode", list(ModeAide))
def test_only_another_employer_in_gir_1_or_2_waits_for_the_refusal(team, entering, gir, mode):
    plan = plan_of(team, gir=gir, mode=mode)
    with entering(team.chloe, EVALUATION) as passage:
        if gir < 3 and mode in {ModeAide.GRE_A_GRE, ModeAide.MANDATAIRE}:
            with pytest.raises(services.RefusPrestataireMissing, match="refusé par écrit"):
                services.propose_plan_aide(passage, plan_id=plan.pk)
            record(passage, plan, today())
        services.propose_plan_aide(passage, plan_id=plan.pk)
    plan.refresh_from_db()
    assert plan.etat == EtatPlan.PROPOSE


def test_the_refusal_is_dated_signed_and_told(team, plan, entering):
    with entering(team.chloe, EVALUATION) as passage:
        record(passage, plan, today())
        services.propose_plan_aide(passage, plan_id=plan.pk)
    plan.refresh_from_db()
    assert plan.refus_prestataire_on == today()
    assert plan.refus_prestataire_par == team.chloe
    assert SENTENCE in letter()
    assert "232-13" in letter()


def test_a_refusal_that_nothing_rests_on_is_not_told(team, entering):
    plan = plan_of(team, mode=ModeAide.PRESTATAIRE)
    with entering(team.chloe, EVALUATION) as passage:
        record(passage, plan, today())
        services.propose_plan_aide(passage, plan_id=plan.pk)
    assert SENTENCE not in letter()


@pytest.mark.parametrize("told", [True, False])
def test_the_decision_states_the_refusal_it_rests_on(team, entering, told):
    plan = plan_of(
        team,
        mode=ModeAide.GRE_A_GRE if told else ModeAide.AUTRE,
        etat=EtatPlan.ACCEPTE,
        effet_on=today(),
        envoye_on=today(),
        reponse_on=today(),
        refus_prestataire_on=today(),
        refus_prestataire_par=team.chloe,
    )
    m.Dossier.objects.filter(pk=plan.dossier_id).update(etat=Etat.ACCEPTE)
    with entering(team.alice, INSTRUCTION) as passage:
        signature.accord(
            passage,
            plan.dossier_id,
            effet_on=today(),
            revision_on=today() + timedelta(days=700),
        )
    assert (SENTENCE in letter()) is told


def test_the_refusal_is_dated_between_the_request_and_today(team, plan, entering):
    asked = m.Demande.objects.get(dossier=plan.dossier).recue_on
    with entering(team.chloe, EVALUATION) as passage:
        for day in (asked - timedelta(days=1), today() + timedelta(days=1)):
            with pytest.raises(drafts.BadRefusDay):
                record(passage, plan, day)
        assert record(passage, plan, asked).refus_prestataire_on == asked


def test_what_was_recorded_by_mistake_is_taken_back_and_nothing_once_sent(team, plan, entering):
    with entering(team.chloe, EVALUATION) as passage:
        record(passage, plan, today())
        taken = record(passage, plan, None)
        assert (taken.refus_prestataire_on, taken.refus_prestataire_par_id) == (None, None)
        record(passage, plan, today())
        services.propose_plan_aide(passage, plan_id=plan.pk)
        with pytest.raises(drafts.PlanAlreadySent):
            record(passage, plan, None)


def test_a_definitive_proposal_waits_for_its_own_refusal(team, plan, entering):
    """The refusal is written on the plan that is submitted (CASF R. 232-13): on this one."""
    with entering(team.chloe, EVALUATION) as passage:
        record(passage, plan, today())
        services.propose_plan_aide(passage, plan_id=plan.pk)
        services.record_observations(
            passage, plan_id=plan.pk, reponse_on=today(), observations="Moins d’heures."
        )
        again = drafts.open_plan_aide(
            passage, dossier_id=plan.dossier_id, jeton=uuid4(), effet_on=ms.EFFET_ON
        )
        assert again.refus_prestataire_on is None
        with pytest.raises(services.RefusPrestataireMissing):
            services.propose_plan_aide(passage, plan_id=again.pk)


@pytest.mark.parametrize("name", ["alice", "bruno", "paul", "remi", "denis", "nora", "victor"])
def test_nobody_but_the_team_records_it(team, plan, entering, name):
    for purpose in (EVALUATION, INSTRUCTION):
        with (
            entering(team.agents[name], purpose) as passage,
            pytest.raises((Refused, ProgrammingError)),  # the rows, or else the columns
            transaction.atomic(),
        ):
            record(passage, plan, today())
    plan.refresh_from_db()
    assert plan.refus_prestataire_on is None


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("etat = 'propose', envoye_on = access.today()", "needs the written refusal"),
        (
            "refus_prestataire_on = access.today(), refus_prestataire_par_id = %(other)s",
            "signed by the agent",
        ),
        ("refus_prestataire_on = access.today()", "plan_aide_refus|signed by"),
    ],
)
def test_postgresql_keeps_it_too(team, plan, entering, columns, words):
    sql = f"UPDATE apa_ash_planaide SET {columns} WHERE id = %(plan)s"
    values = {"plan": plan.pk, "other": team.alice.pk}
    with (
        entering(team.chloe, EVALUATION),
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match=words),
        transaction.atomic(),
    ):
        cursor.execute(sql, values)


def test_no_draft_begins_with_a_refusal(team, entering):
    dossier = ms.evaluated(team.nord, team.chloe, gir=2)
    insert = (
        "INSERT INTO apa_ash_planaide (id, service_id, dossier_id, etat, gir, effet_on, definitif,"
        " observations, refus_prestataire_on, refus_prestataire_par_id)"
        " VALUES (%s, %s, %s, 'brouillon', 2, access.today(), false, '', access.today(), %s)"
    )
    with (
        entering(team.chloe, EVALUATION),
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="begins as a draft"),
        transaction.atomic(),
    ):
        cursor.execute(insert, [uuid4(), dossier.service_id, dossier.pk, team.chloe.pk])


# --- the screen


def post(client, plan, **data):
    url = reverse("apa_ash:plan_refus_prestataire", args=[plan.dossier_id, plan.pk])
    return client.post(url, data, follow=True).content.decode()


def test_the_box_and_its_date_are_where_the_warning_is(chloe, plan):
    page = page_of(chloe, plan)
    assert "refus exprès écrit" in page
    assert "Date du refus écrit" in page
    sent = chloe.post(
        reverse("apa_ash:plan_envoyer", args=[plan.dossier_id, plan.pk]), follow=True
    ).content.decode()
    assert "enregistrez ce refus" in sent
    page = post(chloe, plan, refuse="on", refus_on=today().isoformat())
    assert "Refus écrit enregistré" in page
    assert SENTENCE in page
    assert "refus exprès écrit" not in page
    assert "Refus retiré" in post(chloe, plan, refus_on="")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subjects FROM audit.trail WHERE outcome = 'fait'"
            " AND verb = 'enregistrer le refus du service prestataire'"
        )
        assert cursor.fetchall() == [([plan.dossier_id],)] * 2


@pytest.mark.parametrize("data", [{"refuse": "on"}, {"refus_on": "2026-11-20"}])
def test_neither_goes_without_the_other(chloe, plan, data):
    assert "ou ni l’un ni l’autre" in post(chloe, plan, **data)
    plan.refresh_from_db()
    assert plan.refus_prestataire_on is None


def test_a_plan_that_needs_no_refusal_asks_for_none(chloe, team):
    assert "Date du refus écrit" not in page_of(chloe, plan_of(team, gir=3))


def test_the_plan_of_another_service_is_absent(chloe, team):
    elsewhere = ms.draft(ms.evaluated(team.sud, team.chloe, gir=2), gir=2)
    url = reverse("apa_ash:plan_refus_prestataire", args=[elsewhere.dossier_id, elsewhere.pk])
    answer = chloe.post(url, {"refuse": "on", "refus_on": today().isoformat()})
    assert answer.status_code == 404
