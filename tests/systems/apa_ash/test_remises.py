"""Remissions: asked by the control, decided by whoever signs, told to the payee."""

import uuid
from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.models.remise import OrigineRemise
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT, Role
from egide.systems.apa_ash.queries.echeancier_lots import Scope, read_debts
from egide.systems.apa_ash.queries.indus import list_debts
from egide.systems.apa_ash.services import lot
from egide.systems.apa_ash.services import remises as acts
from tests import factories
from tests.personas import grant, today
from tests.systems.apa_ash.paiement_rows import IBAN, droit, payable, prestataire
from tests.systems.apa_ash.test_indus import owed, repay
from tests.systems.apa_ash.test_letters import squeeze, text_of

BACKEND = "egide.kernel.access.backends.AgentBackend"


@pytest.fixture
def indu(team):
    return owed(team.nord, constate_par=team.carole)


@pytest.fixture
def ask(team, entering):
    def asked(indu, *, agent=None, **changes):
        said = {"origine": OrigineRemise.DEBITEUR, "demandee_on": today(), "motif": "Précarité"}
        with entering(agent or team.carole, CONTROLE) as passage:
            return acts.request_remise(
                passage,
                jeton=changes.pop("jeton", None) or uuid.uuid4(),
                dossier_id=changes.pop("dossier_id", indu.dossier_id),
                indu_id=indu.pk,
                demande=acts.Demande(**said | changes),
            )

    return asked


@pytest.fixture
def grant_to(team, entering):
    def granted(remise, montant=None, *, agent=None, motif="Ressources modestes"):
        with entering(agent or team.remi, INSTRUCTION) as passage:
            return acts.grant_remise(
                passage, remise_id=remise.pk, motif=motif, montant=montant and Decimal(montant)
            )

    return granted


def state(indu):
    indu.refresh_from_db()
    return str(indu.remis), str(indu.reste), indu.etat


def letter(indu):
    return text_of(m.Courrier.objects.get(dossier=indu.dossier, nature="decision_remise").pdf)


def trail(verb):
    with connection.cursor() as cursor:
        cursor.execute("SELECT outcome, motif FROM audit.trail WHERE verb = %s", [verb])
        return cursor.fetchall()


def test_a_request_takes_nothing_off_and_the_withholding_goes_on(team, entering, indu, ask):
    remise = ask(indu)
    assert (remise.etat, remise.demandee_par_id) == ("demandee", team.carole.pk)
    assert state(indu) == ("0.00", "100.00", "notifie")
    with entering(team.paul, PAIEMENT) as passage:
        found = read_debts(Scope(passage, team.nord.pk, today()))
    assert found == {indu.dossier_id: {None: Decimal("100.00")}}
    assert not m.Courrier.objects.exists()


def test_all_that_is_left_is_remitted_and_the_payee_reads_it(team, indu, ask, grant_to):
    m.Indu.objects.filter(pk=indu.pk).update(recouvre=Decimal("30.00"))
    grant_to(ask(indu))
    assert state(indu) == ("70.00", "0.00", "remis")
    text = letter(indu)
    for told in ("accordée pour tout ce qui restait dû", "70,00 €", "plus rien à rembourser"):
        assert squeeze(told) in text, told
    assert squeeze("Comment rembourser") not in text
    for owed_to_all in ("Ressources modestes", "recours", "Rémi Girard", "protection des données"):
        assert squeeze(owed_to_all) in text, owed_to_all
    assert trail("accorder la remise d’un indu") == [("fait", "Ressources modestes")]


def test_a_part_lowers_what_is_left_what_is_withheld_and_what_is_repaid(
    team, entering, indu, ask, grant_to
):
    grant_to(ask(indu), "30.01")
    assert state(indu) == ("30.01", "69.99", "notifie")
    with entering(team.paul, PAIEMENT) as passage:
        found = read_debts(Scope(passage, team.nord.pk, today()))
    assert found == {indu.dossier_id: {None: Decimal("69.99")}}
    text = letter(indu)
    for told in ("accordée en partie, pour 30,01 €", "Il reste 69,99 €", "comptable public"):
        assert squeeze(told) in text, told
    with entering(team.carole, CONTROLE) as passage:
        repay(passage, indu, "69.99")
    assert state(indu) == ("30.01", "0.00", "recouvre")


