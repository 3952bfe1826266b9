"""Withdrawals: a debt that was notified and is not owed, computed again, decided by another."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.models.remise import FondementRetrait, OrigineRemise
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, PAIEMENT, Role
from egide.systems.apa_ash.queries.controle import list_indus, read_months
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.echeancier_lots import Scope, read_debts
from egide.systems.apa_ash.queries.ecritures import count_on_debts
from egide.systems.apa_ash.services import remises
from egide.systems.apa_ash.services import retraits as acts
from tests import factories
from tests.personas import grant, today
from tests.systems.apa_ash.paiement_rows import droit, prestataire
from tests.systems.apa_ash.test_indus import owed, repay
from tests.systems.apa_ash.test_letters import squeeze, text_of

BACKEND = "egide.kernel.access.backends.AgentBackend"
DUE = FondementRetrait.DU
APPEAL = FondementRetrait.RECOURS


@pytest.fixture
def claimed(team):
    """40 h × 25 €, T = 0.10, paid 900 € for last month; 20 h were reported, so 450 € claimed."""

    def make(service=None, *, by=None, **fields):
        where, mois = service or team.nord, previous_month(today())
        aide = prestataire(team.departement, nom=f"Aide {uuid.uuid4()}"[:30])
        dossier = factories.dossier(where, nom="Lefèvre", etat="ouvert")
        lines = [(ModeAide.PRESTATAIRE, aide, 40, 25)]
        right = droit(dossier, start=previous_month(mois), apa="900.00", taux="0.10", lines=lines)
        lot, _ = m.LotPaiement.objects.get_or_create(
            service=where,
            mois=mois,
            defaults={"etat": "emis", "prepare_par": team.paul, "prepare_on": mois,
                      "valide_par": team.remi, "valide_on": mois},
        )  # fmt: skip
        m.Paiement.objects.create(
            service=where, lot=lot, dossier=dossier, droit=right, prestataire=aide, mois_du=mois,
            montant_brut=Decimal("900.00"), verse_on=mois,
        )  # fmt: skip
        m.Prestation.objects.create(
            service=where, dossier=dossier, prestataire=aide, mois=mois, heures_realisees=20
        )
        return owed(
            where, dossier=dossier, mois=mois, prestataire=aide, montant="450.00",
            constate_par=by or team.carole, **fields,
        )  # fmt: skip

    return make


@pytest.fixture
def indu(claimed):
    return claimed()


def report(indu, hours):
    """Import the hours that the service proves."""
    rows = m.Prestation.objects.filter(dossier=indu.dossier, prestataire=indu.prestataire)
    rows.update(heures_realisees=Decimal(hours))


@pytest.fixture
def ask(team, entering):
    def asked(indu, *, agent=None, dossier_id=None, jeton=None, **changes):
        said = {"fondement": DUE, "demandee_on": today(), "motif": "Heures prouvées"}
        with entering(agent or team.carole, CONTROLE) as passage:
            return acts.request_retrait(
                passage,
                jeton=jeton or uuid.uuid4(),
                dossier_id=dossier_id or indu.dossier_id,
                indu_id=indu.pk,
                demande=acts.DemandeRetrait(**said | changes),
            )

    return asked


@pytest.fixture
def withdraw(team, entering):
    def withdrawn(remise, lu, *, agent=None, motif="Les heures ont été réalisées."):
        with entering(agent or team.remi, INSTRUCTION) as passage:
            return acts.grant_retrait(passage, remise_id=remise.pk, motif=motif, lu=Decimal(lu))

    return withdrawn


def state(indu):
    indu.refresh_from_db()
    return str(indu.retire), str(indu.reste), str(indu.a_rendre), indu.etat


def letter(indu):
    return text_of(m.Courrier.objects.get(dossier=indu.dossier, nature="retrait_indu").pdf)


def debts(team, entering):
    with entering(team.paul, PAIEMENT) as passage:
        return read_debts(Scope(passage, team.nord.pk, today()))


def trail(verb):
    with connection.cursor() as cursor:
        cursor.execute("SELECT outcome, motif FROM audit.trail WHERE verb = %s", [verb])
        return cursor.fetchall()


def test_a_request_takes_nothing_off_and_the_withholding_goes_on(team, entering, indu, ask):
    report(indu, "40")
    asked = ask(indu, fondement=APPEAL)
    assert (asked.nature, asked.etat, asked.fondement) == ("retrait", "demandee", "recours")
    assert asked.origine == OrigineRemise.DEBITEUR
    assert state(indu) == ("0.00", "450.00", "0.00", "notifie")
    assert debts(team, entering) == {indu.dossier_id: {indu.prestataire_id: Decimal("450.00")}}
    assert not m.Courrier.objects.exists()


def test_a_debt_that_was_due_is_withdrawn_whole_and_no_longer_withheld(
    team, entering, indu, ask, withdraw
):
    report(indu, "40")
    withdraw(ask(indu), "0.00")
    assert state(indu) == ("450.00", "0.00", "0.00", "retire")
    assert debts(team, entering) == {}
    text = letter(indu)
    for told in (
        "Nous avons calculé à nouveau", "cette somme n’était pas due", "plus rien à rembourser",
        "450,00 €", "Les heures ont été réalisées.", "Rémi Girard", "recours préalable",
        indu.prestataire.nom,
    ):  # fmt: skip
        assert squeeze(told) in text, told
    for absent in ("À vous rendre", "Reste à rembourser", "Comment rembourser"):
        assert squeeze(absent) not in text, absent
    assert trail("retirer un indu") == [("fait", "Les heures ont été réalisées.")]


def test_a_debt_is_reduced_to_what_is_still_owed(team, entering, indu, ask, withdraw):
    report(indu, "30")
    withdraw(ask(indu, fondement=APPEAL), "225.00")
    assert state(indu) == ("225.00", "225.00", "0.00", "notifie")
    assert debts(team, entering) == {indu.dossier_id: {indu.prestataire_id: Decimal("225.00")}}
    text = letter(indu)
    for told in (
        "Vous avez contesté", "ramenée de 450,00 € à 225,00 €", "Nous retenons jusqu’à 180,00 €",
        "répond à votre recours préalable",
    ):  # fmt: skip
        assert squeeze(told) in text, told
    assert squeeze("D’abord, un recours préalable") not in text
    with entering(team.carole, CONTROLE) as passage:
        repay(passage, indu, "225.00")
    assert state(indu) == ("225.00", "0.00", "0.00", "recouvre")


def test_what_was_repaid_beyond_what_is_owed_is_given_back(indu, ask, withdraw):
    m.Indu.objects.filter(pk=indu.pk).update(recouvre=Decimal("300.00"))
    report(indu, "30")
    withdraw(ask(indu), "225.00")
    assert state(indu) == ("225.00", "0.00", "75.00", "recouvre")
    text = letter(indu)
    for told in ("300,00 €", "75,00 € de trop", "Le comptable public du département vous verse"):
        assert squeeze(told) in text, told


@pytest.mark.parametrize(
    ("before", "hours", "expected"),
    [
        (("recouvre", "450.00", "0.00"), "40", ("450.00", "0.00", "450.00", "retire")),
        (("recouvre", "450.00", "0.00"), "39", ("427.50", "0.00", "427.50", "recouvre")),
        (("remis", "100.00", "350.00"), "40", ("450.00", "0.00", "100.00", "retire")),
        (("remis", "100.00", "350.00"), "30", ("225.00", "0.00", "100.00", "remis")),
        (("notifie", "0.00", "225.00"), "30", ("225.00", "0.00", "0.00", "remis")),
        (("notifie", "0.00", "224.99"), "30", ("225.00", "0.01", "0.00", "notifie")),
        (("notifie", "225.00", "0.00"), "30", ("225.00", "0.00", "0.00", "recouvre")),
        (("notifie", "225.01", "0.00"), "30", ("225.00", "0.00", "0.01", "recouvre")),
    ],
)
def test_whatever_became_of_a_debt_it_is_withdrawn(
    team, claimed, ask, withdraw, before, hours, expected
):
    etat, recouvre, remis = before
    indu = claimed(etat=etat, recouvre=Decimal(recouvre), remis=Decimal(remis))
    if Decimal(remis):
        m.Remise.objects.create(
            service=team.nord, dossier=indu.dossier, indu=indu, origine="debiteur",
            demandee_on=today(), demandee_par=team.carole, motif="x", etat="accordee",
            montant=Decimal(remis), decidee_on=today(), decidee_par=team.remi, motif_decision="x",
        )  # fmt: skip
    report(indu, hours)
    left = Decimal("450.00") - Decimal(expected[0])
    withdraw(ask(indu), left)
    assert state(indu) == expected


def test_a_run_given_up_after_a_withdrawal_is_owed_again_only_for_what_is_owed(
    team, entering, claimed, ask, withdraw
):
    indu = claimed(recouvre=Decimal("300.00"))
    report(indu, "30")
    withdraw(ask(indu), "225.00")
    for part, expected in (("-60.00", "recouvre"), ("-40.00", "notifie")):
        with entering(team.paul, PAIEMENT):
            count_on_debts([(indu.pk, Decimal(part))])
        indu.refresh_from_db()
        assert indu.etat == expected, part
    assert state(indu) == ("225.00", "25.00", "0.00", "notifie")


@pytest.mark.parametrize("hours", ["20", "10"])
def test_nothing_is_withdrawn_that_the_calculation_still_gives(indu, ask, hours):
    report(indu, hours)
    with pytest.raises(acts.RienARetirer, match="450,00"):
        ask(indu)
    assert not m.Remise.objects.exists()


def test_an_appeal_is_recorded_and_answered_whatever_the_calculation_gives(
    team, entering, indu, ask, withdraw
):
    asked = ask(indu, fondement=APPEAL, motif="Je conteste cette somme.")
    with pytest.raises(acts.RienARetirer, match="450,00"):
        withdraw(asked, "450.00")
    assert (state(indu)[0], m.Courrier.objects.exists()) == ("0.00", False)
    with entering(team.remi, INSTRUCTION) as passage:
        acts.refuse_retrait(passage, remise_id=asked.pk, motif="Vingt heures ont été faites.")
    assert state(indu) == ("0.00", "450.00", "0.00", "notifie")
    text = letter(indu)
    for told in (
        "Vous avez contesté", "cette réclamation est maintenue", "Vingt heures ont été faites.",
        "saisir le juge",
    ):  # fmt: skip
        assert squeeze(told) in text, told
    with pytest.raises(acts.RienARetirer):
        ask(indu)  # our own finding still needs a smaller calculation


def test_an_appeal_is_granted_what_the_calculation_comes_to_take_off(indu, ask, withdraw):
    asked = ask(indu, fondement=APPEAL)
    report(indu, "30")
    withdraw(asked, "225.00")
    assert state(indu) == ("225.00", "225.00", "0.00", "notifie")


@pytest.mark.parametrize(("fondement", "status"), [("recours", 302), ("du", 422)])
def test_the_page_records_an_appeal_that_the_calculation_does_not_follow(
    client, team, indu, fondement, status
):
    file = indu.dossier_id, indu.pk
    page = visit(client, team.carole, "retrait", *file).content.decode()
    assert "Un recours s’enregistre dès qu’il est reçu" in page
    assert "Recours du débiteur" in page
    said = {
        "jeton": uuid.uuid4(),
        "fondement": fondement,
        "demandee_on": today().isoformat(),
        "motif": "Je conteste cette somme.",
    }
    assert visit(client, team.carole, "retrait", *file, data=said).status_code == status
    asked = m.Remise.objects.filter(indu=indu).first()
    assert (asked is not None) is (status == 302)
    if asked:
        visited = visit(client, team.remi, "retrait_decision", asked.pk).content.decode()
        assert "seul le maintien se décide" in visited
        done = {"lu": "450.00", "sort": "retrait", "motif": "x"}
        kept = visit(client, team.remi, "retrait_decision", asked.pk, data=done)
        assert kept.status_code == 422
        done["sort"] = "refus"
        kept = visit(client, team.remi, "retrait_decision", asked.pk, data=done)
        assert kept.status_code == 302


def test_what_is_signed_is_what_was_read(indu, ask, withdraw):
    report(indu, "30")
    asked = ask(indu)
    for read in ("225.01", "224.99", "0.00"):
        with pytest.raises(acts.CalculChange):
            withdraw(asked, read)
    report(indu, "20")
    with pytest.raises(acts.RienARetirer):
        withdraw(asked, "225.00")
    assert state(indu) == ("0.00", "450.00", "0.00", "notifie")
    assert not m.Courrier.objects.exists()


def test_two_debts_of_a_month_are_never_withdrawn_for_the_same_hours(team, indu, ask, withdraw):
    """1 350 € claimed, 450 € were due: the one asked about gives way, and the other stands."""
    more = owed(
        team.nord, dossier=indu.dossier, mois=indu.mois, prestataire=indu.prestataire,
        montant="300.00", constate_par=team.carole,
    )  # fmt: skip
    withdraw(ask(indu), "150.00")
    assert state(indu) == ("300.00", "150.00", "0.00", "notifie")
    with pytest.raises(acts.RienARetirer):
        ask(more)


def test_a_debt_withdrawn_in_part_is_withdrawn_again(indu, ask, withdraw):
    for hours, left in (("30", "225.00"), ("40", "0.00")):
        report(indu, hours)
        withdraw(ask(indu), left)
    assert state(indu) == ("450.00", "0.00", "0.00", "retire")
    with pytest.raises(acts.PasARetirer):
        ask(indu)


def test_what_was_withdrawn_may_be_found_again(team, entering, indu, ask, withdraw):
    report(indu, "40")
    withdraw(ask(indu), "0.00")
    report(indu, "20")
    with entering(team.carole, CONTROLE) as passage:
        dossier = open_dossier(passage, indu.dossier_id)
        found = list_indus(passage, dossier=dossier)
        until = today().replace(day=1)
        year = read_months(passage, dossier=dossier, indus=found, until=until)
    assert [(x.ecart, x.constate) for x in year.months if x.mois == indu.mois] == [(450, 0)]


def test_a_refusal_leaves_the_debt_and_says_why_and_may_be_asked_again(team, entering, indu, ask):
    report(indu, "40")
    asked = ask(indu, fondement=APPEAL)
    with entering(team.remi, INSTRUCTION) as passage:
        with pytest.raises(remises.RemiseSansMotif):
            acts.refuse_retrait(passage, remise_id=asked.pk, motif=" ")
        acts.refuse_retrait(passage, remise_id=asked.pk, motif="Feuilles non signées.")
        with pytest.raises(remises.RemiseDecidee):
            acts.refuse_retrait(passage, remise_id=asked.pk, motif="x")
        with pytest.raises(remises.RemiseDecidee):
            acts.grant_retrait(passage, remise_id=asked.pk, motif="x", lu=Decimal(0))
    assert state(indu) == ("0.00", "450.00", "0.00", "notifie")
    text = letter(indu)
    for told in ("cette réclamation est maintenue", "Feuilles non signées.", "saisir le juge"):
        assert squeeze(told) in text, told
    assert ask(indu).etat == "demandee"


def test_the_same_request_sent_twice_is_one_and_another_waits(team, entering, indu, ask):
    report(indu, "40")
    jeton = uuid.uuid4()
    assert ask(indu, jeton=jeton) == ask(indu, jeton=jeton)
    with pytest.raises(remises.DejaDemandee):
        ask(indu)
    with entering(team.carole, CONTROLE) as passage:  # a remission is another matter
        said = remises.Demande(OrigineRemise.DEBITEUR, today(), "Précarité")
        remises.request_remise(
            passage, jeton=uuid.uuid4(), dossier_id=indu.dossier_id, indu_id=indu.pk, demande=said
        )
    assert m.Remise.objects.filter(indu=indu, etat="demandee").count() == 2


def test_a_withdrawal_is_not_granted_as_a_remission_nor_the_reverse(
    team, entering, indu, ask, withdraw
):
    report(indu, "40")
    asked = ask(indu)
    with entering(team.remi, INSTRUCTION) as passage, pytest.raises(Refused):
        remises.grant_remise(passage, remise_id=asked.pk, motif="x")
    m.Remise.objects.filter(pk=asked.pk).update(nature="remise", fondement="")
    with pytest.raises(Refused):
        withdraw(asked, "0.00")


@pytest.mark.parametrize("fondement", [DUE, APPEAL])
@pytest.mark.parametrize("etat", ["constate", "non_recouvre", "retire"])
def test_only_what_was_notified_is_withdrawn(claimed, ask, etat, fondement):
    indu = claimed(etat=etat)
    report(indu, "40")
    with pytest.raises(acts.PasARetirer):
        ask(indu, fondement=fondement)


@pytest.mark.parametrize(("days", "refused"), [(-11, True), (-10, False), (0, False), (1, True)])
def test_a_request_comes_after_the_debt_was_found_and_not_tomorrow(indu, ask, days, refused):
    report(indu, "40")
    day = today() + timedelta(days=days)
    if refused:
        with pytest.raises(remises.DemandeHorsDelai):
            ask(indu, demandee_on=day)
    else:
        assert ask(indu, demandee_on=day).demandee_on == day


def test_who_found_the_debt_or_asked_for_it_never_decides(team, indu, ask, withdraw):
    grant(team.carole, Role.RESPONSABLE, team.nord, by=team.admin)
    report(indu, "40")
    asked = ask(indu)
    with pytest.raises(remises.RemiseDeSaMain):
        withdraw(asked, "0.00", agent=team.carole)
    m.Indu.objects.filter(pk=indu.pk).update(constate_par=team.remi)
    with pytest.raises(remises.RemiseDeSaMain):
        withdraw(asked, "0.00")
    assert state(indu)[0] == "0.00"


@pytest.mark.parametrize("name", ["alice", "bruno", "chloe", "edith", "victor", "nora"])
def test_who_does_not_sign_finds_nothing_to_decide(team, indu, ask, withdraw, name):
    report(indu, "40")
    asked = ask(indu)
    with pytest.raises(Refused):
        withdraw(asked, "0.00", agent=team.agents[name])


@pytest.mark.parametrize("where", ["another service", "another file"])
def test_a_debt_of_another_service_or_file_looks_absent(team, claimed, ask, where):
    elsewhere = claimed(team.sud if where == "another service" else team.nord)
    report(elsewhere, "40")
    other = factories.dossier(team.nord, nom="Autre", etat="ouvert")
    with pytest.raises(Refused):
        ask(elsewhere, dossier_id=other.pk if where == "another file" else None)


def test_a_head_next_door_decides_nothing_here(team, indu, ask, withdraw):
    grant(team.nora, Role.RESPONSABLE, team.sud, by=team.admin)
    report(indu, "40")
    asked = ask(indu)
    with pytest.raises(Refused):
        withdraw(asked, "0.00", agent=team.nora)


def test_control_withdraws_nothing_by_itself(team, entering, indu):
    with (
        entering(team.carole, CONTROLE),
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="does not go from notifie"),
        transaction.atomic(),
    ):
        cursor.execute("UPDATE apa_ash_indu SET etat = 'retire' WHERE id = %s", [indu.pk])


def visit(client, agent, name, *args, data=None):
    client.force_login(agent, backend=BACKEND)
    page = reverse(f"apa_ash:{name}", args=args)
    return client.post(page, data) if data is not None else client.get(page)


def test_the_control_is_warned_and_asks_on_its_screen(client, team, indu):
    file = indu.dossier_id, indu.pk
    text = visit(client, team.carole, "controle_dossier", file[0]).content.decode()
    assert "onstaté mais dû" not in text
    report(indu, "30")
    text = visit(client, team.carole, "controle_dossier", file[0]).content.decode()
    for told in (
        "constaté mais dû\u00a0: 225,00",
        "Constaté mais dû.",
        "Demander ou suivre son retrait",
    ):
        assert told in text, told
    text = visit(client, team.carole, "retrait", *file).content.decode()
    for told in (
        "Trop-versé, calculé à nouveau",
        "225,00",
        "aucun texte ne la suspend",
        "Fondement",
    ):
        assert told in text, told
    assert 'name="montant"' not in text
    said = {
        "jeton": uuid.uuid4(),
        "fondement": "recours",
        "demandee_on": today().isoformat(),
        "motif": "Feuilles signées",
    }
    for wrong in ({"fondement": "autre"}, {"motif": ""}, {"demandee_on": "2020-01-01"}):
        reply = visit(client, team.carole, "retrait", *file, data=said | wrong)
        assert reply.status_code == 422, wrong
    assert visit(client, team.carole, "retrait", *file, data=said).status_code == 302
    assert "attend sa décision" in visit(client, team.carole, "retrait", *file).content.decode()
    text = visit(client, team.carole, "controle_dossier", file[0]).content.decode()
    assert "Retrait demandé le" in text
    assert "Demander une remise" in text


def test_the_head_reads_the_calculation_and_decides_on_another_screen(client, team, indu, ask):
    report(indu, "30")
    asked = ask(indu, fondement=APPEAL, motif="Feuilles signées")
    text = visit(client, team.remi, "a_signer").content.decode()
    assert reverse("apa_ash:retrait_decision", args=[asked.pk]) in text
    assert "1 remise ou retrait à décider" in visit(client, team.remi, "journee").content.decode()
    text = visit(client, team.remi, "retrait_decision", asked.pk).content.decode()
    for told in ("Feuilles signées", "recours du débiteur", "À retirer", 'value="225.00"'):
        assert told in text, told
    done = {"lu": "225.00", "sort": "retrait", "motif": "Heures prouvées"}
    for wrong in ({"sort": ""}, {"motif": ""}, {"lu": ""}, {"lu": "0.00"}):
        reply = visit(client, team.remi, "retrait_decision", asked.pk, data=done | wrong)
        assert reply.status_code == 422, wrong
        assert 'value="225.00"' in reply.content.decode()  # read again before it is decided
    assert state(indu)[0] == "0.00"
    reply = visit(client, team.remi, "retrait_decision", asked.pk, data=done)
    assert reply.status_code == 302
    assert state(indu) == ("225.00", "225.00", "0.00", "notifie")
    assert visit(client, team.remi, "retrait_decision", asked.pk).status_code == 404
    text = visit(client, team.carole, "controle_dossier", indu.dossier_id).content.decode()
    assert "Retrait de 225,00" in text
    assert "onstaté mais dû" not in text


def test_what_is_to_be_given_back_is_shown_to_the_control(client, team, claimed, ask, withdraw):
    indu = claimed(etat="recouvre", recouvre=Decimal("450.00"))
    report(indu, "40")
    asked = ask(indu)
    text = visit(client, team.remi, "retrait_decision", asked.pk).content.decode()
    assert "À rendre par le comptable" in text
    withdraw(asked, "0.00")
    text = visit(client, team.carole, "controle_dossier", indu.dossier_id).content.decode()
    assert "À rendre par le comptable\u00a0: 450,00" in text


def test_the_head_maintains_on_the_screen(client, team, indu, ask):
    report(indu, "40")
    asked = ask(indu)
    said = {"lu": "0.00", "sort": "refus", "motif": "Non prouvé"}
    assert visit(client, team.remi, "retrait_decision", asked.pk, data=said).status_code == 302
    assert state(indu)[3] == "notifie"
    assert "cetteréclamationestmaintenue" in letter(indu)


def test_one_s_own_is_another_s_to_decide(client, team, claimed, ask):
    indu = claimed(by=team.remi)
    report(indu, "40")
    asked = ask(indu)
    text = visit(client, team.remi, "retrait_decision", asked.pk).content.decode()
    assert "quelqu’un d’autre la décide" in text
    assert "Décider et écrire" not in text
    said = {"lu": "0.00", "sort": "retrait", "motif": "x"}
    assert visit(client, team.remi, "retrait_decision", asked.pk, data=said).status_code == 422
    assert state(indu)[0] == "0.00"


@pytest.mark.parametrize("name", ["alice", "chloe", "paul", "carole", "denis", "nora"])
def test_the_page_of_a_decision_looks_absent_to_others(client, team, indu, ask, name):
    report(indu, "40")
    asked, agent = ask(indu), team.agents[name]
    said = {"lu": "0.00", "sort": "retrait", "motif": "x"}
    assert visit(client, agent, "retrait_decision", asked.pk).status_code == 404
    assert visit(client, agent, "retrait_decision", asked.pk, data=said).status_code == 404
    assert state(indu)[0] == "0.00"


@pytest.mark.parametrize("name", ["alice", "chloe", "paul", "remi", "denis", "nora"])
def test_the_page_of_a_request_is_the_control_s(client, team, indu, name):
    agent, file = team.agents[name], (indu.dossier_id, indu.pk)
    assert visit(client, agent, "retrait", *file).status_code == 404
    assert visit(client, agent, "retrait", *file, data={}).status_code == 404


def test_each_page_costs_the_same_whatever_waits(client, team, claimed, ask):
    costs = []
    for size in (1, 6):
        for _ in range(size):
            indu = claimed()
            report(indu, "40")
            asked = ask(indu)
        pages = [
            (team.remi, "a_signer", ()),
            (team.remi, "retrait_decision", (asked.pk,)),
            (team.carole, "retrait", (indu.dossier_id, indu.pk)),
            (team.carole, "controle_dossier", (indu.dossier_id,)),
        ]
        for agent, name, args in pages:
            visit(client, agent, name, *args)
            with CaptureQueriesContext(connection) as seen:
                assert client.get(reverse(f"apa_ash:{name}", args=args)).status_code == 200
            costs.append(len(seen) - 5)  # five are the nested transactions of the test
    assert costs[:4] == costs[4:]
    assert max(costs) <= 25, costs
