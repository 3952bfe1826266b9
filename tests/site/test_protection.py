"""The first page of the data protection officer: what is lacking, what to review, nobody's file."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from egide.kernel.access.catalogue import PROTEGER
from egide.kernel.access.catalogue import SYSTEM as KERNEL
from egide.kernel.access.catalogue import Role as KernelRole
from egide.kernel.access.habilitations import queries
from egide.kernel.access.models import Habilitation
from tests import factories
from tests.personas import grant, today

URL = reverse("protection")


@pytest.fixture
def delegate(client, team):
    grant(team.denis, KernelRole.DELEGUE, team.nord, team.sud, by=team.admin, system=KERNEL)
    client.force_login(team.denis)
    return client


def test_it_is_where_the_delegate_arrives(delegate):
    assert delegate.get(reverse("home")).url == URL
    page = delegate.get(URL).content.decode()
    assert f'href="{reverse("conformite")}?etat=' in page
    assert "Rien à revoir" in page


def test_it_lists_what_to_review_and_the_roles_held_together(delegate, team):
    held = Habilitation.objects.filter(agent=team.alice)
    held.update(confirmed_on=today() - timedelta(days=200), cumul_motif="Congé de Paul")
    page = delegate.get(URL).content.decode()
    assert "Alice Martin" in page
    assert "Congé de Paul" in page
    assert "Bruno Petit" not in page  # confirmed, and alone in his role


def test_it_counts_all_and_says_that_others_follow(delegate, team, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 1)
    held = Habilitation.objects.filter(
        agent__organisme=team.departement, periode__endswith__gt=today()
    )
    two = held.filter(agent__in=[team.alice, team.bruno])
    two.update(confirmed_on=today() - timedelta(days=200), cumul_motif="Congé")
    page = delegate.get(URL).content.decode()
    assert f"{held.count()} habilitations en vigueur ou à venir, 2 à voir" in page
    assert "les premières sont ci-dessus" in page
    assert "D’autres suivent" in page


def test_it_opens_no_beneficiary_and_changes_no_habilitation(delegate, team, entering):
    dossier = factories.dossier(team.nord)
    assert "Lefèvre" not in delegate.get(URL).content.decode()
    assert delegate.get(reverse("apa_ash:dossier", args=[dossier.pk])).status_code == 404
    assert delegate.get(reverse("habilitations:list")).status_code == 404
    held = Habilitation.objects.get(agent=team.alice)
    for sql in (
        "SELECT id FROM apa_ash_identite",
        f"UPDATE access_habilitation SET confirmed_on = now() WHERE id = '{held.pk}'",
    ):
        with (
            entering(team.denis, PROTEGER),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


def test_another_organisme_is_not_overseen(delegate):
    Habilitation.objects.update(confirmed_on=today() - timedelta(days=200))
    page = delegate.get(URL).content.decode()
    assert "Alice Martin" in page
    assert "Victor Blanc" not in page


@pytest.mark.parametrize("name", ["alice", "remi", "admin", "denis", "nora"])
def test_no_other_role_opens_it(client, team, name):
    client.force_login(team.agents[name])
    assert client.get(URL).status_code == 404
