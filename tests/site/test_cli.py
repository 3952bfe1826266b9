"""The command line speaks French and loads only what a subcommand needs."""

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from egide.site import cli, demo, logins
from egide.systems.apa_ash.fichiers.defauts import TAILLE_MAX


def egide(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "egide.site.cli", *arguments],
        cwd=Path(__file__).parents[2], env={**os.environ, **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_help_is_french_and_lists_the_commands():
    result = egide("--help")
    assert result.returncode == 0
    assert "commandes:" in result.stdout
    for name in ("demo", "serve", "compute", "policy", "conformity", "audit",
                 "revalorisation", "stop", "manage"):  # fmt: skip
        assert f"    {name} " in result.stdout or f"    {name}\n" in result.stdout


def test_a_system_brings_its_commands_and_its_demonstration():
    """Nothing of the site names a system but the default of EGIDE_SYSTEMS."""
    code = (
        "from egide.site import cli, systems; _, commands = cli._parser([]);"
        "print('revalorisation' in commands, systems.declared('nothing', 'X'),"
        " len(systems.declared('navigation', '__doc__')))"
    )
    for active, expected in (("apa_ash", "True [] 1\n"), ("", "False [] 0\n")):
        result = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "EGIDE_SYSTEMS": active},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.stdout == expected, result.stderr
    named = [
        path.name
        for path in Path(cli.__file__).parent.rglob("*.py")
        if "apa_ash" in path.read_text(encoding="utf-8")
    ]
    assert named == ["systems.py"]


@pytest.mark.django_db
def test_a_demonstration_of_another_form_is_told_and_named():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE apa_ash_courrier DROP COLUMN pdf CASCADE")
    with pytest.raises(cli.CannotServe, match=r"« egide stop ».*/postgres ") as told:
        demo.prepare()
    assert 'column "pdf" of relation "apa_ash_courrier"' in str(told.value)


def test_an_unknown_command_is_told_in_french():
    result = egide("calculer")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "Commande inconnue : « calculer ». Voyez « egide --help ».\n"


def test_the_command_itself_imports_neither_django_nor_a_database():
    code = (
        "import sys; from egide.site import cli; cli._parser([]);"
        "print(sorted({'django', 'psycopg', 'ibis', 'egide.site.embedded'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"


def test_a_busy_address_is_told_before_any_work():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        bind = f"127.0.0.1:{busy.getsockname()[1]}"
        result = egide("serve", "--bind", bind)
    assert result.returncode == 1
    assert f"L’adresse {bind} n’est pas libre" in result.stderr


@pytest.mark.parametrize(
    "bind", ["8000", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:99999", "127.0.0.1:" + "9" * 4_500]
)
def test_a_malformed_address_is_refused(bind):
    with pytest.raises(cli.CannotServe, match=bind):
        cli._check_free(bind)


@pytest.fixture
def drift(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the database is said to have otherwise, and the commands that would follow."""
    found: list[str] = []
    monkeypatch.setattr(cli, "_drift", lambda: found)
    monkeypatch.setattr(cli, "_django", lambda: None)
    monkeypatch.setattr(logins, "closed", list)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    return found


def test_the_server_refuses_to_start_on_drift(drift, monkeypatch, capsys):
    started = []
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    serve = argparse.Namespace(bind="127.0.0.1:0")
    drift.append("table apa_ash_sante : politique absente")
    assert cli._run_with_server(cli._serve, serve) == 1
    assert started == []
    assert "apa_ash_sante : politique absente" in capsys.readouterr().err
    drift.clear()
    cli._run_with_server(cli._serve, serve)
    assert "--listen=127.0.0.1:0" in started[0]
    # A visitor's body goes no further than the largest import, which is read after the sign-in.
    (largest,) = (a for a in started[0] if a.startswith("--max-request-body-size="))
    assert TAILLE_MAX < int(largest.partition("=")[2]) == 25 * 1024 * 1024
    assert os.environ["EGIDE_DB_LOGIN"] == "web"


OWNER = "postgresql://le_proprietaire:mot-du-coffre@base.exemple:5433/aide?sslmode=verify-full"


def test_the_web_process_keeps_nothing_of_the_owner(tmp_path):
    """Its environment is read from /proc, as code run inside it would."""
    code = (
        "import os, sys; from egide.site import cli, logins; cli._drift = logins.closed = list;"
        "run = os.execv; show = 'print(open(\"/proc/self/environ\").read())';"
        "os.execv = lambda python, _: run(python, [python, '-c', show]);"
        "cli._become_web_server('127.0.0.1:0')"
    )
    environment = os.environ | {
        "DATABASE_URL": OWNER, "PGPASSWORD": "mot-du-coffre", "PGPASSFILE": "/srv/le_proprietaire",
        "PGUSER": "le_proprietaire", "PGSERVICE": "le_proprietaire", "EGIDE_HOME": str(tmp_path),
        "PGSSLROOTCERT": "/srv/autorite.pem", "DJANGO_SETTINGS_MODULE": cli.SETTINGS,
    }  # fmt: skip
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "le_proprietaire" not in result.stdout
    assert "mot-du-coffre" not in result.stdout
    kept = dict(v.split("=", 1) for v in result.stdout.partition("\n")[2].split("\0") if "=" in v)
    assert not [name for name in kept if name.startswith("PG")]
    assert kept["EGIDE_DB_LOGIN"] == "web"
    assert conninfo_to_dict(kept["DATABASE_URL"]) == {
        "host": "base.exemple", "port": "5433", "dbname": "aide", "sslmode": "verify-full",
        "sslrootcert": "/srv/autorite.pem",
    }  # fmt: skip


def test_the_site_does_not_start_when_its_logins_are_shut_out(drift, monkeypatch, capsys):
    started = []
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    monkeypatch.setattr(logins, "closed", lambda: ["egide_web : mot de passe refusé"])
    assert cli._run_with_server(cli._serve, argparse.Namespace(bind="127.0.0.1:0")) == 1
    assert started == []
    assert "egide_web : mot de passe refusé" in (told := capsys.readouterr().err)
    assert "egide policy sync" in told


def test_policy_check_fails_on_drift_only(drift, monkeypatch, capsys):
    monkeypatch.setattr("egide.kernel.access.compiler.cautions", lambda: ["grands objets"])
    check = argparse.Namespace(action="check")
    assert cli._policy(check) == 0
    drift.append("rôle absent")
    assert cli._policy(check) == 1
    told = capsys.readouterr().out
    assert "rôle absent" in told
    assert "À savoir : grands objets" in told
