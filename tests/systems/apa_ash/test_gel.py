"""The hold of a file: by the head of its service, with a reason and a term, shown to agents."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash.models import Gel
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.queries.conservation import read_conservation
from egide.systems.apa_ash.services import conservation as services
from tests import factories
from tests.personas import grant, today

TERM = today() + timedelta(days=200)


@pytest.fixture
def dossier(team):
    return factories.dossier(
        team.nord,
        etat=Etat.CLOS,
        ouvert_on=date(2022, 5, 2),
        fin_droit_on=date(2024, 2, 29),
        dernier_contact_on=date(2024, 2, 29),
    )


def url(dossier):
    return reverse("apa_ash:conservation", args=[dossier.pk])


def hold(team, dossier, jusqu_on=TERM):
    return Gel.objects.create(
        service=dossier.service, dossier=dossier, motif="Recours au tribunal", pose_on=today(),
        jusqu_on=jusqu_on, pose_par=team.remi,
    )  # fmt: skip


def trail(verb):
    with connection.cursor() as cursor:
        cursor.execute("SELECT motif, subjects FROM audit.trail WHERE verb = %s", [verb])
        return cursor.fetchall()


def test_an_agent_reads_until_when_a_file_is_kept_and_may_not_hold_it(client, team, dossier):
    client.force_login(team.alice)
    page = client.get(url(dossier)).content.decode()
    assert 'datetime="2026-02-28"' in page  # two years after 29 February
    assert 'datetime="2030-02-28"' in page  # six years after it
    assert "CASF R. 232-46" in page.replace("\u00a0", " ")
    assert "Geler le dossier" not in page
    sent = client.post(url(dossier), {"jusqu_on": TERM.isoformat(), "motif": "Recours"})
    assert sent.status_code == 404
    assert not Gel.objects.exists()


def test_the_page_tells_what_holds_the_file_today(client, team, dossier):
    client.force_login(team.alice)
    type(dossier).objects.filter(pk=dossier.pk).update(etat=Etat.OUVERT, fin_droit_on=None)
    hold(team, dossier)
    page = client.get(url(dossier)).content.decode()
    for told in ("un droit court encore", "le dossier est gelé", "Recours au tribunal", "Girard"):
        assert told in page
    assert "Destruction après" not in page


@pytest.mark.parametrize(("step", "held"), [(-1, True), (0, True), (1, False)])
def test_a_hold_lasts_until_its_term_that_day_included(team, dossier, on_day, step, held):
    hold(team, dossier)
    with on_day(team.alice, TERM + timedelta(days=step)) as passage:
        reasons = read_conservation(passage, pk=dossier.pk).reasons
    assert ("le dossier est gelé" in reasons) is held


def test_the_head_of_the_service_holds_a_file_then_lets_it_go_both_in_the_trail(
    client, team, dossier
):
    client.force_login(team.remi)
    assert "Geler le dossier" in client.get(url(dossier)).content.decode()
    held = client.post(url(dossier), {"jusqu_on": TERM.isoformat(), "motif": "Recours pendant"})
    assert held.status_code == 302
    gel = Gel.objects.get()
    assert (gel.jusqu_on, gel.motif, gel.pose_par_id) == (TERM, "Recours pendant", team.remi.pk)
    assert trail("geler la conservation d’un dossier") == [("Recours pendant", [dossier.pk])]
    assert client.post(url(dossier), {"motif": "Jugement définitif"}).status_code == 302
    assert not Gel.objects.exists()
    assert trail("lever le gel d’un dossier") == [("Jugement définitif", [dossier.pk])]


@pytest.mark.parametrize(
    ("jusqu_on", "motif", "said"),
    [
        (today(), "Recours", "choisissez un jour à venir"),
        (TERM, "", "Ce champ est nécessaire"),
        ("", "Recours", "Indiquez une date"),
    ],
)
def test_a_hold_without_reason_or_term_is_refused(client, team, dossier, jusqu_on, motif, said):
    client.force_login(team.remi)
    page = client.post(url(dossier), {"jusqu_on": str(jusqu_on), "motif": motif})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Gel.objects.exists()


def test_a_file_is_held_once_and_what_is_not_held_is_not_lifted(team, dossier, on_day):
    with on_day(team.remi, today()) as passage, pytest.raises(services.AucunGel):
        services.lift_gel(passage, dossier_id=dossier.pk, motif="Rien")
    hold(team, dossier)
    with on_day(team.remi, today()) as passage, pytest.raises(services.DossierGele):
        services.freeze_dossier(passage, dossier_id=dossier.pk, jusqu_on=TERM, motif="Encore")


def test_the_head_of_another_service_or_an_agent_of_this_one_neither_holds_nor_lifts(team, on_day):
    south, north = factories.dossier(team.sud), factories.dossier(team.nord)
    hold(team, south)
    for agent, file in ((team.remi, south), (team.alice, north)):
        for act, more in (
            (services.freeze_dossier, {"jusqu_on": TERM}),
            (services.lift_gel, {}),
        ):
            with on_day(agent, today()) as passage, pytest.raises(Refused):
                act(passage, dossier_id=file.pk, motif="Essai", **more)
    assert Gel.objects.get().dossier_id == south.pk


def test_nobody_holds_a_file_in_the_name_of_another(team, dossier, entering):
    grant(team.nora, Role.RESPONSABLE, team.nord, by=team.admin)  # another head of the service
    with (
        entering(team.nora, INSTRUCTION),
        pytest.raises(IntegrityError, match="signed by the agent"),
        transaction.atomic(),
    ):
        hold(team, dossier)
