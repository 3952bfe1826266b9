"""The visit, the AGGIR grid by adverbs and the GIR, under the purposes that may touch them."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel.access.colleagues import colleagues
from egide.kernel.access.models import Habilitation, HabilitationService
from egide.kernel.access.passage import Refused
from egide.rules.aggir import ENTREES, ILLUSTRATIVES, evaluate, from_adverbes
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.forms.evaluation import VisiteForm, text_field
from egide.systems.apa_ash.forms.plan import ReponseForm
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.policy import GRILLES, RESSOURCES
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION, Role
from egide.systems.apa_ash.queries.agenda import agenda_of
from egide.systems.apa_ash.services import evaluation as services
from egide.systems.apa_ash.services.constat import Constat
from egide.systems.apa_ash.services.visites import AutreVisite, day_to_grade
from tests import factories
from tests.personas import grant, today
from tests.systems.apa_ash import medico_social as ms

DAY = date(2026, 11, 6)


def sql(query, *params):
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()


# session, agent, habilitations, passage, then colleagues, visits and files, then the
# trail and the session that lives on.
AGENDA_STATEMENTS = 9
# The same six around, then file, colleagues, address, visits, evaluations, carers, protection,
# request.
DOSSIER_STATEMENTS = 14


def statements(seen):
    """Count what a server runs: the savepoints of a test's own transaction are not its."""
    ours = ("SAVEPOINT", "RELEASE", "SELECT set_config('role', 'none'")
    return sum(not query["sql"].startswith(ours) for query in seen.captured_queries)


def record(passage, dossier, **changes):
    values = {
        "dossier_id": dossier.pk,
        "jeton": uuid4(),
        "faite_on": DAY,
        "adverbes": ms.grid("0000"),
        "constat": Constat(observations="Monte l’escalier avec peine"),
    } | changes
    return services.record_evaluation(passage, **values)


def plan_visite(passage, dossier, who, **changes):
    values = {
        "dossier_id": dossier.pk,
        "jeton": uuid4(),
        "prevue_on": today() + timedelta(days=3),
        "creneau": "9 h 30",
        "evaluateur_id": who.pk,
    } | changes
    return services.plan_visite(passage, **values)


def note_visite(passage, dossier, who, **changes):
    values = {
        "dossier_id": dossier.pk,
        "jeton": uuid4(),
        "faite_on": DAY,
        "creneau": "matin",
        "evaluateur_id": who.pk,
    } | changes
    return services.note_visite(passage, **values)


@pytest.fixture
def dossier(team):
    return ms.complete(team.nord)


# --- the grid


def test_the_act_keeps_the_gir_for_instruction_and_the_evidence_for_the_team(
    team, dossier, entering
):
    adverbes = ms.grid(transferts="0000", alimentation__manger="1110", toilette__bas="0000")
    expected = evaluate(from_adverbes(adverbes, on=DAY))
    with entering(team.chloe, EVALUATION) as passage:
        made = record(passage, dossier, adverbes=adverbes)
    grid = m.GrilleAggir.objects.get(evaluation=made)
    assert (made.gir, made.auteur_id, made.faite_on) == (expected.gir, team.chloe.pk, DAY)
    assert (grid.lettres, grid.groupe, grid.rang) == (
        expected.lettres,
        expected.groupe,
        expected.rang,
    )
    assert grid.sommes == dict(expected.sommes)
    assert grid.adverbes == adverbes
    assert grid.version == expected.version
    visite = m.Visite.objects.get(dossier=dossier)
    assert (visite.realisee_on, visite.pk) == (DAY, made.visite_id)


def test_a_dependent_person_waits_for_a_proposal_within_thirty_days(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage:
        assert record(passage, dossier).gir == 1
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.echeance, dossier.echeance_on) == (
        Etat.EVALUE,
        Echeance.PROPOSITION,
        date(2026, 11, 18),
    )
    assert dossier.dernier_contact_on == DAY