def test_a_right_that_goes_on_says_how_much_a_month_may_still_withhold(team, ask, grant_to):
    mois = today().replace(day=1)
    dossier = factories.dossier(team.nord, nom="Roy", etat="ouvert")
    aide = prestataire(team.departement)
    right = droit(dossier, start=mois, apa="500.00", lines=[(ModeAide.PRESTATAIRE, aide, 20, 25)])
    lot = m.LotPaiement.objects.create(
        service=team.nord, mois=mois, etat="prepare", prepare_par=team.paul, prepare_on=mois
    )
    m.Paiement.objects.create(
        service=team.nord, lot=lot, dossier=dossier, droit=right, prestataire=aide, mois_du=mois,
        montant_brut=Decimal("500.00"), verse_on=mois,
    )  # fmt: skip
    indu = owed(
        team.nord, dossier=dossier, mois=mois, prestataire=aide, montant="300.00",
        constate_par=team.carole,
    )  # fmt: skip
    grant_to(ask(indu), "50.00")
    text = letter(indu)
    for told in (aide.nom, "Nous retenons jusqu’à 100,00 €", "l’aide apportée à"):
        assert squeeze(told) in text, told


def test_a_refusal_leaves_the_debt_and_says_why_and_may_be_asked_again(team, entering, indu, ask):
    remise = ask(indu, origine=OrigineRemise.CONTROLE)
    with entering(team.remi, INSTRUCTION) as passage:
        with pytest.raises(acts.RemiseSansMotif):
            acts.refuse_remise(passage, remise_id=remise.pk, motif="  ")
        acts.refuse_remise(passage, remise_id=remise.pk, motif="Ressources suffisantes.")
        for again in (acts.refuse_remise, acts.grant_remise):
            with pytest.raises(acts.RemiseDecidee):
                again(passage, remise_id=remise.pk, motif="x")
    assert state(indu) == ("0.00", "100.00", "notifie")
    text = letter(indu)
    for told in ("Nous avons étudié", "est refusée", "Ressources suffisantes.", "Il reste 100,00"):
        assert squeeze(told) in text, told
    assert squeeze("Vous avez demandé") not in text
    assert ask(indu).etat == "demandee"


def test_the_same_request_sent_twice_is_one_and_another_waits(indu, ask):
    jeton = uuid.uuid4()
    assert ask(indu, jeton=jeton) == ask(indu, jeton=jeton)
    with pytest.raises(acts.DejaDemandee):
        ask(indu)


@pytest.mark.parametrize("etat", ["constate", "recouvre", "non_recouvre", "remis", "retire"])
def test_only_a_notified_debt_is_asked_to_be_remitted(team, ask, etat):
    with pytest.raises(acts.PasARemettre):
        ask(owed(team.nord, etat=etat))


@pytest.mark.parametrize(("days", "refused"), [(-11, True), (-10, False), (0, False), (1, True)])
def test_a_request_comes_after_the_debt_was_found_and_not_tomorrow(indu, ask, days, refused):
    day = today() + timedelta(days=days)
    if refused:
        with pytest.raises(acts.DemandeHorsDelai):
            ask(indu, demandee_on=day)
    else:
        assert ask(indu, demandee_on=day).demandee_on == day


@pytest.mark.parametrize("montant", ["100.01", "0.00", "-1.00"])
def test_no_more_is_remitted_than_what_is_left(indu, ask, grant_to, montant):
    remise = ask(indu)
    with pytest.raises(acts.DavantageQueLeReste, match="100,00"):
        grant_to(remise, montant)
    assert state(indu) == ("0.00", "100.00", "notifie")


