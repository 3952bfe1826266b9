"""Sign-in over HTTP: the hash, the lock-out, inactivity, redirections, cookies (CNIL 2022-100)."""

import os
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as conf
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from egide.kernel.access.sessions import stored_key
from tests.personas import PASSWORD

WRONG = "Chêne-vert/2026 à l’ombre"


@pytest.fixture(autouse=True)
def collected(settings, tmp_path):
    """Whitenoise warns of a folder of collected files that a test run does not make."""
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def alice(team):
    team.alice.set_password(PASSWORD)
    team.alice.save()
    return team.alice


def sign_in(client: Client, password: str = PASSWORD, *, query: str = "", **extra):
    data = {"username": "alice", "password": password}
    return client.post(f"/connexion{query}", data, **extra)


def test_passwords_are_kept_by_argon2(alice):
    assert alice.password.startswith("argon2$argon2id$")
    assert PASSWORD not in alice.password


def test_the_right_password_opens_and_a_wrong_one_does_not(alice, client):
    assert sign_in(client, WRONG).status_code == 200
    assert "_auth_user_id" not in client.session
    assert sign_in(client).status_code == 302
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(alice, client):
    known = sign_in(client, WRONG).content.decode()
    unknown = client.post("/connexion", {"username": "alix", "password": WRONG}).content.decode()
    for page in (known, unknown):
        assert "Connexion refusée" in page
        assert "Identifiant ou mot de passe incorrect" in page
        assert "Rien n’est enregistré" not in page


def test_eight_failures_lock_the_account_from_wherever_they_come(alice, client):
    for number in range(conf.AXES_FAILURE_LIMIT):
        answer = sign_in(client, WRONG, REMOTE_ADDR=f"203.0.113.{number}")
    assert answer.status_code == 429
    assert "Compte bloqué" in answer.content.decode()
    locked = sign_in(Client(), REMOTE_ADDR="198.51.100.7")
    assert locked.status_code == 429


def test_seven_failures_do_not_lock(alice, client):
    for _ in range(conf.AXES_FAILURE_LIMIT - 1):
        sign_in(client, WRONG)
    assert sign_in(client).status_code == 302


def test_the_lock_opens_by_itself_after_a_while(alice, client):
    from axes.models import AccessAttempt

    for _ in range(conf.AXES_FAILURE_LIMIT):
        sign_in(client, WRONG)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(client).status_code == 302


def test_a_session_ends_after_half_an_hour_without_an_act(alice, client):
    sign_in(client)
    session = Session.objects.get(pk=stored_key(client.session.session_key))
    left = session.expire_date - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    session.expire_date = timezone.now() - timedelta(seconds=1)
    session.save()
    assert client.get("/mot-de-passe").headers["Location"].startswith("/connexion?next=")


def test_each_act_starts_the_half_hour_again(alice, client):
    sign_in(client)
    key = stored_key(client.session.session_key)
    Session.objects.filter(pk=key).update(expire_date=timezone.now() + timedelta(minutes=1))
    client.get("/mot-de-passe")
    left = Session.objects.get(pk=key).expire_date - timezone.now()
    assert left > timedelta(minutes=29)


@pytest.mark.parametrize(
    "target", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(alice, client, target):
    answer = sign_in(client, query=f"?next={target}")
    assert answer.headers["Location"] == "/"


def test_signing_in_leads_where_the_agent_was_going(alice, client):
    answer = sign_in(client, query="?next=/mot-de-passe")
    assert answer.headers["Location"] == "/mot-de-passe"


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("", ""),
        ("?page=2", "?page=2"),
        ("?q=lef", ""),
        ("?q=lef&miens=on&page=2", "?miens=on&page=2"),
    ],
)
def test_a_name_that_was_looked_for_is_not_kept_to_come_back(client, asked, kept):
    here = reverse("apa_ash:dossiers")
    sent = urlsplit(client.get(here + asked).headers["Location"])
    assert (sent.path, parse_qs(sent.query)) == ("/connexion", {"next": [here + kept]})


def test_a_fragment_asked_without_a_session_swaps_nothing(alice, client):
    page = reverse("apa_ash:dossiers")
    answer = client.get(page, headers={"hx-request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")
    assert client.get(page).status_code == 302


def test_who_signs_in_after_an_act_that_was_lost_comes_back_to_a_page(alice, client):
    lost = client.post(reverse("apa_ash:lot_recalcul", args=[uuid.uuid4()]))
    assert lost.headers["Location"] == "/connexion?next=/"


def test_the_key_of_the_session_changes_at_sign_in(alice, client):
    session = client.session
    session["visited"] = True
    session.save()
    before = session.session_key
    assert Session.objects.filter(pk=stored_key(before)).exists()
    client.cookies[conf.SESSION_COOKIE_NAME] = before
    sign_in(client)
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=stored_key(before)).exists()


