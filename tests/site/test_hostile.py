"""Hostile requests: never a failure of the server, never a name in a log or on an error page."""

import logging

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from egide.kernel.access.models import Habilitation
from egide.site.logs import NoPersonalData
from egide.site.middleware import POLICY

BACKEND = "egide.kernel.access.backends.AgentBackend"
GRANT = reverse("habilitations:grant")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def admin(team):
    client = Client(raise_request_exception=False)
    client.force_login(team.admin, backend=BACKEND)
    return client


BODIES = {
    "oversized": (b"motif=" + b"x" * (6 * 1024 * 1024), FORM),
    "too many fields": (b"&".join(b"a%d=1" % n for n in range(100_000)), FORM),
    "null bytes": (b"motif=%00&agent=%00&role=%00&services=%00&start=%00&end=%00", FORM),
    "invalid UTF-8": (b"motif=%ff%fe&agent=\xff\xfe&start=%c3%28", FORM),
    "a lone surrogate": (b"motif=%ed%a0%80&agent=%ed%a0%80", FORM),
    "json": (b'{"agent": 1}', "application/json"),
    "xml": (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "text/xml"),
    "no boundary": (b"--x\r\n", "multipart/form-data"),
    "a broken part": (b"--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
    "a strange charset": (b"motif=a", f"{FORM}; charset=utf-7"),
    "an unknown charset": (b"motif=a", f"{FORM}; charset=nope"),
    "enormous dates": (b"start=999999-99-99&end=-1&motif=a", FORM),
}


@pytest.mark.parametrize(("body", "kind"), BODIES.values(), ids=BODIES)
def test_no_body_breaks_the_server(admin, body, kind):
    before = Habilitation.objects.count()
    answer = admin.generic("POST", GRANT, body, content_type=kind)
    assert answer.status_code in {200, 400, 413, 415, 422}
    assert Habilitation.objects.count() == before
    assert answer.headers["Content-Security-Policy"] == POLICY


PATHS = [
    "/habilitations/%00/retirer",
    "/habilitations/../../etc/passwd",
    "/habilitations/%2e%2e/%2e%2e/etc/passwd",
    "/habilitations/%252e%252e/x",
    "/static/../egide/site/settings.py",
    "/static/%2e%2e/%2e%2e/settings.py",
    "/static/%00",
    "/habilitations/00000000-0000-0000-0000-00000000000g/retirer",
    "/habilitations/%ff%fe",
    "/habilitations/" + "a" * 5_000,
    "//evil.example/",
    "/habilitations/?vue=%00&vue=%ff",
    "/connexion?next=//evil.example",
    "/apa-ash/instruction/dossiers?nom=%00&etat=%ff&page=-1",
    "/apa-ash/instruction/dossiers?q=%00&apres=x",
    "/conformite?etat=%00",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["admin", "alice"])
def test_no_path_breaks_the_server_nor_leaves_it(team, name, path):
    client = Client(raise_request_exception=False)
    client.force_login(team.agents[name], backend=BACKEND)
    answer = client.get(path)
    assert answer.status_code < 500
    assert "evil.example" not in answer.headers.get("Location", "")
    assert answer.headers["Content-Security-Policy"] == POLICY
    if answer.streaming:
        answer.close()
    else:
        assert "SECRET" not in answer.content.decode(errors="replace")


def test_a_foreign_host_is_refused(admin):
    assert admin.get("/connexion", headers={"host": "evil.example"}).status_code == 400


def test_a_form_without_its_token_changes_nothing(team):
    client = Client(enforce_csrf_checks=True)
    client.force_login(team.admin, backend=BACKEND)
    assert client.post(GRANT, {"motif": "x"}).status_code == 403


PROTECTIONS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@pytest.mark.parametrize(
    "path",
    ["/connexion", "/nulle-part", "/theme.css", "/habilitations/", "/static/egide/egide.css"],
)
def test_every_answer_carries_its_protections(client, db, path):
    answer = client.get(path)
    for header, value in PROTECTIONS.items():
        assert answer.headers.get(header) == value, header
    answer.close()


def test_a_database_error_reaches_the_log_without_the_row_it_quotes(team, caplog):
    with (
        pytest.raises(IntegrityError, match="Alice") as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE access_agent SET nom = NULL WHERE prenom = 'Alice'")
    wrapped = ValueError("autour")
    wrapped.__context__ = caught.value
    for one in (caught.value, wrapped):
        record = logging.LogRecord(
            "django.request", logging.ERROR, "x", 1, "Internal Server Error: %s", ("/x",),
            (type(one), one, one.__traceback__),
        )  # fmt: skip
        assert NoPersonalData().filter(record)
        told = logging.Formatter().format(record)
        assert "Alice" not in told
        assert "IntegrityError" in told


def test_the_page_of_a_failure_tells_nothing(team, monkeypatch):
    from egide.kernel.access.habilitations import queries

    def broken(*args, **kwargs):
        raise IntegrityError("DETAIL: Failing row contains (Lefèvre)")

    monkeypatch.setattr(queries, "review", broken)
    client = Client(raise_request_exception=False)
    client.force_login(team.admin, backend=BACKEND)
    answer = client.get(reverse("habilitations:list"))
    assert answer.status_code == 500
    assert "Lef" not in answer.content.decode()
    assert answer.headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize(("more", "refused"), [(0, False), (1, True)])
def test_a_form_weighs_so_much_at_the_most(admin, more, refused):
    start = b"motif=a&x="
    body = start + b"x" * (5 * 1024 * 1024 - len(start) + more)
    answer = admin.generic("POST", GRANT, body, content_type=FORM)
    assert answer.status_code == (400 if refused else 422)
