"""Files given to someone else: by the head of the service, with a reason, all or none."""

import pytest
from django.db import connection
from django.urls import reverse

from egide.kernel.access.models import Habilitation, HabilitationService
from egide.kernel.access.passage import Refused
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.services.reaffectation import (
    DossierFini,
    InstructeurHorsService,
    reassign_dossiers,
)
from tests import factories
from tests.personas import grant

URL = reverse("apa_ash:reaffectation")


def trail():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT verb, motif, array_length(subjects, 1) FROM audit.trail"
            " WHERE verb = 'réaffecter des dossiers'"
        )
        return cursor.fetchall()


def sent(team, *dossiers, **changes):
    values = {
        "dossiers": [str(d.pk) for d in dossiers],
        "instructeur": str(team.alice.pk),
        "motif": "Départ de Nora",
    }
    return values | changes


def followers(*dossiers):
    rows = Dossier.objects.filter(pk__in=[d.pk for d in dossiers])
    return set(rows.values_list("instructeur", flat=True))


@pytest.fixture
def head(client, team):
    client.force_login(team.remi)
    return client


def test_the_head_of_a_service_gives_several_files_at_once_with_one_line_in_the_trail(head, team):
    files = [factories.dossier(team.nord, instructeur=team.nora) for _ in range(3)]
    page = head.get(URL, {"de": str(team.nora.pk)}).content.decode()
    assert "Nora Lambert (3)" in page
    assert head.post(URL, sent(team, *files)).status_code == 302
    assert followers(*files) == {team.alice.pk}
    assert trail() == [("réaffecter des dossiers", "Départ de Nora", 3)]


def test_what_was_not_ticked_stays(team, entering):
    given, kept = (factories.dossier(team.nord, instructeur=team.nora) for _ in range(2))
    hers = factories.dossier(team.nord, instructeur=team.alice)
    said = {"instructeur_id": team.alice.pk, "motif": "Départ"}
    with entering(team.remi, INSTRUCTION) as passage:
        reassign_dossiers(passage, dossier_ids=[given.pk, hers.pk], **said)
        with pytest.raises(Refused):
            reassign_dossiers(passage, dossier_ids=[], **said)
    assert (followers(given, hers), followers(kept)) == ({team.alice.pk}, {team.nora.pk})


def test_one_file_is_given_from_its_own_page(head, team):
    dossier = factories.dossier(team.nord)
    address = f"{URL}?dossier={dossier.pk}"
    assert address in head.get(reverse("apa_ash:dossier", args=[dossier.pk])).content.decode()
    answer = head.post(address, sent(team, dossier))
    assert answer.url == reverse("apa_ash:dossier", args=[dossier.pk])
    assert followers(dossier) == {team.alice.pk}


@pytest.mark.parametrize("name", ["alice", "bruno", "chloe", "paul", "denis", "nora", "victor"])
def test_nobody_else_reaches_the_screen(client, team, name):
    client.force_login(team.agents[name])
    assert client.get(URL).status_code == 404
    assert client.post(URL, sent(team)).status_code == 404


def test_an_instructeur_who_may_write_the_file_does_not_give_it_away(team, entering):
    dossier = factories.dossier(team.nord, instructeur=team.alice)
    with entering(team.alice, INSTRUCTION) as passage, pytest.raises(Refused):
        reassign_dossiers(
            passage, dossier_ids=[dossier.pk], instructeur_id=team.remi.pk, motif="Trop de travail"
        )
    assert followers(dossier) == {team.alice.pk}


def test_a_file_of_another_service_spoils_the_whole_batch(head, team):
    near, far = factories.dossier(team.nord), factories.dossier(team.sud)
    assert head.post(URL, sent(team, near, far)).status_code == 422
    assert followers(near, far) == {None}


def test_a_service_where_one_only_instructs_is_not_headed(team, entering):
    far = factories.dossier(team.sud)
    grant(team.remi, Role.INSTRUCTEUR, team.sud, by=team.admin)
    with entering(team.remi, INSTRUCTION) as passage, pytest.raises(Refused):
        reassign_dossiers(
            passage, dossier_ids=[far.pk], instructeur_id=team.bruno.pk, motif="Départ"
        )


@pytest.mark.parametrize("name", ["bruno", "chloe", "edith", "nora", "victor"])
def test_who_does_not_instruct_in_the_service_today_is_given_nothing(team, entering, name):
    dossier = factories.dossier(team.nord)
    with entering(team.remi, INSTRUCTION) as passage, pytest.raises(InstructeurHorsService):
        reassign_dossiers(
            passage,
            dossier_ids=[dossier.pk],
            instructeur_id=team.agents[name].pk,
            motif="Départ",
        )
    assert followers(dossier) == {None}


def test_a_file_that_is_over_is_not_listed_nor_given(head, team, entering):
    over = factories.dossier(team.nord, etat=Etat.CLOS, nom="Terminée")
    assert "Terminée" not in head.get(URL).content.decode()
    with entering(team.remi, INSTRUCTION) as passage, pytest.raises(DossierFini):
        reassign_dossiers(
            passage, dossier_ids=[over.pk], instructeur_id=team.alice.pk, motif="Départ"
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dossiers": []}, "Cochez au moins un dossier"),
        ({"instructeur": ""}, "Choisissez qui suivra"),
        ({"motif": " "}, "nécessaire"),
    ],
)
def test_what_is_missing_is_told_and_nothing_moves(head, team, changes, message):
    dossier = factories.dossier(team.nord)
    answer = head.post(URL, sent(team, dossier) | changes)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert followers(dossier) == {None}


def test_lists_show_the_service_to_who_has_several(head, team):
    dossier = factories.dossier(team.nord)
    Dossier.objects.filter(pk=dossier.pk).update(
        echeance="accuse", echeance_on=dossier.ouvert_on, instructeur=team.remi
    )
    lists = [
        reverse(f"apa_ash:{name}") for name in ("dossiers", "journee", "lots", "reaffectation")
    ]
    for address in lists:
        page = head.get(address).content.decode()
        assert '<th scope="col">Service</th>' not in page
    held = Habilitation.objects.get(agent=team.remi)
    HabilitationService.objects.create(
        organisme=team.departement, habilitation=held, service=team.sud
    )
    for address in (lists[0], lists[1], lists[3]):
        assert team.nord.nom in head.get(address).content.decode()
