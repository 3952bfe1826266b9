"""Debts to their end: repaid within what is left, listed by what time is about to bar."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.delais import echeance
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT
from egide.systems.apa_ash.queries.indus import count_prescribing, list_debts
from egide.systems.apa_ash.services import remboursements as acts
from egide.systems.apa_ash.services.indu import AboveThreshold, give_up_indus
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import situations as s
from tests.systems.apa_ash.paiement_rows import prestataire

BACKEND = "egide.kernel.access.backends.AgentBackend"


def owed(service, *, dossier=None, etat="notifie", montant="100.00", **fields):
    dossier = dossier or factories.dossier(service, nom="Lefèvre", etat="ouvert")
    values = {
        "mois": today().replace(day=1),
        "motif": f"Heures {uuid.uuid4()}",
        "constate_on": today() - timedelta(days=10),
        "constate_par": factories.finder(),
        "prescrit_on": today() + timedelta(days=700),
    }
    if etat == "remis":
        values |= {"remis": Decimal(montant)}
    return m.Indu.objects.create(
        service=service, dossier=dossier, etat=etat, montant=Decimal(montant), **values | fields
    )


def repay(passage, indu, montant, *, day=None, jeton=None, dossier_id=None):
    return acts.record_remboursement(
        passage,
        jeton=jeton or uuid.uuid4(),
        dossier_id=dossier_id or indu.dossier_id,
        indu_id=indu.pk,
        recu=acts.Recu(Decimal(montant), day or today()),
    )


def state(indu):
    indu.refresh_from_db()
    return str(indu.recouvre), indu.etat


def test_a_debt_is_repaid_in_parts_and_closed_by_the_last_cent(team, entering):
    indu = owed(team.nord)
    with entering(team.carole, CONTROLE) as passage:
        repay(passage, indu, "60.00")
        with pytest.raises(acts.DavantageQueDu, match="40,00"):
            repay(passage, indu, "40.01")
        repay(passage, indu, "39.99")
    assert state(indu) == ("99.99", "notifie")
    with entering(team.carole, CONTROLE) as passage:
        repay(passage, indu, "0.01")
    assert state(indu) == ("100.00", "recouvre")
    assert [r.saisi_par_id for r in indu.remboursements.all()] == [team.carole.pk] * 3
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit.trail WHERE verb = 'enregistrer un remboursement'"
            " AND subjects = %s",
            [[indu.dossier_id]],
        )
        assert cursor.fetchone() == (3,)


def test_the_same_form_sent_twice_counts_once_and_a_form_names_one_debt(team, entering):
    indu, other, jeton = owed(team.nord), owed(team.nord), uuid.uuid4()
    with entering(team.carole, CONTROLE) as passage:
        first = repay(passage, indu, "100.00", jeton=jeton)
        assert repay(passage, indu, "100.00", jeton=jeton) == first
        assert repay(passage, other, "30.00", jeton=jeton) != first
    assert (state(indu), state(other)) == (("100.00", "recouvre"), ("30.00", "notifie"))


@pytest.mark.parametrize("etat", ["constate", "recouvre", "non_recouvre", "remis", "retire"])
def test_only_a_debt_that_was_notified_is_repaid(team, entering, etat):
    indu = owed(team.nord, etat=etat)
    with entering(team.carole, CONTROLE) as passage, pytest.raises(acts.PasARembourser):
        repay(passage, indu, "10.00")
    assert state(indu) == ("0.00", etat)


@pytest.mark.parametrize(("days", "refused"), [(-11, True), (-10, False), (0, False), (1, True)])
def test_a_repayment_comes_after_the_debt_was_found_and_not_tomorrow(team, entering, days, refused):
    indu = owed(team.nord)
    with entering(team.carole, CONTROLE) as passage:
        if refused:
            with pytest.raises(acts.JourImpossible):
                repay(passage, indu, "10.00", day=today() + timedelta(days=days))
        else:
            repay(passage, indu, "10.00", day=today() + timedelta(days=days))
    assert state(indu)[0] == ("0.00" if refused else "10.00")


def test_what_is_prescribed_is_still_repaid_by_who_wishes(team, entering):
    indu = owed(team.nord, prescrit_on=today())
    with entering(team.carole, CONTROLE) as passage:
        repay(passage, indu, "100.00")
    assert state(indu) == ("100.00", "recouvre")


@pytest.mark.parametrize(
    ("who", "purpose"),
    [("alice", INSTRUCTION), ("remi", INSTRUCTION), ("paul", PAIEMENT), ("remi", PAIEMENT)],
)
def test_only_the_control_records_a_repayment(team, entering, who, purpose):
    indu = owed(team.nord)
    with entering(team.agents[who], purpose) as passage, pytest.raises(Refused):
        repay(passage, indu, "10.00")
    assert not m.Remboursement.objects.exists()


@pytest.mark.parametrize("where", ["another service", "another file"])
def test_a_debt_of_another_service_or_file_looks_absent(team, entering, where):
    indu = owed(team.sud if where == "another service" else team.nord)
    elsewhere = factories.dossier(team.nord, nom="Autre", etat="ouvert")
    asked = elsewhere.pk if where == "another file" else None
    with entering(team.carole, CONTROLE) as passage, pytest.raises(Refused):
        repay(passage, indu, "10.00", dossier_id=asked)
    assert state(indu)[0] == "0.00"


def test_what_is_open_comes_first_prescribed_first_and_the_rest_by_its_filter(team, entering):
    late = owed(team.nord, prescrit_on=today() + timedelta(days=90))
    soon = owed(team.nord, etat="constate", prescrit_on=today() + timedelta(days=9))
    paid = owed(team.nord, etat="recouvre")
    for etat in ("non_recouvre", "remis", "retire"):
        owed(team.nord, etat=etat)
    owed(team.sud)
    with entering(team.carole, CONTROLE) as passage:
        found = {
            asked: [row.pk for row in list_debts(passage, suivi=asked)[0]]
            for asked in ("", "constate", "notifie", "recouvre")
        }
    assert found == {
        "": [soon.pk, late.pk],
        "constate": [soon.pk],
        "notifie": [late.pk],
        "recouvre": [paid.pk],
    }


def test_what_time_bars_within_six_months_is_counted_to_its_day(team, entering):
    last = echeance("alerte_prescription", today())
    owed(team.nord, prescrit_on=last, montant="70.00", recouvre=Decimal("20.00"))
    owed(team.nord, etat="constate", prescrit_on=today() + timedelta(days=1), montant="5.00")
    owed(team.nord, prescrit_on=last + timedelta(days=1))
    owed(team.nord, prescrit_on=today())
    owed(team.nord, etat="recouvre", prescrit_on=last)
    owed(team.sud, prescrit_on=last)
    with entering(team.carole, CONTROLE) as passage:
        told = count_prescribing(passage)
    assert (told.bientot, told.reste, told.prescrits) == (2, Decimal("55.00"), 1)
    assert told.jusqu_on == last


def test_the_list_tells_what_is_left_and_costs_the_same_whatever_it_holds(
    client, team, monkeypatch
):
    monkeypatch.setattr("egide.systems.apa_ash.queries.indus.PAGE", 20)
    client.force_login(team.carole, backend=BACKEND)
    costs = []
    for size in (1, 20):
        for _ in range(size):
            owed(team.nord, recouvre=Decimal("30.00"), prescrit_on=today() + timedelta(days=30))
        client.get(reverse("apa_ash:indus"))
        with CaptureQueriesContext(connection) as seen:
            page = client.get(reverse("apa_ash:indus"))
        costs.append(len(seen))
    text = page.content.decode()
    assert costs[0] == costs[1] <= 15
    for told in ("70,00\u00a0€", "21 indus prescrits d’ici le", "1\u202f470,00", "bientôt"):
        assert told in text, told
    assert "?page=2" in text
    assert len(client.get(reverse("apa_ash:indus") + "?page=2").context["rows"]) == 1
    assert not client.get(reverse("apa_ash:indus") + "?etat=recouvre").context["rows"]
    assert client.get(reverse("apa_ash:indus") + "?etat=inconnu&page=-3").status_code == 200


def test_the_screen_records_and_says_what_is_wrong_at_the_field(client, team):
    indu = owed(team.nord)
    client.force_login(team.carole, backend=BACKEND)
    page = reverse("apa_ash:remboursement", args=[indu.dossier_id, indu.pk])
    listed = client.get(reverse("apa_ash:controle_dossier", args=[indu.dossier_id]))
    assert page in listed.content.decode()
    assert 'value="100,00"' in client.get(page).content.decode()
    posted = {"jeton": uuid.uuid4(), "montant": "40,5", "recu_on": today().isoformat()}
    for wrong in (
        {"montant": "0"},
        {"montant": "-1"},
        {"montant": "1e9"},
        {"montant": "1,234"},
        {"montant": "100,01"},
        {"recu_on": "2026-02-30"},
        {"recu_on": (today() + timedelta(days=1)).isoformat()},
        {"jeton": "x"},
    ):
        assert client.post(page, posted | wrong).status_code == 422, wrong
    assert state(indu) == ("0.00", "notifie")
    for _ in range(2):
        assert client.post(page, posted).status_code == 302
    assert state(indu) == ("40.50", "notifie")
    assert "40,50\u00a0€" in client.get(page).content.decode()
    client.post(page, posted | {"jeton": uuid.uuid4(), "montant": "59,50"})
    assert "Seul un indu notifié" in client.get(page).content.decode()
    again = client.get(reverse("apa_ash:controle_dossier", args=[indu.dossier_id]))
    assert page not in again.content.decode()


@pytest.mark.parametrize("who", ["alice", "chloe", "paul", "remi", "denis", "nora"])
def test_the_screens_of_debts_are_the_control_s(client, team, who):
    indu = owed(team.nord)
    client.force_login(team.agents[who], backend=BACKEND)
    page = reverse("apa_ash:remboursement", args=[indu.dossier_id, indu.pk])
    for answer in (client.get(reverse("apa_ash:indus")), client.get(page), client.post(page)):
        assert answer.status_code == 404


def test_a_debt_is_not_notified_to_a_service_without_an_address(team, client):
    service = prestataire(team.departement, adresse="")
    dossier = s.opened(team.nord, since=today() - timedelta(days=90), by=team.chloe)
    indu = owed(team.nord, dossier=dossier, etat="constate", prestataire=service)
    client.force_login(team.carole, backend=BACKEND)
    page = reverse("apa_ash:indu_notification", args=[dossier.pk])
    posted = {"prestataire": str(service.pk)}
    said = client.post(page, posted, follow=True).content.decode()
    assert "l’adresse de Aide à Domicile 01 n’est pas connue" in said
    assert state(indu)[1] == "constate"
    assert not m.Courrier.objects.exists()
    m.Prestataire.objects.update(adresse="4 rue du Moulin, 01000 Bourg-en-Bresse")
    assert "Notification proposée" in client.post(page, posted, follow=True).content.decode()
    assert state(indu)[1] == "propose"


def test_what_is_closed_is_what_one_payee_owes_on_one_file(team, entering):
    """Each total is below the threshold; the others of the service stay to be looked at."""
    of_service = prestataire(team.departement)
    mine = owed(team.nord, etat="constate", montant="9.00")
    others = [
        owed(team.nord, etat="constate", montant="9.00"),
        owed(team.nord, dossier=mine.dossier, etat="constate", montant="9.00",
             prestataire=of_service),
        owed(team.nord, dossier=mine.dossier),
    ]  # fmt: skip
    with entering(team.carole, CONTROLE) as passage:
        give_up_indus(passage, dossier_id=mine.dossier_id, prestataire_id=None)
    assert state(mine)[1] == "non_recouvre"
    assert [state(other)[1] for other in others] == ["constate", "constate", "notifie"]


@pytest.mark.parametrize("beside", ["the same month", "the same day", "a claim", "neither"])
def test_what_is_given_up_counts_with_what_was_given_up_beside_it(team, entering, beside):
    """Each is below the threshold: together they are above it, of one month or of one day."""
    before = {"mois": previous_month(today().replace(day=1))}
    old = {"constate_on": today() - timedelta(days=90)}
    mine = owed(team.nord, etat="constate", montant="20.00")
    if beside == "a claim":
        other = {"etat": "propose", "propose_on": today(), "propose_par": factories.finder()}
    else:
        other = {"etat": "non_recouvre"}
    apart = {"the same month": old, "the same day": before}.get(beside, old | before)
    owed(team.nord, dossier=mine.dossier, montant="20.00", **other | apart)
    with entering(team.carole, CONTROLE) as passage:
        if beside == "neither":
            give_up_indus(passage, dossier_id=mine.dossier_id, prestataire_id=None)
        else:
            with pytest.raises(AboveThreshold):
                give_up_indus(passage, dossier_id=mine.dossier_id, prestataire_id=None)
    assert state(mine)[1] == ("non_recouvre" if beside == "neither" else "constate")