def test_a_debt_settled_meanwhile_is_not_remitted(team, entering, indu, ask, grant_to):
    remise = ask(indu)
    with entering(team.carole, CONTROLE) as passage:
        repay(passage, indu, "100.00")
    with pytest.raises(acts.PasARemettre):
        grant_to(remise)
    assert not m.Courrier.objects.exists()


def test_who_found_the_debt_or_asked_for_it_never_decides(team, indu, ask, grant_to):
    """Carole heads the service too: another head decides what she found, or what she asked."""
    grant(team.carole, Role.RESPONSABLE, team.nord, by=team.admin)
    asked = ask(indu)
    with pytest.raises(acts.RemiseDeSaMain):
        grant_to(asked, agent=team.carole)
    m.Indu.objects.filter(pk=indu.pk).update(constate_par=team.remi)
    for agent in (team.carole, team.remi):
        with pytest.raises(acts.RemiseDeSaMain):
            grant_to(asked, agent=agent)
    assert state(indu) == ("0.00", "100.00", "notifie")


@pytest.mark.parametrize("name", ["alice", "bruno", "chloe", "edith", "victor", "nora"])
def test_who_does_not_sign_finds_nothing_to_decide(team, indu, ask, grant_to, name):
    remise = ask(indu)
    with pytest.raises(Refused):
        grant_to(remise, agent=team.agents[name])


@pytest.mark.parametrize("where", ["another service", "another file"])
def test_a_debt_of_another_service_or_file_looks_absent(team, ask, where):
    elsewhere = owed(team.sud if where == "another service" else team.nord)
    other = factories.dossier(team.nord, nom="Autre", etat="ouvert")
    said = {"dossier_id": other.pk} if where == "another file" else {}
    with pytest.raises(Refused):
        ask(elsewhere, **said)


def test_a_head_next_door_decides_nothing_here(team, indu, ask, grant_to):
    grant(team.nora, Role.RESPONSABLE, team.sud, by=team.admin)
    remise = ask(indu)
    with pytest.raises(Refused):
        grant_to(remise, agent=team.nora)


def test_control_no_longer_remits_by_itself(team, entering, indu):
    remit = "UPDATE apa_ash_indu SET etat = 'remis' WHERE id = %s"
    with (
        entering(team.carole, CONTROLE),
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="does not go from notifie"),
        transaction.atomic(),
    ):
        cursor.execute(remit, [indu.pk])


def decide(client, remise, **data):
    client.force_login(client.head, backend=BACKEND)
    page = reverse("apa_ash:remise_decision", args=[remise.pk])
    return client.post(page, data) if data else client.get(page)


@pytest.fixture
def client(client, team):
    client.head = team.remi
    return client


def test_control_asks_on_its_screen_and_the_head_decides_on_another(client, team, indu):
    client.force_login(team.carole, backend=BACKEND)
    page = reverse("apa_ash:remise", args=[indu.dossier_id, indu.pk])
    file = reverse("apa_ash:controle_dossier", args=[indu.dossier_id])
    assert page in client.get(file).content.decode()
    said = {
        "jeton": uuid.uuid4(),
        "origine": "debiteur",
        "demandee_on": today().isoformat(),
        "motif": "Loyer impayé",
    }
    for wrong in ({"origine": "autre"}, {"motif": ""}, {"demandee_on": "2020-01-01"}):
        assert client.post(page, said | wrong).status_code == 422, wrong
    assert client.post(page, said).status_code == 302
    assert "attend sa décision" in client.get(page).content.decode()
    assert "aucun texte ne la suspend" in client.get(page).content.decode()
    assert "Loyer impayé" in client.get(file).content.decode()
    remise = m.Remise.objects.get()
    text = decide(client, remise).content.decode()
    for told in ("Loyer impayé", "Reste", "100,00\u00a0€", "aucun texte ne la suspend"):
        assert told in text, told
    for wrong in (
        {"sort": "partielle", "motif": "x"},
        {"sort": "partielle", "montant": "0", "motif": "x"},
        {"sort": "partielle", "montant": "100,01", "motif": "x"},
        {"sort": "totale", "montant": "10", "motif": "x"},
        {"sort": "refus"},
        {"motif": "x"},
    ):
        assert decide(client, remise, **wrong).status_code == 422, wrong
    done = {"sort": "partielle", "montant": "40,50", "motif": "Ressources"}
    assert decide(client, remise, **done).status_code == 302
    assert state(indu) == ("40.50", "59.50", "notifie")
    assert decide(client, remise).status_code == 404  # decided: nothing waits
    client.force_login(team.carole, backend=BACKEND)
    assert "Remise de 40,50" in client.get(file).content.decode()
    assert "accordée, 40,50" in client.get(page).content.decode()