def test_the_table_of_sessions_opens_nobody_s_page(alice, client):
    """As the login of sign-in would: its rows as cookies, or their contents under another key."""
    sign_in(client)
    row = Session.objects.get(pk=stored_key(client.session.session_key))
    thief = Client()
    thief.cookies[conf.SESSION_COOKIE_NAME] = row.session_key
    assert thief.get("/mot-de-passe").status_code == 302
    chosen = "cle-choisie-par-un-voleur-de-session"
    Session.objects.create(
        session_key=stored_key(chosen), session_data=row.session_data, expire_date=row.expire_date
    )
    thief.cookies[conf.SESSION_COOKIE_NAME] = chosen
    assert thief.get("/mot-de-passe").status_code == 302
    assert client.get("/mot-de-passe").status_code == 200


def test_an_agent_who_left_is_signed_out_at_once(alice, client):
    sign_in(client)
    alice.is_active = False
    alice.save()
    assert client.get("/mot-de-passe").headers["Location"].startswith("/connexion")


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(alice, client):
    cookie = sign_in(client).cookies[conf.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert not cookie["expires"]


def test_cookies_travel_under_tls_only_where_it_is_there(tmp_path):
    code = (
        "from egide.site import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0)"
    )
    for tls, secure in (("1", "True True True\n"), ("0", "False False False\n")):
        environment = os.environ | {"EGIDE_TLS": tls, "EGIDE_HOME": str(tmp_path)}
        result = subprocess.run(
            [sys.executable, "-c", code], cwd=Path(__file__).parents[2],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert result.stdout == secure


def test_the_accounts_of_the_demonstration_show_on_its_own_server_only(client, settings):
    assert "Comptes de démonstration" not in client.get("/connexion").content.decode()
    settings.DEMO = True
    page = client.get("/connexion").content.decode()
    assert "Comptes de démonstration" in page
    assert "alice" in page


def test_an_agent_lands_on_the_first_page_that_is_open_to_them(team, client):
    for agent, start in ((team.alice, "/apa-ash/instruction/"), (team.admin, "/habilitations/")):
        client.force_login(agent, "egide.kernel.access.backends.AgentBackend")
        assert client.get("/").headers["Location"].startswith(start)
    client.force_login(team.nora, "egide.kernel.access.backends.AgentBackend")
    page = client.get("/")
    assert page.status_code == 200
    assert "Aucune page ne vous est ouverte" in page.content.decode()


NEW = "Tilleul-clair/2026 au bord de l’eau"


def change_password(client: Client, old: str):
    data = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
    return client.post("/mot-de-passe", data)


def test_an_agent_changes_the_password_with_the_present_one(alice, client):
    sign_in(client)
    refused = change_password(client, WRONG)
    assert refused.status_code == 200
    assert refused.context["form"].errors["old_password"]
    assert change_password(client, PASSWORD).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert client.get("/mot-de-passe").status_code == 200


def test_an_open_session_does_not_try_passwords_without_end(alice, client):
    sign_in(client)
    for _ in range(conf.AXES_FAILURE_LIMIT - 1):
        assert change_password(client, WRONG).status_code == 200
    assert change_password(client, WRONG).status_code == 429
    assert change_password(client, PASSWORD).status_code == 429
    assert sign_in(Client()).status_code == 429
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_the_lock_still_holds_after_fourteen_minutes(alice, client):
    from axes.models import AccessAttempt

    for _ in range(conf.AXES_FAILURE_LIMIT):
        sign_in(client, WRONG)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert sign_in(client).status_code == 429


def test_the_address_of_a_page_is_told_to_no_other_site(client):
    assert client.get("/connexion").headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(("fields", "status"), [(1_998, 200), (2_001, 400)])
def test_a_form_of_thousands_of_fields_is_refused_before_it_is_read(client, db, fields, status):
    data = {f"f{number}": "" for number in range(fields)}
    assert client.post("/connexion", data).status_code == status


@pytest.mark.parametrize("length", [100, 101, 256, 5_000])
def test_a_name_of_any_length_is_refused_in_the_same_words(client, db, length):
    answer = client.post("/connexion", {"username": "a" * length, "password": "x"})
    assert answer.status_code == 200
    assert "Identifiant ou mot de passe incorrect" in answer.content.decode()
