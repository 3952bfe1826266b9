"""A claim written to somebody who died before it was posted is signed again, for the estate."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, Role
from egide.systems.apa_ash.queries import a_poster
from egide.systems.apa_ash.services import indus_a_signer as services
from egide.systems.apa_ash.services.a_poster import record_posted
from egide.systems.apa_ash.services.annulation import cancel_deces
from egide.systems.apa_ash.services.fins import record_deces
from egide.systems.apa_ash.services.reclamations import claim_beyond_right
from tests.personas import grant, today
from tests.systems.apa_ash.test_letters import squeeze, text_of
from tests.systems.apa_ash.test_payes import mois, shared

__all__ = ["mois", "shared"]
BACKEND = "egide.kernel.access.backends.AgentBackend"


@pytest.fixture
def signed(team, entering, shared, mois):
    """Two claims of 450 euros that remi signed: of a service, and of Mme Lefèvre, who is alive."""
    dossier, aide = shared()
    since = m.Droit.objects.get(dossier=dossier).periode.lower
    m.Droit.objects.update(periode=DateRange(since, mois))
    with entering(team.carole, CONTROLE) as passage:
        claim_beyond_right(passage, dossier_id=dossier.pk)
    for payee in (aide.pk, None):
        indu = m.Indu.objects.get(dossier=dossier, prestataire_id=payee)
        with entering(team.remi, INSTRUCTION) as passage:
            services.sign_indus(passage, indu_id=indu.pk, lu=indu.montant)
    return dossier


def die(dossier, on="today"):
    m.Identite.objects.filter(dossier=dossier).update(deces_on=today() if on == "today" else on)


def letter_of(dossier, *, service=False):
    letters = m.Courrier.objects.filter(dossier=dossier, succession=False)
    return letters.exclude(destinataire="").get() if service else letters.get(destinataire="")


def recall(entering, agent, letter):
    with entering(agent, INSTRUCTION) as passage:
        return services.recall_claim(passage, courrier_id=letter.pk)


def debts():
    return sorted(m.Indu.objects.values_list("prestataire", "etat"), key=str)


def test_a_debt_keeps_the_letter_that_tells_it(signed):
    for indu in m.Indu.objects.all():
        assert indu.notification == letter_of(signed, service=indu.prestataire_id is not None)


def test_her_estate_is_written_to_by_whoever_signs(team, client, entering, signed):
    die(signed)
    first = letter_of(signed)
    client.force_login(team.remi, BACKEND)
    page = reverse("apa_ash:a_poster")
    shown = client.get(page).content.decode()
    assert "Reprendre la réclamation" in shown
    assert "n’a été notifiée à personne" in shown
    to_sign = client.post(reverse("apa_ash:reclamation_reprise", args=[first.pk]), follow=True)
    assert "Réclamation reprise" in to_sign.content.decode()
    indu = m.Indu.objects.get(prestataire=None)
    assert (indu.etat, indu.notification, indu.propose_par) == ("propose", None, team.carole)
    assert m.Indu.objects.exclude(prestataire=None).get().etat == "notifie"
    client.post(to_sign.request["PATH_INFO"], {"lu": str(indu.montant)})
    indu.refresh_from_db()
    assert (indu.etat, indu.notification.succession) == ("notifie", True)
    text = text_of(indu.notification.pdf)
    assert squeeze("Succession de Mme") in text
    # What she received in her lifetime: nothing is said to follow her death, nor to be left alone.
    assert squeeze("dont le décès est survenu le") in text
    assert squeeze("se rembourse, de son vivant comme après (CASF L. 232-25)") in text
    for denied in ("après le décès de", "seules les sommes versées pour la période"):
        assert squeeze(denied) not in text
    # The first letter stays in the file and is not posted; nothing of it is to take up.
    again = client.get(page).content.decode()
    assert ("À ne pas poster" in again, "Reprendre" in again) == (True, False)
    with pytest.raises(services.DejaReprise):
        recall(entering, team.remi, first)


def test_who_does_not_sign_reads_that_it_is_to_take_up(team, client, signed):
    die(signed)
    client.force_login(team.alice, BACKEND)
    page = client.get(reverse("apa_ash:a_poster")).content.decode()
    assert ("à reprendre par qui signe" in page, "Reprendre la" in page) == (True, False)
    action = reverse("apa_ash:reclamation_reprise", args=[letter_of(signed).pk])
    assert client.post(action).status_code == 404
    assert client.get(action).status_code == 405
    assert {etat for _, etat in debts()} == {"notifie"}


@pytest.mark.parametrize("name", ["alice", "bruno", "carole", "paul", "edith", "victor", "nora"])
def test_who_holds_no_delegation_on_the_service_takes_nothing_up(team, entering, signed, name):
    grant(team.nora, Role.RESPONSABLE, team.sud, by=team.admin)
    die(signed)
    with pytest.raises(Refused):
        recall(entering, team.agents[name], letter_of(signed))


@pytest.mark.parametrize("column", ["constate_par", "propose_par"])
def test_nobody_takes_up_what_they_found_or_proposed(team, entering, signed, column):
    die(signed)
    m.Indu.objects.update(**{column: team.remi})
    with pytest.raises(services.IndusDeSaMain):
        recall(entering, team.remi, letter_of(signed))


def test_what_somebody_reads_is_not_taken_up(team, entering, signed):
    hers, theirs = letter_of(signed), letter_of(signed, service=True)
    with pytest.raises(services.DejaAdressee):
        recall(entering, team.remi, hers)
    die(signed)
    with pytest.raises(services.DejaAdressee):
        recall(entering, team.remi, theirs)
    die(signed, None)
    with entering(team.remi, INSTRUCTION) as passage:
        record_posted(passage, courriers=[hers.pk], poste_on=today())
    die(signed)
    with pytest.raises(services.DejaAdressee, match="a été postée"):
        recall(entering, team.remi, hers)
    assert {etat for _, etat in debts()} == {"notifie"}


def test_a_claim_to_the_estate_of_somebody_alive_is_taken_up_too(team, entering, signed):
    """A death that was undone: what she owes of her lifetime is claimed from her."""
    die(signed)
    recall(entering, team.remi, letter_of(signed))
    indu = m.Indu.objects.get(prestataire=None)
    with entering(team.remi, INSTRUCTION) as passage:
        services.sign_indus(passage, indu_id=indu.pk, lu=indu.montant)
    estate = m.Courrier.objects.get(succession=True)
    die(signed, None)
    recall(entering, team.remi, estate)
    with entering(team.remi, INSTRUCTION) as passage:
        services.sign_indus(passage, indu_id=indu.pk, lu=indu.montant)
    indu.refresh_from_db()
    assert not indu.notification.succession
    assert squeeze("après le décès") not in text_of(indu.notification.pdf)


def test_a_claim_waits_before_the_letters_that_only_stay(team, entering, signed, monkeypatch):
    die(signed)
    hers = m.Courrier.objects.filter(pk=letter_of(signed).pk)
    copied = hers.values().get() | {"id": uuid.uuid4(), "nature": "revalorisation"}
    m.Courrier.objects.create(**copied | {"cree_on": today()})
    hers.update(cree_on=today() - timedelta(days=3))
    monkeypatch.setattr(a_poster, "PAGE", 1)
    with entering(team.remi, INSTRUCTION) as passage:
        found, more = a_poster.list_misaddressed(passage)
    assert ([row.pk for row in found], more) == ([hers.get().pk], True)


def test_a_death_undone_voids_no_claim_that_still_stands(team, client, entering, signed):
    """What a service owes has nothing to do with the death that was recorded the same day."""
    theirs = letter_of(signed, service=True)
    with entering(team.alice, INSTRUCTION) as passage:
        record_deces(
            passage, jeton=uuid.uuid4(), dossier_id=signed.pk, deces_on=today() - timedelta(days=1)
        )
    with entering(team.remi, INSTRUCTION) as passage:
        cancel_deces(passage, jeton=uuid.uuid4(), dossier_id=signed.pk, motif="Erreur")
        waiting = {row.pk for row in a_poster.list_a_poster(passage)[0]}
    assert theirs.pk in waiting
    client.force_login(team.alice, BACKEND)
    page = client.get(reverse("apa_ash:courriers", args=[signed.pk])).content.decode()
    assert "Sans objet" not in page
    m.Indu.objects.filter(notification=theirs).update(etat="retire")
    page = client.get(reverse("apa_ash:courriers", args=[signed.pk])).content.decode()
    assert page.count("Sans objet") == 1
    with entering(team.remi, INSTRUCTION) as passage:
        assert theirs.pk not in {row.pk for row in a_poster.list_a_poster(passage)[0]}


@pytest.mark.parametrize("column", ["recouvre", "remis", "retire"])
def test_what_is_settled_in_part_is_withdrawn_first(team, entering, signed, column):
    die(signed)
    m.Indu.objects.update(**{column: Decimal("0.01")})
    with pytest.raises(services.EntameDeja, match="demandez le retrait"):
        recall(entering, team.remi, letter_of(signed))