def test_the_head_reads_what_waits_and_its_own_is_another_s(client, team, indu, ask):
    ask(indu)
    mine = owed(team.nord, constate_par=team.remi)
    ask(mine)
    ask(owed(team.sud), agent=grant_controle(team))
    client.force_login(team.remi, backend=BACKEND)
    page = client.get(reverse("apa_ash:a_signer"))
    assert {row["remise"].indu_id: row["mine"] for row in page.context["remises"]} == {
        indu.pk: False,
        mine.pk: True,
    }
    assert "un autre décide" in page.content.decode()
    assert (
        "1 remise ou retrait à décider" in client.get(reverse("apa_ash:journee")).content.decode()
    )
    own = m.Remise.objects.get(indu=mine)
    text = decide(client, own).content.decode()
    assert "quelqu’un d’autre la décide" in text
    assert "Décider et écrire" not in text
    assert decide(client, own, sort="totale", motif="x").status_code == 422
    assert state(mine)[0] == "0.00"


def grant_controle(team):
    grant(team.edith, Role.CONTROLEUR, team.sud, by=team.admin)
    return team.edith


@pytest.mark.parametrize("name", ["alice", "chloe", "paul", "carole", "denis", "nora"])
def test_the_page_of_a_decision_looks_absent_to_others(client, team, indu, ask, name):
    remise = ask(indu)
    client.head = team.agents[name]
    assert decide(client, remise).status_code == 404
    assert decide(client, remise, sort="totale", motif="x").status_code == 404
    assert state(indu)[0] == "0.00"


@pytest.mark.parametrize("name", ["alice", "chloe", "paul", "remi", "denis", "nora"])
def test_the_page_of_a_request_is_the_control_s(client, team, indu, name):
    client.force_login(team.agents[name], backend=BACKEND)
    page = reverse("apa_ash:remise", args=[indu.dossier_id, indu.pk])
    assert client.get(page).status_code == client.post(page).status_code == 404


def test_each_page_costs_the_same_whatever_waits(client, team, ask):
    costs = []
    for size in (1, 12):
        for _ in range(size):
            indu = owed(team.nord, constate_par=team.carole)
            remise = ask(indu)
        client.force_login(team.remi, backend=BACKEND)
        pages = [
            (team.remi, reverse("apa_ash:a_signer")),
            (team.remi, reverse("apa_ash:remise_decision", args=[remise.pk])),
            (team.carole, reverse("apa_ash:remise", args=[indu.dossier_id, indu.pk])),
        ]
        for agent, page in pages:
            client.force_login(agent, backend=BACKEND)
            client.get(page)
            with CaptureQueriesContext(connection) as seen:
                assert client.get(page).status_code == 200
            costs.append(len(seen) - 5)  # five are the nested transactions of the test
    assert costs[:3] == costs[3:]
    assert max(costs) <= 15, costs


@pytest.fixture
def withhold(team, entering):
    """Withhold on what is left of a debt, up to 60 €, by a run of one month."""

    def withheld(indu):
        with entering(team.paul, PAIEMENT) as passage:
            month = today().replace(day=1)
            run = lot.prepare_lot(passage, lot_id=uuid.uuid4(), service_id=team.nord.pk, mois=month)
        with entering(team.remi, PAIEMENT) as passage:
            lot.validate_lot(passage, lot_id=run.pk)
        indu.refresh_from_db()
        return run

    return withheld


