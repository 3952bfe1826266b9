"""The Décision tab as an agent uses it: pages, forms, refusals, budget of statements."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel.access import views
from egide.kernel.access.models import Habilitation
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.plan import EtatPlan
from egide.systems.apa_ash.presentation import FORFAIT_DU
from egide.systems.apa_ash.presentation.journee import ATTENDUE
from tests import factories
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.conftest import that_day
from tests.systems.apa_ash.situations import droits
from tests.systems.apa_ash.test_decisions import beyond_the_ceiling, tacite
from tests.systems.apa_ash.test_projets import proposed
from tests.systems.apa_ash.test_suites_decision import paid

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=views.PARIS)


@pytest.fixture(autouse=True)
def fixed_day(team, monkeypatch):
    """Serve pages on a fixed day: figures past their verification could not be notified."""
    monkeypatch.setattr(views, "timezone", SimpleNamespace(now=lambda: NOON))
    Habilitation.objects.exclude(agent=team.edith).update(
        periode=DateRange(date(2026, 1, 1), date(2100, 1, 1))
    )
    with that_day(DAY):
        yield


@pytest.fixture
def dossier(team):
    return situations.ready(team.nord, on=DAY, by=team.chloe)


@pytest.fixture
def as_agent(client, team):
    def sign_in(name):
        client.force_login(team.agents[name], "egide.kernel.access.backends.AgentBackend")
        return client

    return sign_in


def page(dossier):
    return reverse("apa_ash:decision", args=[dossier.pk])


def acte(dossier, code):
    return reverse("apa_ash:acte_decision", args=[dossier.pk, code])


def signs(as_agent, dossier):
    """Let the head of the service sign what was proposed; once signed, it is no longer there."""
    projet = m.ProjetDecision.objects.get(dossier=dossier)
    status = 302 if projet.etat == "propose" else 404
    address = reverse("apa_ash:projet", args=[projet.pk])
    assert as_agent("remi").post(address).status_code == status


def refusals():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.trail WHERE outcome = 'refus'")
        return cursor.fetchone()[0]


def test_the_tab_shows_what_would_be_granted_and_how(as_agent, dossier):
    html = as_agent("alice").get(page(dossier)).content.decode()
    assert "Ce qui serait accordé" in html
    assert "863,81" in html
    assert "CASF R.\u00a0232-11" in html
    assert acte(dossier, "accord") in html
    assert acte(dossier, "suspension") not in html


def test_a_plan_beyond_the_ceiling_is_told_alike_on_every_screen(as_agent, dossier):
    beyond_the_ceiling(dossier)
    client = as_agent("alice")
    shares = ("1 344,00", "1 215,99", "431,60", "128,01", "559,61", "784,39")
    for address in (page(dossier), acte(dossier, "accord")):
        html = client.get(address).content.decode().replace("\u202f", " ")
        sums = html.split('<dl class="eg-sums">')[1].split("</dl>")[0]
        assert [s for s in shares if s not in sums] == [], address
    sent = {"jeton": str(uuid.uuid4()), "effet_on": "20/11/2026", "revision_on": "2029-11-20"}
    assert client.post(acte(dossier, "accord"), sent).status_code == 302
    signs(as_agent, dossier)
    as_agent("alice")
    first = client.get(reverse("apa_ash:dossier", args=[dossier.pk])).content.decode()
    sums = first.replace("\u202f", " ").split('<dl class="eg-sums">')[1].split("</dl>")[0]
    assert [s for s in shares if s not in sums] == []
    assert "Plan accepté" in sums
    context = client.get(page(dossier)).context
    names = [name for name, _ in context["droit_columns"]]
    rights = dict(zip(names, context["droit_rows"][0], strict=True))
    assert rights["Plan accepté"] == "1\u202f344,00\u00a0€"
    assert rights["Plan retenu"] == "1\u202f215,99\u00a0€"


def test_hypotheses_are_edited_and_kept_nowhere(as_agent, dossier):
    typed = {
        "effet_on": "01/12/2026",
        "gir": "1",
        "ressources_mensuelles": "900,00",
        "plan_mensuel": "1 200",
    }
    response = as_agent("alice").get(page(dossier), typed)
    assert "1\u202f200,00" in response.content.decode()
    assert m.Ressources.objects.get(dossier=dossier).ressources_mensuelles == 1500
    assert droits(dossier) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"gir": "7"}, "GIR"),
        ({"plan_mensuel": "-1"}, "négatif"),
        ({"plan_mensuel": "100000000"}, "99 999 999,99"),
        ({"ressources_mensuelles": "beaucoup"}, "en chiffres"),
        ({"effet_on": "31/02/2026"}, "n’existe pas"),
        ({"effet_on": "01/01/1999"}, "2002"),
    ],
)
def test_a_bad_hypothesis_is_told_at_its_field(as_agent, dossier, change, words):
    typed = {
        "effet_on": "2026-12-01",
        "gir": "1",
        "ressources_mensuelles": "900",
        "plan_mensuel": "1200",
    }
    response = as_agent("alice").get(page(dossier), typed | change)
    assert response.status_code == 422
    assert words in response.content.decode().replace("\u202f", " ")


def test_an_agent_grants_from_the_screen_and_a_replay_changes_nothing(as_agent, dossier):
    client, jeton = as_agent("alice"), str(uuid.uuid4())
    sent = {"jeton": jeton, "effet_on": "20/11/2026", "revision_on": "2029-11-20"}
    for _ in range(2):
        response = client.post(acte(dossier, "accord"), sent)
        assert response.status_code == 302
    assert droits(dossier) == []
    for _ in range(2):
        signs(as_agent, dossier)
    assert len(droits(dossier)) == 1
    as_agent("alice")
    html = client.get(page(dossier)).content.decode()
    assert "Montants dus par mois" in html
    assert "<svg" in html
    assert m.Courrier.objects.filter(dossier=dossier).count() == 1


def test_a_refused_act_says_why_and_changes_nothing(as_agent, dossier):
    sent = {
        "jeton": str(uuid.uuid4()),
        "effet_on": "2027-01-01",
        "motif": "Entrée du service le 1er janvier",
        "revision_on": "2029-01-01",
    }
    response = as_agent("alice").post(acte(dossier, "accord"), sent)
    assert response.status_code == 422
    assert "jamais notifiés" in response.content.decode()
    assert droits(dossier) == []


def test_silence_counts_from_reception_and_a_rejection_never_rests_on_it(team, as_agent, dossier):
    """Sent 50 days ago and received 10 days ago: no path refuses before the eleventh day."""
    situations.proposal(dossier, on=DAY - timedelta(days=50), by=team.alice)
    m.Demande.objects.filter(dossier=dossier).update(recue_on=DAY - timedelta(days=60))
    m.PlanAide.objects.filter(dossier=dossier).update(
        etat=EtatPlan.PROPOSE, envoye_on=DAY - timedelta(days=50), reponse_on=None
    )
    m.Dossier.objects.filter(pk=dossier.pk).update(etat=Etat.PROPOSE)
    client, plan = as_agent("alice"), m.PlanAide.objects.get(dossier=dossier)
    offered = client.get(acte(dossier, "rejet")).context["form"].fields["code"].choices
    assert not any("silence" in f"{code} {label}".lower() for code, label in offered)
    posted = {"jeton": str(uuid.uuid4()), "code": "silence"}
    assert client.post(acte(dossier, "rejet"), posted).status_code == 422
    answer = reverse("apa_ash:plan_reponse", args=[dossier.pk, plan.pk])
    said = {"reponse": "silence", "reponse_on": DAY - timedelta(days=10)}
    refused = client.post(answer, said)
    assert refused.status_code == 422
    assert "court jusqu’au 20\u00a0nov.\u00a02026" in refused.content.decode()
    dossier.refresh_from_db()
    assert dossier.etat == Etat.PROPOSE
    assert client.post(answer, said | {"reponse_on": DAY - timedelta(days=11)}).status_code == 302
    dossier.refresh_from_db()
    assert dossier.etat == Etat.REJETE


def test_the_right_opens_on_the_notification_unless_a_reason_is_typed(as_agent, dossier):
    """L. 232-14: the start of the plan, on 1 December, puts nothing off by itself."""
    m.PlanAide.objects.filter(dossier=dossier).update(effet_on=date(2026, 12, 1))
    client, address = as_agent("alice"), acte(dossier, "accord")
    assert client.get(address).context["form"]["effet_on"].initial == DAY
    sent = {"jeton": str(uuid.uuid4()), "effet_on": "2026-12-01", "revision_on": "2029-11-20"}
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["motif"]
    assert droits(dossier) == []
    reason = "La personne rentre chez elle le 1er décembre."
    assert client.post(address, sent | {"motif": reason}).status_code == 302
    signs(as_agent, dossier)
    decision = m.Decision.objects.get(dossier=dossier)
    assert (decision.effet_on, decision.motif) == (date(2026, 12, 1), reason)


@pytest.mark.parametrize(("days", "tone"), [(90, "btn-primary"), (91, "btn-secondary")])
def test_the_revision_is_the_main_button_only_when_it_is_near(as_agent, team, days, tone):
    opened = situations.opened(
        team.nord,
        since=date(2026, 1, 1),
        by=team.chloe,
        echeance_on=DAY + timedelta(days=days),
    )
    client = as_agent("alice")
    html = client.get(reverse("apa_ash:dossier", args=[opened.pk])).content.decode()
    assert f'class="btn {tone}" href="{page(opened)}">Engager la révision' in " ".join(html.split())
    tab = client.get(page(opened)).content.decode()
    link = tab.split(acte(opened, "revision"))[0].rsplit("<a", 1)[1]
    assert ("btn-primary" in link) == (tone == "btn-primary")


@pytest.mark.parametrize("etat", [Etat.COMPLET, Etat.VISITE])
def test_a_lump_sum_tells_no_group_and_the_visit_comes_next(as_agent, team, etat):
    opened = situations.opened(
        team.nord,
        since=date(2026, 11, 1),
        by=team.chloe,
        forfait=True,
        etat=etat,
        echeance=Echeance.DECISION,
        echeance_on=date(2026, 10, 31),
    )
    m.Droit.objects.filter(dossier=opened).update(gir=1)
    html = as_agent("alice").get(reverse("apa_ash:dossier", args=[opened.pk])).content.decode()
    assert "forfait provisoire, non évalué" in html
    sums = html.split('<dl class="eg-sums">')[1].split("</dl>")[0]
    assert "<dd>1</dd>" not in "".join(sums.split())
    assert ("Planifier la visite" if etat == Etat.COMPLET else "Voir la visite") in html
    assert reverse("apa_ash:visite", args=[opened.pk]) in html
    assert "Préparer la décision" not in html


def test_only_the_grounds_that_the_file_establishes_are_offered(as_agent, dossier):
    html = as_agent("alice").get(acte(dossier, "rejet")).content.decode().replace("\u00a0", " ")
    assert "L. 232-23" in html
    assert "R. 232-4" not in html


@pytest.mark.parametrize(
    "code", ["accord", "rejet", "revision", "deces", "fin", "forfait", "desistement"]
)
@pytest.mark.parametrize("name", ["bruno", "victor", "chloe", "denis", "nora", "edith"])
def test_a_file_of_others_looks_absent_and_the_attempt_is_traced(as_agent, dossier, name, code):
    response = as_agent(name).get(acte(dossier, code))
    assert response.status_code == 404
    assert refusals() == 1


def test_an_act_that_does_not_exist_is_absent(as_agent, dossier):
    assert as_agent("alice").get(acte(dossier, "inconnu")).status_code == 404


CODES = [
    *("accord", "rejet", "forfait", "urgence", "revision", "hospitalisation"),
    *("mise-en-demeure", "suspension", "reprise", "fin", "maintien", "deces"),
    *("desistement", "nouvelle-demande"),
]


@pytest.mark.parametrize("code", CODES)
def test_every_act_has_its_page(as_agent, team, code):
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    response = as_agent("alice").get(acte(opened, code))
    assert response.status_code == 200
    assert "csrfmiddlewaretoken" in response.content.decode()


def test_a_stay_is_entered_and_left_from_the_screen(as_agent, team):
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    client = as_agent("alice")
    sent = {
        "jeton": str(uuid.uuid4()),
        "nature": "hospitalisation",
        "entree_on": "2026-08-16",
    }
    asked = client.post(acte(opened, "hospitalisation"), sent)
    assert asked.status_code == 200
    assert not m.Interruption.objects.filter(dossier=opened).exists()
    told = asked.content.decode()
    assert "jusqu’au 14\u00a0septembre\u00a02026 inclus" in told
    assert asked.context["month_rows"][1] == (
        "oct.\u00a02026",
        "0,00\u00a0€",
        "0,00\u00a0€",
        "0,00\u00a0€",
    )
    confirmed = sent | {"confirme": "on"}
    assert client.post(acte(opened, "hospitalisation"), confirmed).status_code == 302
    assert client.post(acte(opened, "hospitalisation"), confirmed).status_code == 302  # sent twice
    stay = m.Interruption.objects.get(dossier=opened)
    address = reverse("apa_ash:sortie_hospitalisation", args=[opened.pk, stay.pk])
    assert address in client.get(page(opened)).content.decode()
    assert client.post(address, {"sortie_on": "2026-08-16"}).status_code == 422
    for mois, etat in ((9, "notifie"), (10, "notifie"), (10, "retire")):
        situations.beyond_right(opened, date(2026, mois, 1), etat=etat)
    left = client.post(address, {"sortie_on": "2026-10-28"}, follow=True).content.decode()
    told = "sur ces mois : oct. 2026 (100,00 €), à retirer par le contrôle"
    assert told in left
    html = client.get(page(opened)).content.decode()
    assert told not in html
    assert "du 16\u00a0août\u00a02026 au 28\u00a0oct.\u00a02026" in html


def test_a_future_day_is_told_at_its_field(as_agent, team):
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    sent = {"jeton": str(uuid.uuid4()), "deces_on": "2026-11-21"}
    response = as_agent("alice").post(acte(opened, "deces"), sent)
    assert response.status_code == 422
    assert "dans l’avenir" in response.content.decode()
    opened.refresh_from_db()
    assert opened.etat == Etat.OUVERT


def test_the_tab_takes_the_same_statements_whatever_the_history(as_agent, team):
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    client = as_agent("alice")
    client.get(page(opened))
    with CaptureQueriesContext(connection) as once:
        client.get(page(opened))
    for number in range(1, 6):
        m.Interruption.objects.create(
            service=opened.service,
            dossier=opened,
            nature="hospitalisation",
            periode=DateRange(date(2026, number, 1), date(2026, number, 9)),
        )
    with CaptureQueriesContext(connection) as again:
        client.get(page(opened))
    assert len(once) == len(again)
    # Three of the session and the agent, one to enter, nine of the file, one for the trail, one
    # that puts off the end of the session. Savepoints and the leave belong to the tests alone.
    ours = ("SAVEPOINT", "set_config('role', 'none'")
    statements = [q["sql"] for q in once if not any(word in q["sql"] for word in ours)]
    assert len(statements) == 15, "\n".join(statement[:60] for statement in statements)


@pytest.mark.parametrize(
    ("complete_on", "due"), [(date(2026, 8, 31), True), (date(2026, 11, 1), False)]
)
def test_the_day_tells_that_two_months_of_silence_have_given_a_lump_sum(
    as_agent, team, complete_on, due
):
    waiting = factories.dossier(
        team.nord,
        etat=Etat.VISITE,
        instructeur=team.alice,
        echeance=Echeance.VISITE,
        echeance_on=complete_on + timedelta(days=30),
    )
    situations.complete(waiting, on=complete_on)
    client = as_agent("alice")
    for address in (reverse("apa_ash:journee"), reverse("apa_ash:dossier", args=[waiting.pk])):
        html = client.get(address).content.decode()
        assert ("Constater le forfait" in html) == due
        late = acte(waiting, "forfait-tardif") in html
        assert (acte(waiting, "forfait") in html or late) == due
        assert (FORFAIT_DU in html) == due
    # At the head of the file, instead of the visit that it awaits.
    for tab in ("dossier", "demande", "decision"):
        page = client.get(reverse(f"apa_ash:{tab}", args=[waiting.pk])).content.decode()
        head = page.partition('class="eg-person"')[2].partition("</section>")[0]
        assert [told in head for told in (FORFAIT_DU, Echeance.VISITE.label)] == [due, not due]


def test_a_lump_sum_that_runs_is_told_and_not_given_twice(as_agent, team):
    opened = situations.opened(
        team.nord,
        since=date(2026, 11, 1),
        by=team.chloe,
        forfait=True,
        etat=Etat.COMPLET,
        instructeur=team.alice,
        echeance=Echeance.DECISION,
        echeance_on=date(2026, 10, 31),
    )
    situations.complete(opened, on=date(2026, 8, 31))
    m.Decision.objects.filter(dossier=opened).update(
        nature=NatureDecision.FORFAIT_TACITE, plan=None
    )
    client = as_agent("alice")
    day = client.get(reverse("apa_ash:journee")).content.decode()
    assert ATTENDUE in day
    assert "Constater le forfait" not in day
    file = client.get(reverse("apa_ash:dossier", args=[opened.pk])).content.decode()
    assert "forfait versé en attendant" in file


def test_a_revision_is_granted_nothing_by_silence(as_agent, team):
    opened = situations.opened(
        team.nord,
        since=date(2026, 1, 1),
        by=team.chloe,
        etat=Etat.COMPLET,
        instructeur=team.alice,
        echeance=Echeance.VISITE,
        echeance_on=date(2026, 9, 30),
    )
    situations.complete(opened, on=date(2026, 8, 31))
    day = as_agent("alice").get(reverse("apa_ash:journee")).content.decode()
    assert "Constater le forfait" not in day


def test_a_refusal_for_another_benefit_asks_for_its_name(as_agent, dossier):
    values = {"jeton": str(uuid.uuid4()), "code": "cumul", "precisions": " "}
    refused = as_agent("alice").post(acte(dossier, "rejet"), values)
    assert refused.status_code == 422
    assert "Nommez la prestation" in refused.content.decode()
    assert not m.ProjetDecision.objects.filter(dossier=dossier).exists()
    named = as_agent("alice").post(acte(dossier, "rejet"), values | {"precisions": "La PCH."})
    assert named.status_code == 302


NOT_COMPUTED = "Égide ne calcule pas l’imputation de l’avance (CASF R.\u00a0232-29)"


@pytest.mark.parametrize(
    ("nature", "told"),
    [
        (NatureDecision.ACCORD, "120,50\u00a0€ au titre de l’avance"),
        (NatureDecision.FIN, "120,50\u00a0€ au-delà du droit"),
        (NatureDecision.REJET, ""),
    ],
)
def test_what_was_already_paid_is_a_fact_never_on_a_rejection(as_agent, team, nature, told):
    opened = situations.opened(team.nord, since=date(2026, 11, 1), by=team.chloe)
    client = as_agent("alice")
    assert "Déjà versé" not in client.get(page(opened)).content.decode()
    said = {"nature": nature, "motif": "Motif.", "deja_verse": Decimal("120.50")}
    plan = {} if nature == NatureDecision.ACCORD else {"plan": None}
    m.Decision.objects.filter(dossier=opened).update(**said, **plan)
    html = client.get(page(opened)).content.decode()
    assert ("Déjà versé" in html, "120,50" in html) == (bool(told), bool(told))
    assert told in html
    assert (NOT_COMPUTED in html) == (nature == NatureDecision.ACCORD)


def test_the_advance_is_told_where_an_agreement_is_proposed_and_signed(
    as_agent, team, dossier, on_day
):
    m.Demande.objects.filter(dossier=dossier).update(
        recue_on=date(2026, 9, 1), accuse_on=date(2026, 9, 1), complete_on=date(2026, 9, 4)
    )
    with on_day(team.alice, date(2026, 11, 5)) as passage:
        tacite(passage, dossier)
    preparing = as_agent("alice").get(acte(dossier, "accord")).content.decode()
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, dossier)
    signing = as_agent("remi").get(reverse("apa_ash:projet", args=[projet.pk])).content.decode()
    for html in (preparing, signing):
        assert "au titre de l’avance" in html
        assert "520,08" in html
        assert NOT_COMPUTED in html
        assert "à imputer" not in html


def told_in_head(client, dossier, page="dossier"):
    return client.get(reverse(f"apa_ash:{page}", args=[dossier.pk])).context["person"]["stops"]


def interrupted(dossier, start, end=None, *, nature="hospitalisation"):
    m.Interruption.objects.create(
        service=dossier.service, dossier=dossier, nature=nature, periode=DateRange(start, end)
    )


@pytest.mark.parametrize(
    ("nature", "start", "end", "told", "paid"),
    [
        (
            *("hospitalisation", date(2026, 8, 1), None),
            (
                "Hospitalisation depuis le 1er août 2026 : versement interrompu depuis le "
                "31 août 2026."
            ),
            False,
        ),
        (
            *("hospitalisation", date(2026, 10, 21), None),
            (
                "Hospitalisation depuis le 21 octobre 2026 : versement interrompu depuis le "
                "20 novembre 2026."
            ),
            False,
        ),
        (
            *("hospitalisation", date(2026, 10, 22), None),
            (
                "Hospitalisation depuis le 22 octobre 2026 : si elle dure, versement interrompu à "
                "compter du 21 novembre 2026."
            ),
            True,
        ),
        ("hospitalisation", date(2026, 8, 1), date(2026, 11, 20), "", True),
        (
            *("had", date(2026, 8, 1), None),
            "Hospitalisation à domicile depuis le 1er août 2026 : le versement continue.",
            True,
        ),
        (
            *("suspension", date(2026, 11, 1), None),
            "Versement suspendu depuis le 1er novembre 2026.",
            False,
        ),
        (
            *("suspension", date(2026, 12, 1), None),
            "Versement suspendu à compter du 1er décembre 2026.",
            True,
        ),
    ],
)
def test_the_head_and_the_situation_tell_what_interrupts_the_payment(
    as_agent, team, nature, start, end, told, paid
):
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    interrupted(opened, start, end, nature=nature)
    client = as_agent("alice")
    said = [line.replace("\u00a0", " ") for line in told_in_head(client, opened)]
    assert said == ([told] if told else [])
    for tab in ("demande", "ressources", "decision", "journal", "courriers"):
        assert len(told_in_head(client, opened, page=tab)) == len(said)
    situation = client.get(reverse("apa_ash:dossier", args=[opened.pk]))
    last = situation.context["droit_sums"][-1]
    assert (last["label"] == "APA versée") is paid
    assert ("non versée depuis le" in situation.content.decode()) is not paid


def test_a_transfer_keeps_the_thirty_days_of_the_first_stay(as_agent, team):
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    interrupted(opened, date(2026, 10, 1), date(2026, 11, 5))
    interrupted(opened, date(2026, 11, 5))
    (told,) = told_in_head(as_agent("alice"), opened)
    assert "depuis le 1er\u00a0octobre\u00a02026" in told
    assert "depuis le 31\u00a0octobre\u00a02026" in told


def test_the_team_reads_no_stay_and_the_control_does(as_agent, team):
    """The team has no line of the catalogue for stays: its head says nothing of them."""
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    interrupted(opened, date(2026, 8, 1))
    assert told_in_head(as_agent("chloe"), opened, page="evaluation_dossier") == []
    assert len(told_in_head(as_agent("carole"), opened, page="justificatifs")) == 1


def test_a_file_that_is_over_tells_no_stay(as_agent, team):
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe, etat=Etat.CLOS)
    interrupted(opened, date(2026, 8, 1))
    assert told_in_head(as_agent("alice"), opened) == []


@pytest.mark.parametrize(
    ("nature", "entree", "excess"),
    [
        ("hospitalisation", "2026-08-01", "846,20\u00a0€"),
        ("hospitalisation", "2026-10-01", None),  # October is paid in full but for one day
        ("had", "2026-08-01", None),
    ],
)
def test_the_page_of_a_stay_tells_what_was_paid_beyond(as_agent, team, nature, entree, excess):
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe, apa="846.20")
    paid(team, opened, date(2026, 9, 1), Decimal("846.20"))
    sent = {"jeton": str(uuid.uuid4()), "nature": nature, "entree_on": entree}
    told = as_agent("alice").post(acte(opened, "hospitalisation"), sent)
    assert told.status_code == 200
    said = " ".join(told.context["consequences"])
    assert (f"{excess} déjà versés au-delà" in said) is bool(excess)
    assert ("Trente" in said) is (nature == "hospitalisation")
    assert not m.Interruption.objects.exists()


def test_a_stay_that_overlaps_is_refused_before_its_consequence(as_agent, team):
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    interrupted(opened, date(2026, 8, 1), date(2026, 9, 1))
    sent = {"jeton": str(uuid.uuid4()), "nature": "hospitalisation", "entree_on": "2026-08-31"}
    client = as_agent("alice")
    assert client.post(acte(opened, "hospitalisation"), sent).status_code == 422
    after = client.post(acte(opened, "hospitalisation"), sent | {"entree_on": "2026-09-01"})
    assert after.status_code == 200


@pytest.mark.parametrize("name", ["bruno", "chloe", "paul", "carole", "victor"])
def test_whoever_does_not_instruct_has_no_page_of_a_stay(as_agent, team, name):
    opened = situations.opened(team.nord, since=date(2026, 1, 1), by=team.chloe)
    assert as_agent(name).get(acte(opened, "hospitalisation")).status_code == 404


def test_the_simulator_of_a_file_without_evaluation_opens_empty(as_agent, team):
    waiting = factories.dossier(team.nord)
    told = as_agent("alice").get(page(waiting))
    form = told.context["form"]
    assert [form[name].value() for name in ("gir", "ressources_mensuelles", "plan_mensuel")] == [
        *(None, "", "")
    ]
    assert told.context["feuille"] is None
    assert "n’a pas encore été évaluée" in told.content.decode()


@pytest.mark.parametrize(("plan", "computed"), [("0", False), ("0,01", True), ("900", True)])
def test_an_empty_plan_is_not_said_under_the_threshold(as_agent, dossier, plan, computed):
    asked = {
        "effet_on": "2026-11-20",
        "gir": "2",
        "ressources_mensuelles": "1500",
        "plan_mensuel": plan,
    }
    told = as_agent("alice").get(page(dossier), asked)
    assert (told.context["feuille"] is not None) is computed
    html = told.content.decode()
    assert ("3 fois le SMIC" in html) is (plan == "0,01")
    assert ("il n’y a rien à calculer" in html) is (plan == "0")