def test_in_gir_6_there_is_no_plan_and_the_refusal_is_to_decide(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage:
        assert record(passage, dossier, adverbes=ms.grid("1111")).gir == 6
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.echeance, dossier.echeance_on) == (
        Etat.EVALUE,
        Echeance.DECISION,
        date(2026, 12, 19),
    )


def test_the_same_grid_sent_twice_is_kept_once(team, dossier, entering):
    token, other = uuid4(), ms.complete(team.nord, nom="Morel")
    with entering(team.chloe, EVALUATION) as passage:
        first = record(passage, dossier, jeton=token)
        assert record(passage, dossier, jeton=token, adverbes=ms.grid("1111")) == first
        with pytest.raises(Refused):
            record(passage, other, jeton=token)
    assert m.Evaluation.objects.count() == m.GrilleAggir.objects.count() == 1


@pytest.mark.parametrize(
    ("adverbes", "etat"), [("1111", EtatPlan.SANS_SUITE), ("0000", EtatPlan.BROUILLON)]
)
def test_a_new_gir_puts_aside_the_draft_that_was_built_for_the_other(
    team, entering, adverbes, etat
):
    """In GIR 6, then in GIR 1: a draft of GIR 1 holds under the same, and nobody else's moves."""
    dossier = ms.evaluated(team.nord, team.chloe, gir=1)
    draft, other = ms.draft(dossier, gir=1), ms.draft(ms.evaluated(team.nord, team.chloe, gir=3))
    former = ms.draft(dossier, gir=3, etat=EtatPlan.REFUSE)
    with entering(team.chloe, EVALUATION) as passage:
        record(passage, dossier, adverbes=ms.grid(adverbes))
    found = dict(m.PlanAide.objects.values_list("pk", "etat"))
    assert found == {
        draft.pk: etat,
        other.pk: EtatPlan.BROUILLON,
        former.pk: EtatPlan.REFUSE,
    }


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"faite_on": date(2099, 1, 1)}, services.EvaluationInTheFuture),
        ({"faite_on": date(2026, 10, 11)}, services.EvaluationBeforeRequest),
        ({"adverbes": ms.grid(transferts="01")}, services.IncompleteGrid),
        ({"adverbes": dict.fromkeys(ENTREES[1:], "1111")}, services.IncompleteGrid),
    ],
)
def test_a_bad_grid_changes_nothing(team, dossier, entering, changes, refusal):
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(refusal):
        record(passage, dossier, **changes)
    dossier.refresh_from_db()
    assert dossier.etat == Etat.COMPLET
    assert not m.Evaluation.objects.exists()
    assert not m.Visite.objects.exists()


def test_a_visit_of_an_earlier_request_may_precede_the_last_one(team, dossier, entering):
    m.Demande.objects.filter(dossier=dossier).update(recue_on=date(2026, 10, 1))
    m.Demande.objects.create(
        service=team.nord, dossier=dossier, nature="revision", recue_on=date(2026, 11, 9)
    )
    with entering(team.chloe, EVALUATION) as passage:
        with pytest.raises(services.EvaluationBeforeRequest):
            record(passage, dossier)
        m.Visite.objects.create(
            service=team.nord, dossier=dossier, evaluateur=team.chloe, prevue_on=DAY
        )
        assert record(passage, dossier).faite_on == DAY


@pytest.mark.parametrize("etat", [Etat.RECU, Etat.INCOMPLET, Etat.PROPOSE, Etat.REJETE, Etat.CLOS])
def test_a_grid_is_refused_where_the_procedure_is_elsewhere(team, dossier, entering, etat):
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=etat)
    with (
        entering(team.chloe, EVALUATION) as passage,
        pytest.raises(services.NotReadyForEvaluation),
    ):
        record(passage, dossier)


def test_a_review_leaves_the_right_open(team, dossier, entering):
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=Etat.OUVERT)
    with entering(team.chloe, EVALUATION) as passage:
        record(passage, dossier)
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.echeance) == (Etat.OUVERT, Echeance.PROPOSITION)