@pytest.fixture
def give_up(team, entering):
    """Give a validated run up: an account changed since."""

    def given_up(run):
        m.CompteBancaire.objects.filter(dossier__in=run.paiements.values("dossier")).update(
            iban=IBAN
        )
        with entering(team.remi, PAIEMENT) as passage:
            lot.abandon_lot(passage, lot_id=run.pk, motif="Compte changé")

    return given_up


@pytest.mark.parametrize("first", ["the remission", "the run"])
def test_a_sum_that_nobody_granted_nor_recovered_is_owed_again(
    team, ask, grant_to, withhold, give_up, first
):
    """Of 100 €, 40 € are remitted and a run withholds 60 €: given up, the 60 € are left."""
    month = today().replace(day=1)
    indu = owed(team.nord, dossier=payable(team.nord, start=month, apa="300.00"))
    asked = ask(indu)
    if first == "the remission":
        grant_to(asked, "40.00")
        run, closed = withhold(indu), "recouvre"
    else:
        run, closed = withhold(indu), "remis"
        grant_to(asked)
    assert (str(indu.recouvre), *state(indu)) == ("60.00", "40.00", "0.00", closed)
    give_up(run)
    assert state(indu) == ("40.00", "60.00", "notifie")
    withhold(indu)  # the next run withholds it
    assert (str(indu.recouvre), *state(indu)) == ("60.00", "40.00", "0.00", "recouvre")


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ("recouvre = 59.99, etat = 'notifie'", ""),
        ("recouvre = 59.99", "by the last cent"),
        ("etat = 'notifie'", "by the last cent"),
        ("recouvre = 0, etat = 'recouvre'", "does not go from remis"),
    ],
)
def test_a_debt_is_remitted_while_nothing_is_left_of_it(team, entering, change, refused):
    """Of 100 €, 60 € were withheld and 40 € remitted: only then does the last cent open it."""
    indu = owed(team.nord, etat="remis", recouvre=60, remis=40)
    told = pytest.raises(IntegrityError, match=refused) if refused else nullcontext()
    with entering(team.paul, PAIEMENT), told, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE apa_ash_indu SET {change} WHERE id = %s", [indu.pk])
    assert (state(indu)[2] == "notifie") is (not refused)


def test_what_is_left_after_a_run_was_given_up_may_be_remitted_too(
    team, ask, grant_to, withhold, give_up
):
    month = today().replace(day=1)
    indu = owed(team.nord, dossier=payable(team.nord, start=month, apa="300.00"))
    run = withhold(indu)
    grant_to(ask(indu))
    give_up(run)
    assert state(indu)[2] == "notifie"
    grant_to(ask(indu), "60.00")
    assert state(indu) == ("100.00", "0.00", "remis")


def test_the_list_of_debts_tells_what_a_remission_left(team, entering, indu, ask, grant_to):
    grant_to(ask(indu), "30.00")
    with entering(team.carole, CONTROLE) as passage:
        (row,), _ = list_debts(passage)
    assert row.reste == Decimal("70.00")


@pytest.mark.parametrize(("montant", "offered"), [("36.00", False), ("37.00", True)])
def test_what_may_be_claimed_is_notified_and_the_rest_is_closed(client, team, montant, offered):
    """Three hourly SMIC lie between: what the law does not let claim is not offered to be."""
    indu = owed(team.nord, etat="constate", montant=montant)
    client.force_login(team.carole, backend=BACKEND)
    page = client.get(reverse("apa_ash:controle_dossier", args=[indu.dossier_id]))
    text = page.content.decode()
    assert ("Proposer la notification" in text, "Classer sans recouvrer" in text) == (
        offered,
        not offered,
    )
    assert "trois SMIC horaires" in text
