"""Habilitations: granted by another, for a time, confirmed, and taken back at once."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils import timezone

from egide.kernel.access.habilitations import queries
from egide.kernel.access.models import Habilitation
from egide.systems.apa_ash.purposes import INSTRUCTION
from tests import factories
from tests.personas import today

LIST = reverse("habilitations:list")


def trail():
    with connection.cursor() as cursor:
        cursor.execute("SELECT verb, outcome FROM audit.trail ORDER BY at")
        return cursor.fetchall()


@pytest.fixture
def admin(client, team):
    client.force_login(team.admin, backend="egide.kernel.access.backends.AgentBackend")
    return client


def form(team, **changes):
    return {
        "agent": str(team.nora.pk),
        "role": "apa_ash:instructeur",
        "services": [str(team.nord.pk)],
        "start": today().isoformat(),
        "end": (today() + timedelta(days=100)).isoformat(),
        "motif": "Remplacement",
    } | changes


@pytest.mark.clause("APA-42")
def test_a_grant_opens_the_files_of_the_service_and_its_withdrawal_closes_them(
    admin, team, entering
):
    factories.dossier(team.nord)
    assert admin.post(reverse("habilitations:grant"), form(team)).status_code == 302
    with entering(team.nora, INSTRUCTION), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM apa_ash_dossier")
        assert cursor.fetchone() == (1,)
    granted = Habilitation.objects.get(agent=team.nora)
    revoke = reverse("habilitations:revoke", args=[granted.pk])
    assert admin.post(revoke, {"motif": "Fin du remplacement"}).status_code == 302
    with entering(team.nora, INSTRUCTION), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM apa_ash_dossier")
        assert cursor.fetchone() == (0,)
    assert [verb for verb, _ in trail()] == [
        "accorder une habilitation",
        "retirer une habilitation",
    ]


@pytest.mark.clause("APA-46")
@pytest.mark.parametrize("name", ["alice", "remi", "denis", "nora", "victor"])
def test_only_an_administrator_sees_them_and_the_attempt_is_recorded(client, team, name):
    client.force_login(team.agents[name], backend="egide.kernel.access.backends.AgentBackend")
    assert client.get(LIST).status_code == 404
    assert trail() == [("lister les habilitations", "refus")]


def test_an_administrator_sees_their_organisme_only(admin, team):
    page = admin.get(LIST).content.decode()
    assert "Alice Martin" in page
    assert "Victor Blanc" not in page


def test_the_review_lists_those_to_confirm_and_confirming_takes_them_off(admin, team):
    due = Habilitation.objects.get(agent=team.alice)
    Habilitation.objects.filter(pk=due.pk).update(confirmed_on=today() - timedelta(days=200))
    assert "Alice Martin" in admin.get(LIST, {"vue": "a-confirmer"}).content.decode()
    admin.post(reverse("habilitations:confirm", args=[due.pk]))
    assert "Alice Martin" not in admin.get(LIST, {"vue": "a-confirmer"}).content.decode()


@pytest.mark.parametrize(
    ("confirmed", "ends", "state"),
    [
        (181, 31, ""),
        (182, 31, "à confirmer"),
        (0, 30, "bientôt échue"),
        (182, 30, "bientôt échue"),
        (0, 0, None),  # over today
        (0, 1, "bientôt échue"),
    ],
)
def test_what_is_to_confirm_is_counted_as_it_is_told(admin, team, confirmed, ends, state):
    """Days since the last review, and until the day after the last one."""
    rows = Habilitation.objects.filter(agent=team.alice)
    start = today() - timedelta(days=400)
    rows.update(
        confirmed_on=today() - timedelta(days=confirmed),
        periode=DateRange(start, today() + timedelta(days=ends)),
    )
    others = admin.get(LIST).context["counts"]
    listed = admin.get(LIST, {"vue": "a-confirmer"}).context["rows"]
    told = {row.agent: row.state for row in admin.get(LIST).context["rows"]}
    assert told.get("Alice Martin") == state
    assert [row.state for row in listed] == ([state] if state else [])
    assert others.due == len(listed)
    assert others.held == len(told)


def test_past_a_page_the_others_follow_and_are_taken_back(admin, team, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    seen, address = [], LIST
    while address:
        page = admin.get(address)
        seen += [row.pk for row in page.context["rows"]]
        address = page.context["next_url"]
    held = Habilitation.objects.filter(
        agent__organisme=team.departement, periode__endswith__gt=today()
    )
    assert sorted(seen) == sorted(held.values_list("pk", flat=True))
    for pk in seen:
        own = held.get(pk=pk).agent == team.admin
        assert own or admin.get(reverse("habilitations:revoke", args=[pk])).status_code == 200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"end": "2020-01-01"}, "La fin précède le début"),
        ({"start": "2020-01-01", "end": "2020-06-01"}, "déjà passée"),
        ({"start": f"{today() - timedelta(days=1)}"}, "Rien ne s’antidate"),
        ({"end": "9999-01-01"}, "dépasse trois ans"),
        ({"end": "31/02/2027"}, "date valide"),
        ({"services": []}, "obligatoire"),
        ({"role": "apa_ash:dieu"}, "valide"),
        ({"motif": ""}, "obligatoire"),
    ],
)
def test_bad_input_is_told_at_its_field_and_grants_nothing(admin, team, changes, message):
    before = Habilitation.objects.count()
    answer = admin.post(reverse("habilitations:grant"), form(team, **changes))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert Habilitation.objects.count() == before


def test_another_organisme_is_not_a_choice(admin, team):
    for changes in ({"agent": str(team.victor.pk)}, {"services": [str(team.ailleurs.pk)]}):
        assert admin.post(reverse("habilitations:grant"), form(team, **changes)).status_code == 422


def test_nobody_grants_or_confirms_their_own(admin, team):
    answer = admin.post(reverse("habilitations:grant"), form(team, agent=str(team.admin.pk)))
    assert "votre propre habilitation" in answer.content.decode()
    own = Habilitation.objects.get(agent=team.admin)
    before = own.confirmed_on
    admin.post(reverse("habilitations:confirm", args=[own.pk]))
    own.refresh_from_db()
    assert own.confirmed_on == before
    with pytest.raises(IntegrityError), transaction.atomic():
        Habilitation.objects.filter(pk=own.pk).update(granted_by=team.admin)


def test_the_same_role_is_not_granted_twice_at_once(admin, team):
    admin.post(reverse("habilitations:grant"), form(team))
    answer = admin.post(reverse("habilitations:grant"), form(team))
    assert answer.status_code == 422
    assert "déjà ce rôle" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "role", "warned"),
    [
        ("paul", "instructeur", True),
        ("paul", "responsable", True),
        ("paul", "evaluateur", False),
        ("alice", "agent_paiement", True),
        ("alice", "controleur", True),
        ("alice", "dpo", True),
        ("alice", "responsable", False),
    ],
)
def test_roles_that_prepare_and_validate_meet_only_with_a_reason_of_their_own(
    admin, team, name, role, warned
):
    asked = form(team, agent=str(team.agents[name].pk), role=f"apa_ash:{role}")
    answer = admin.post(reverse("habilitations:grant"), asked)
    assert answer.status_code == (422 if warned else 302)
    granted = Habilitation.objects.filter(agent=team.agents[name], role=role)
    assert granted.exists() is not warned
    if not warned:
        return
    assert "la même personne" in answer.content.decode() or role == "dpo"
    no_reason = admin.post(reverse("habilitations:grant"), asked | {"cumul": "on"})
    assert "Un cumul se justifie" in no_reason.content.decode()
    reason = {"cumul": "on", "cumul_motif": "Congé maternité ; le responsable relit chaque lot"}
    assert admin.post(reverse("habilitations:grant"), asked | reason).status_code == 302
    assert granted.get().cumul_motif == reason["cumul_motif"]
    assert granted.get().motif == "Remplacement"
    assert reason["cumul_motif"] in admin.get(LIST).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT motif FROM audit.trail WHERE verb = 'accorder une habilitation'")
        assert reason["cumul_motif"] in cursor.fetchone()[0]


def test_a_role_to_keep_apart_does_not_warn_once_it_is_taken_back_or_over(admin, team):
    held = Habilitation.objects.filter(agent=team.alice)
    asked = form(team, agent=str(team.alice.pk), role="apa_ash:agent_paiement")
    held.update(revoked_at=timezone.now())
    assert admin.post(reverse("habilitations:grant"), asked).status_code == 302
    assert Habilitation.objects.get(agent=team.alice, role="agent_paiement").cumul_motif == ""


def test_the_form_proposes_a_year_nobody_and_no_role(admin, team):
    page = admin.get(reverse("habilitations:grant"))
    assert f'value="{today().isoformat()}"' in page.content.decode()
    assert page.content.decode().count('<option value="" selected>Choisir…</option>') == 2
    assert "malgré le cumul" not in page.content.decode()
    met = form(team, agent=str(team.paul.pk))
    warned = admin.post(reverse("habilitations:grant"), met).content.decode()
    assert "malgré le cumul" in warned


def test_a_sign_in_is_needed(client, team):
    answer = client.get(LIST)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("sign_in"))


def test_a_habilitation_is_confirmed_by_a_form_and_never_by_an_address(admin, team):
    """A link that an administrator is led to follow bears no token."""
    granted = Habilitation.objects.get(agent=team.alice)
    before = granted.confirmed_on
    confirm = reverse("habilitations:confirm", args=[granted.pk])
    for method in (admin.get, admin.head, admin.put, admin.delete):
        assert method(confirm).status_code == 405
    granted.refresh_from_db()
    assert granted.confirmed_on == before
    assert admin.post(confirm).status_code == 302
    granted.refresh_from_db()
    assert granted.confirmed_on == today()


def test_the_page_of_a_withdrawal_is_that_of_a_habilitation_of_the_organisme(admin, team):
    mine = Habilitation.objects.get(agent=team.alice)
    theirs = Habilitation.objects.get(agent=team.victor)
    found = [
        admin.get(reverse("habilitations:revoke", args=[pk])).status_code
        for pk in (mine.pk, theirs.pk, uuid.uuid4())
    ]
    assert found == [200, 404, 404]
