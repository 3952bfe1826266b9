"""The page « Conformité »: for any agent, without any person's data, filtered by state."""

import pytest
from django.urls import reverse

from egide.kernel.conformity.clauses import text
from egide.kernel.conformity.report import STATUSES

PAGE = reverse("conformite")
BACKEND = "egide.kernel.access.backends.AgentBackend"


@pytest.fixture(autouse=True)
def collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path


@pytest.mark.parametrize("name", ["alice", "denis", "nora"])
def test_any_agent_reads_every_clause(client, team, name):
    client.force_login(team.agents[name], backend=BACKEND)
    page = client.get(PAGE).content.decode()
    for clause in text("apa_ash").clauses:
        assert f">{clause.id}</th>" in page
    assert f'href="{PAGE}"' in page


def test_a_visitor_signs_in_first(client, db):
    assert client.get(PAGE).headers["Location"] == f"/connexion?next={PAGE}"


def test_the_states_part_the_clauses(client, team):
    client.force_login(team.denis, backend=BACKEND)
    shown = [client.get(PAGE, {"etat": state}).content.decode() for state in STATUSES]
    for clause in text("apa_ash").clauses:
        assert sum(f">{clause.id}</th>" in page for page in shown) == 1, clause.id
    everything = client.get(PAGE, {"etat": "<script>"}).content.decode()
    assert "<script>&" not in everything
    assert all(f">{clause.id}</th>" in everything for clause in text("apa_ash").clauses)
