"""The reports of destruction, as the data protection officer reads them: of one organisme."""

from datetime import date

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from egide.kernel.access.catalogue import SYSTEM as KERNEL
from egide.kernel.access.catalogue import Role as KernelRole
from egide.kernel.retention.destruction import destroy_due
from egide.kernel.retention.reports import pseudonym
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.retention import SCHEDULE
from tests import factories
from tests.personas import grant

URL = reverse("destructions")


@pytest.fixture
def delegate(client, team):
    grant(team.denis, KernelRole.DELEGUE, team.nord, team.sud, by=team.admin, system=KERNEL)
    client.force_login(team.denis)
    return client


def destroyed(*services):
    over = {"etat": Etat.CLOS, "ouvert_on": date(2018, 1, 1), "fin_droit_on": date(2019, 1, 1)}
    files = [factories.dossier(service, nom="Zyromska", **over) for service in services]
    destroy_due(SCHEDULE, on=date(2026, 3, 1), tell=lambda _: None, batch=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
    return [pseudonym(file.pk, key=settings.SECRET_KEY) for file in files]


def test_one_run_is_one_report_with_its_rule_its_counts_and_its_pseudonyms(delegate, team):
    assert "Rien n’a été détruit" in delegate.get(URL).content.decode()
    names = destroyed(team.nord, team.nord, team.sud)
    page = delegate.get(URL).content.decode()
    assert page.count("Pseudonymes des dossiers") == 1
    assert "<b>3</b> dossiers au terme" in page
    assert "6 ans après fin du droit" in page
    assert all(name in page for name in names)
    assert "Identite" in page
    assert "Zyromska" not in page


def test_the_end_of_an_archive_is_a_report_too(delegate, team):
    gone = {"etat": Etat.CLOS, "ouvert_on": date(2018, 1, 1), "fin_droit_on": date(2021, 1, 1)}
    factories.dossier(team.nord, dernier_contact_on=date(2021, 1, 1), **gone)
    for on in (date(2026, 3, 1), date(2027, 3, 1)):
        destroy_due(SCHEDULE, on=on, tell=lambda _: None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
    page = delegate.get(URL).content.decode()
    assert "2 ans après dernier contact : archivage" in page
    assert "6 ans après fin du droit : anonymisation" in page
    assert "Dossiers sortis de l’archive" in page


def test_another_organisme_is_not_told(delegate, team):
    (name,) = destroyed(team.ailleurs)
    page = delegate.get(URL).content.decode()
    assert name not in page
    assert "Rien n’a été détruit" in page


def test_reading_the_reports_is_in_the_trail(delegate, team):
    destroyed(team.nord)
    delegate.get(URL)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.trail WHERE verb = 'lire les destructions'")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("name", ["alice", "remi", "admin", "denis", "nora"])
def test_no_other_role_opens_it(client, team, name):
    client.force_login(team.agents[name])
    assert client.get(URL).status_code == 404