@pytest.mark.clause("APA-26", "APA-27")
@pytest.mark.parametrize("name", ["alice", "bruno", "paul", "carole", "remi", "denis", "nora"])
def test_nobody_but_the_team_reads_a_grid(team, dossier, entering, name):
    with entering(team.chloe, EVALUATION) as passage:
        made = record(passage, dossier)
        assert GRILLES.get(passage, evaluation=made).rang == 1
    for purpose in (INSTRUCTION, EVALUATION):
        with entering(team.agents[name], purpose) as passage:
            with pytest.raises(Refused):
                GRILLES.get(passage, evaluation=made)
            if purpose == EVALUATION:
                assert sql("SELECT lettres FROM apa_ash_grilleaggir") == []
            else:
                with (
                    pytest.raises(ProgrammingError, match="permission denied"),
                    transaction.atomic(),
                ):
                    sql("SELECT lettres FROM apa_ash_grilleaggir")


def test_the_team_of_another_service_reads_and_writes_nothing(team, entering):
    elsewhere = ms.complete(team.sud, nom="Morel")
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(Refused):
        record(passage, elsewhere)


@pytest.mark.clause("APA-17")
def test_the_team_reads_two_figures_of_the_resources_and_nothing_else(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage:
        assert RESSOURCES.get(passage, dossier=dossier).ressources_mensuelles == 1500
        assert sql("SELECT couple, ressources_mensuelles FROM apa_ash_ressources")
        for column in ("neutralisation", "source", "annee_reference", "recueillies_on"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                sql(f"SELECT {column} FROM apa_ash_ressources")
        for table in ("apa_ash_ligneressource", "apa_ash_nir", "apa_ash_comptebancaire"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                sql(f"SELECT * FROM {table}")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            sql("UPDATE apa_ash_ressources SET ressources_mensuelles = 0 RETURNING id")


# --- the visit


@pytest.mark.parametrize(("name", "purpose"), [("chloe", EVALUATION), ("alice", INSTRUCTION)])
def test_both_purposes_plan_a_visit(team, dossier, entering, name, purpose):
    with entering(team.agents[name], purpose) as passage:
        visite = plan_visite(passage, dossier, team.chloe)
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.echeance, dossier.dernier_contact_on) == (
        Etat.VISITE,
        Echeance.VISITE,
        today(),
    )
    assert (visite.evaluateur_id, visite.creneau) == (team.chloe.pk, "9 h 30")


def test_planning_again_moves_the_visit(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage:
        plan_visite(passage, dossier, team.chloe)
        plan_visite(passage, dossier, team.chloe, prevue_on=today() + timedelta(days=9))
    assert m.Visite.objects.get().prevue_on == today() + timedelta(days=9)


@pytest.mark.parametrize("name", ["alice", "bruno", "victor", "nora"])
def test_a_visit_is_entrusted_to_the_team_of_the_service(team, dossier, entering, name):
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(services.NotAnEvaluateur):
        plan_visite(passage, dossier, team.agents[name])


def test_who_evaluates_next_door_is_entrusted_with_no_visit_here(team, dossier, entering):
    """Chloé works in both services, and sees whom each may send."""
    grant(team.nora, Role.EVALUATEUR, team.sud, by=team.admin)
    HabilitationService.objects.create(
        organisme=team.departement,
        habilitation=Habilitation.objects.get(agent=team.chloe),
        service=team.sud,
    )
    with entering(team.chloe, EVALUATION) as passage:
        with pytest.raises(services.NotAnEvaluateur):
            plan_visite(passage, dossier, team.nora)
        assert plan_visite(passage, dossier, team.chloe).evaluateur_id == team.chloe.pk


@pytest.mark.parametrize("name", ["bruno", "victor", "edith", "paul", "nora"])
def test_the_others_plan_nothing(team, dossier, entering, name):
    with entering(team.agents[name], INSTRUCTION) as passage, pytest.raises(Refused):
        plan_visite(passage, dossier, team.chloe)


def test_an_incomplete_file_waits_for_no_visit(team, entering):
    dossier = factories.dossier(team.nord)
    with entering(team.chloe, EVALUATION) as passage:
        for act in (plan_visite, note_visite):
            with pytest.raises(services.NotReadyForVisit):
                act(passage, dossier, team.chloe)


def test_colleagues_are_those_of_my_services_and_no_others(team, entering):
    grant(team.nora, Role.EVALUATEUR, team.sud, by=team.admin)
    grant(
        team.edith,
        Role.EVALUATEUR,
        team.nord,
        by=team.admin,
        start=today() - timedelta(days=90),
        end=today() - timedelta(days=1),
    )
    with entering(team.alice, INSTRUCTION) as passage:
        found = {c.nom: c.en_poste for c in colleagues(passage, role=Role.EVALUATEUR)}
    assert found == {"Chloé Durand": True, "Édith Noël": False}
    with entering(team.victor, INSTRUCTION) as passage:
        assert colleagues(passage, role=Role.EVALUATEUR) == []
    with entering(team.denis, INSTRUCTION):
        assert sql("SELECT * FROM access.colleagues('evaluateur')") == []


# --- the screens


@pytest.fixture
def chloe(client, team):
    client.force_login(team.chloe, backend="egide.kernel.access.backends.AgentBackend")
    return client


def test_a_full_grid_shows_its_gir_and_nothing_is_kept(chloe, team):
    response = chloe.post(reverse("apa_ash:aggir_calcul"), ms.posted(ms.grid("0000")))
    page = response.content.decode()
    assert "GIR 1" in page
    assert "Sommes des groupes" in page
    assert not m.Evaluation.objects.exists()


@pytest.mark.parametrize("default", ["1111", "0000", "1010"])
def test_a_partial_grid_never_shows_a_gir(chloe, team, default):
    """Whatever is filled, in whatever order, and however many lines are left."""
    full = ms.posted(ms.grid(default))
    for count, missing in pairwise(range(len(ENTREES) + 1)):
        filled = {name: full[name] for name in ENTREES[: len(ENTREES) - missing]}
        page = chloe.post(reverse("apa_ash:aggir_calcul"), filled).content.decode()
        assert "GIR —" in page, count
        assert "À compléter" in page
        assert "Rang" not in page


def test_contradictory_or_unknown_answers_count_as_missing(chloe, team):
    grid = ms.posted(ms.grid("1111"))
    for bad in (["N", "S"], ["Z"], ["S", "<b>"]):
        page = chloe.post(reverse("apa_ash:aggir_calcul"), grid | {"transferts": bad})
        assert "GIR —" in page.content.decode()


def test_the_page_saves_the_grid_and_leads_to_the_plan(chloe, team, dossier):
    data = ms.posted(ms.grid("0000")) | {"jeton": str(uuid4()), "faite_on": "06/11/2026"}
    response = chloe.post(reverse("apa_ash:aggir", args=[dossier.pk]), data)
    assert response.status_code == 302
    assert response["Location"] == reverse("apa_ash:evaluation_plan", args=[dossier.pk])
    assert m.Evaluation.objects.get().gir == 1


def test_a_refused_grid_keeps_what_was_ticked(chloe, team, dossier):
    data = ms.posted(ms.grid("0000")) | {"jeton": str(uuid4()), "faite_on": "31/02/2026"}
    response = chloe.post(reverse("apa_ash:aggir", args=[dossier.pk]), data)
    assert response.status_code == 422
    page = response.content.decode()
    assert "date existante" in page
    assert page.count("checked") == len(ENTREES) + len(ILLUSTRATIVES)
    assert not m.Evaluation.objects.exists()


@pytest.mark.clause("APA-17")
def test_the_page_of_the_team_shows_neither_nir_nor_resources(chloe, team, dossier):
    page = chloe.get(reverse("apa_ash:evaluation_dossier", args=[dossier.pk])).content.decode()
    assert "Jeanne Lefèvre" in page
    assert "3 rue des Lilas" in page
    assert "2390399123456" not in page
    assert "veuvage" not in page


def test_the_page_of_a_file_costs_no_more_than_fifteen_statements(chloe, team, dossier):
    with CaptureQueriesContext(connection) as seen:
        chloe.get(reverse("apa_ash:evaluation_dossier", args=[dossier.pk]))
    assert statements(seen) == DOSSIER_STATEMENTS


@pytest.mark.parametrize("name", ["evaluation_dossier", "aggir", "evaluation_visite"])
def test_another_service_is_absent_and_the_attempt_is_recorded(chloe, team, name):
    elsewhere = ms.complete(team.sud, nom="Morel")
    response = chloe.get(reverse(f"apa_ash:{name}", args=[elsewhere.pk]))
    assert response.status_code == 404
    ((outcome, targets),) = sql("SELECT outcome, targets FROM audit.trail")
    assert outcome == "refus"
    assert str(elsewhere.pk) in targets


@pytest.mark.parametrize("files", [1, 30])
def test_the_agenda_costs_the_same_whatever_it_shows(chloe, team, files):
    for number in range(files):
        dossier = ms.complete(team.nord, nom=f"Nom{number}")
        m.Visite.objects.create(
            service=team.nord, dossier=dossier, evaluateur=team.chloe, prevue_on=today()
        )
    ms.complete(team.sud, nom="Ailleurs")
    chloe.get(reverse("apa_ash:agenda"))
    with CaptureQueriesContext(connection) as seen:
        page = chloe.get(reverse("apa_ash:agenda")).content.decode()
    assert statements(seen) == AGENDA_STATEMENTS
    assert page.count("Mme Jeanne Nom") == 2 * files
    assert "Ailleurs" not in page


def test_a_long_agenda_says_that_it_is_cut(chloe, team, monkeypatch):
    monkeypatch.setattr("egide.systems.apa_ash.queries.agenda.ON_SCREEN", 2)
    for number in range(3):
        ms.complete(team.nord, nom=f"Nom{number}")
    page = chloe.get(reverse("apa_ash:agenda")).content.decode()
    assert page.count("Mme Jeanne Nom") == 2
    assert "les plus proches sont affichées" in page


@pytest.mark.parametrize(
    ("etat", "refused"), [(EtatPlan.PROPOSE, True), (EtatPlan.SANS_SUITE, False)]
)
def test_no_new_grid_while_a_proposal_is_out(team, entering, etat, refused):
    """The person answers the plan that was sent: another GIR would change it under their hand."""
    dossier = ms.evaluated(team.nord, team.chloe)
    ms.draft(dossier, etat=etat, envoye_on=DAY)
    with entering(team.chloe, EVALUATION) as passage:
        if refused:
            with pytest.raises(services.NotReadyForEvaluation):
                record(passage, dossier)
        else:
            record(passage, dossier)
    assert m.Evaluation.objects.filter(dossier=dossier).count() == (1 if refused else 2)


# --- a visit that took place


@pytest.mark.parametrize(("name", "purpose"), [("chloe", EVALUATION), ("alice", INSTRUCTION)])
def test_a_visit_that_took_place_is_noted_once_and_the_grid_takes_it(
    team, dossier, entering, name, purpose
):
    jeton = uuid4()
    with entering(team.agents[name], purpose) as passage:
        made = note_visite(passage, dossier, team.chloe, jeton=jeton)
        assert note_visite(passage, dossier, team.chloe, jeton=jeton) == made
    dossier.refresh_from_db()
    assert (made.prevue_on, made.realisee_on, dossier.etat) == (DAY, DAY, Etat.VISITE)
    with entering(team.chloe, EVALUATION) as passage:
        graded = record(passage, dossier)
        with pytest.raises(AutreVisite, match="a déjà sa grille"):
            record(passage, dossier)
        # A second grid of that day has a visit of its own, once it is asked for.
        again = record(passage, dossier, autre_visite=True)
    assert graded.visite_id == made.pk
    assert again.visite_id != made.pk


def test_noting_a_visit_closes_the_one_that_was_planned(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage:
        planned = plan_visite(passage, dossier, team.chloe)
        made = note_visite(passage, dossier, team.chloe)
    assert (made.pk, made.realisee_on) == (planned.pk, DAY)
    assert m.Visite.objects.filter(dossier=dossier).count() == 1


def test_a_visit_is_noted_from_the_day_of_the_request_to_today(team, dossier, entering):
    received = m.Demande.objects.get(dossier=dossier).recue_on
    with entering(team.chloe, EVALUATION) as passage:
        with pytest.raises(services.EvaluationBeforeRequest):
            note_visite(passage, dossier, team.chloe, faite_on=received - timedelta(1))
        with pytest.raises(services.EvaluationInTheFuture):
            note_visite(passage, dossier, team.chloe, faite_on=today() + timedelta(1))
        note_visite(passage, dossier, team.chloe, faite_on=received)


@pytest.mark.parametrize("name", ["bruno", "paul", "carole", "victor"])
def test_the_others_note_no_visit(team, dossier, entering, name):
    for purpose in (EVALUATION, INSTRUCTION):
        with entering(team.agents[name], purpose) as passage, pytest.raises(Refused):
            note_visite(passage, dossier, team.chloe)


@pytest.mark.parametrize(
    ("days", "faite", "status"),
    [(-1, False, 422), (-1, True, 302), (0, True, 302), (1, True, 422), (0, False, 302)],
)
def test_the_screen_notes_a_past_visit_only_when_it_is_said_made(
    chloe, team, dossier, days, faite, status
):
    sent = {
        "jeton": str(uuid4()),
        "prevue_on": f"{today() + timedelta(days):%Y-%m-%d}",
        "creneau": "",
        "evaluateur": str(team.chloe.pk),
    } | ({"faite": "on"} if faite else {})
    answer = chloe.post(reverse("apa_ash:evaluation_visite", args=[dossier.pk]), sent)
    assert answer.status_code == status
    assert m.Visite.objects.filter(realisee_on__isnull=False).exists() is (faite and status == 302)


# --- the visit that a grid tells


def made_on(dossier):
    return list(
        m.Visite.objects.filter(dossier=dossier)
        .order_by("realisee_on")
        .values_list("realisee_on", flat=True)
    )


@pytest.mark.parametrize("days", [-1, 1])
def test_a_grid_of_another_day_than_the_visit_noted_is_asked_first(team, dossier, entering, days):
    another = DAY + timedelta(days=days)
    with entering(team.chloe, EVALUATION) as passage:
        noted = note_visite(passage, dossier, team.chloe)
        with pytest.raises(AutreVisite, match="attend sa grille"):
            record(passage, dossier, faite_on=another)
    assert made_on(dossier) == [DAY]
    with entering(team.chloe, EVALUATION) as passage:
        again = record(passage, dossier, faite_on=another, autre_visite=True)
    assert again.visite_id != noted.pk
    assert made_on(dossier) == sorted([DAY, another])


def test_a_visit_to_come_is_closed_by_a_grid_only_once_the_one_noted_has_its_own(
    team, dossier, entering
):
    later = DAY + timedelta(days=2)
    with entering(team.chloe, EVALUATION) as passage:
        note_visite(passage, dossier, team.chloe)
        planned = plan_visite(passage, dossier, team.chloe)
        with pytest.raises(AutreVisite):
            record(passage, dossier, faite_on=later)
        record(passage, dossier)
        assert record(passage, dossier, faite_on=later).visite_id == planned.pk


def test_a_visit_of_a_former_request_asks_nothing(team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage:
        note_visite(passage, dossier, team.chloe)
    later = DAY + timedelta(days=1)
    m.Demande.objects.filter(dossier=dossier).update(
        recue_on=later, accuse_on=later, complete_on=later
    )
    with entering(team.chloe, EVALUATION) as passage:
        assert day_to_grade(passage, dossier) is None
        record(passage, dossier, faite_on=later)
    assert m.Visite.objects.filter(dossier=dossier).count() == 2


def proposed_day(client, dossier):
    page = client.get(reverse("apa_ash:aggir", args=[dossier.pk]))
    return page.context["form"]["faite_on"].value()


def test_the_page_starts_from_the_visit_that_waits_and_makes_none_up(
    chloe, team, dossier, entering
):
    assert proposed_day(chloe, dossier) is None
    with entering(team.chloe, EVALUATION) as passage:
        plan_visite(passage, dossier, team.chloe)
    assert proposed_day(chloe, dossier) is None  # it is still to come
    m.Visite.objects.filter(dossier=dossier).update(prevue_on=today() - timedelta(days=1))
    assert proposed_day(chloe, dossier) == today() - timedelta(days=1)
    with entering(team.chloe, EVALUATION) as passage:
        note_visite(passage, dossier, team.chloe)
    assert proposed_day(chloe, dossier) == DAY
    address = reverse("apa_ash:aggir", args=[dossier.pk])
    data = ms.posted(ms.grid("0000")) | {"jeton": str(uuid4()), "faite_on": today().isoformat()}
    refused = chloe.post(address, data)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["faite_on"])
    assert "Autre visite" in refused.content.decode()
    assert chloe.post(address, data | {"faite_on": DAY.isoformat()}).status_code == 302
    assert made_on(dossier) == [DAY]
    assert proposed_day(chloe, dossier) is None


def test_the_page_writes_another_visit_once_it_is_ticked(chloe, team, dossier, entering):
    with entering(team.chloe, EVALUATION) as passage:
        note_visite(passage, dossier, team.chloe)
    data = ms.posted(ms.grid("0000")) | {"jeton": str(uuid4()), "autre_visite": "on"}
    sent = data | {"faite_on": today().isoformat()}
    assert chloe.post(reverse("apa_ash:aggir", args=[dossier.pk]), sent).status_code == 302
    assert made_on(dossier) == [DAY, today()]


@pytest.mark.parametrize(("left", "refused"), [(0, True), (1, False)])
def test_a_visit_is_entrusted_to_whoever_is_still_there(team, dossier, entering, left, refused):
    """A colleague of before is still named among them: only the days say that they left."""
    grant(
        team.edith,
        Role.EVALUATEUR,
        team.nord,
        by=team.admin,
        start=today() - timedelta(days=90),
        end=today() + timedelta(days=left),
    )
    for act in (plan_visite, note_visite):
        with entering(team.chloe, EVALUATION) as passage:
            if refused:
                with pytest.raises(services.NotAnEvaluateur):
                    act(passage, dossier, team.edith)
            else:
                assert act(passage, dossier, team.edith).evaluateur_id == team.edith.pk


@pytest.mark.parametrize(
    ("days", "refused"), [(-1, True), (0, False), (366, False), (367, True)], ids=str
)
def test_a_visit_is_planned_within_a_year(days, refused):
    on = date(2026, 11, 20)
    asked = {"prevue_on": (on + timedelta(days=days)).isoformat()}
    form = VisiteForm(asked, on=on, team=[])
    assert ("prevue_on" in form.errors) is refused


@pytest.mark.parametrize("name", ["observations", "needs"])
@pytest.mark.parametrize(("length", "refused"), [(4_000, False), (4_001, True)])
def test_the_words_of_a_form_are_so_long_at_the_most(name, length, refused):
    fields = {"observations": ReponseForm().fields["observations"], "needs": text_field("Besoins")}
    try:
        assert len(fields[name].clean("x" * length)) == length
    except ValidationError:
        assert refused
    else:
        assert not refused


def test_the_visits_of_a_day_come_in_the_order_of_their_hours(team, entering):
    told = ["14 h 00", "matin", "9 h 30", "", "10h", "après-midi", "9:15"]
    for creneau in told:
        m.Visite.objects.create(
            service=team.nord,
            dossier=factories.dossier(team.nord, etat=Etat.VISITE),
            evaluateur=team.chloe,
            prevue_on=today(),
            creneau=creneau,
        )
    with entering(team.chloe, EVALUATION) as passage:
        found = [visite.creneau for visite, _ in agenda_of(passage).visites]
    assert found == ["matin", "9:15", "9 h 30", "10h", "après-midi", "14 h 00", ""]
