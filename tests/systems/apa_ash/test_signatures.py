"""A signature takes what was read and no more: one file, one payee, where the agent signs."""

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.plan import ModeAide
from egide.systems.apa_ash.presentation.indus_a_signer import is_mine
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION, Role
from egide.systems.apa_ash.queries import indus_a_signer as waiting
from egide.systems.apa_ash.queries import projets as queries
from egide.systems.apa_ash.services import indus_a_signer as services
from egide.systems.apa_ash.services import projets, retraits
from tests import factories
from tests.personas import grant, today
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.paiement_rows import droit, prestataire
from tests.systems.apa_ash.test_decisions import DAY
from tests.systems.apa_ash.test_indus import owed
from tests.systems.apa_ash.test_projets import proposed
from tests.systems.apa_ash.test_retraits import ask, claimed, indu, report

__all__ = ["ask", "claimed", "indu"]

BACKEND = "egide.kernel.access.backends.AgentBackend"


@pytest.fixture
def owing(team):
    """Two months paid to a service and to the person, half in excess: four debts wait, 2 × 2.

    The same service works for every file, so that only the file tells its debts apart.
    """
    aide = prestataire(team.departement)
    months = [previous_month(previous_month(today())), previous_month(today())]

    def make(where):
        dossier = factories.dossier(where, nom=f"Blin {uuid.uuid4()}", etat="ouvert")
        right = droit(
            dossier,
            start=previous_month(months[0]),
            apa="900.00",
            taux="0.10",
            lines=[(ModeAide.PRESTATAIRE, aide, 20, 25), (ModeAide.GRE_A_GRE, None, 20, 25)],
        )
        for mois in months:
            lot, _ = m.LotPaiement.objects.get_or_create(
                service=where, mois=mois,
                defaults={"etat": "emis", "prepare_par": team.paul, "prepare_on": mois,
                          "valide_par": team.remi, "valide_on": mois},
            )  # fmt: skip
            for payee in (aide, None):
                m.Paiement.objects.create(
                    service=where, lot=lot, dossier=dossier, droit=right, prestataire=payee,
                    mois_du=mois, montant_brut=Decimal("900.00"), verse_on=mois,
                )  # fmt: skip
                owed(
                    where, dossier=dossier, prestataire=payee, mois=mois, montant="450.00",
                    etat="propose", propose_on=today(), propose_par=team.carole,
                    constate_par=team.carole,
                )  # fmt: skip
        return dossier

    return make


@pytest.fixture
def two_files(team, owing):
    return owing(team.nord), owing(team.nord)


def debts(dossier, **payee):
    return list(m.Indu.objects.filter(dossier=dossier, **payee).order_by("mois"))


def letters(dossiers):
    """Give the debts of each letter: a file and a payee."""
    return [
        {indu.pk for indu in debts(dossier, prestataire__isnull=person)}
        for dossier in dossiers
        for person in (True, False)
    ]


@pytest.mark.parametrize("person", [True, False])
@pytest.mark.parametrize(
    ("act", "said", "after"),
    [
        (services.sign_indus, {"lu": Decimal("900.00")}, "notifie"),
        (services.return_indus, {"motif": "Vérifiez les heures."}, "constate"),
    ],
)
def test_one_letter_is_signed_and_the_three_others_still_wait(
    team, entering, two_files, person, act, said, after
):
    told = debts(two_files[0], prestataire__isnull=person)
    with entering(team.remi, INSTRUCTION) as passage:
        assert act(passage, indu_id=told[1].pk, **said) == told
    gone = set(m.Indu.objects.filter(etat=after).values_list("pk", flat=True))
    assert gone == {indu.pk for indu in told}
    assert m.Indu.objects.filter(etat="propose").count() == 6


def test_each_file_and_payee_has_its_letter_with_all_its_months(team, entering, two_files):
    told = letters(two_files)
    with entering(team.remi, INSTRUCTION) as passage:
        listed, more = waiting.list_indus_a_signer(passage)
        for letter in told:
            found = waiting.find_indus_a_signer(passage, pk=min(letter))
            assert {indu.pk for indu in found.indus} == letter
    alike = sorted(sorted(indu.pk for indu in letter) for letter in listed)
    assert (alike, more) == (sorted(sorted(letter) for letter in told), False)


def test_a_debt_is_dropped_from_its_own_file(team, entering, two_files):
    indu, other = debts(two_files[0], prestataire__isnull=False)[0], two_files[1]
    m.Paiement.objects.update(montant_brut=Decimal("450.00"))
    said = {"indu_id": indu.pk, "motif": "Le service a corrigé ses heures."}
    with entering(team.carole, CONTROLE) as passage:
        with pytest.raises(Refused):
            services.drop_indu(passage, dossier_id=other.pk, **said)
        assert services.drop_indu(passage, dossier_id=indu.dossier_id, **said).etat == "retire"


@pytest.mark.parametrize(
    ("debt", "column", "mine"),
    [
        (0, "constate_par", True),
        (1, "constate_par", True),
        (0, "propose_par", True),
        (1, "propose_par", True),
        (None, "", False),
    ],
)
def test_one_debt_of_a_letter_makes_it_ones_own(
    team, entering, client, two_files, debt, column, mine
):
    grant(team.nora, Role.RESPONSABLE, team.nord, by=team.admin)
    told = debts(two_files[0], prestataire__isnull=True)
    if mine:
        m.Indu.objects.filter(pk=told[debt].pk).update(**{column: team.nora})
    with entering(team.nora, INSTRUCTION) as passage:
        found = waiting.find_indus_a_signer(passage, pk=told[0].pk)
        assert is_mine(passage, found.indus) is mine
    client.force_login(team.nora, BACKEND)
    page = client.get(reverse("apa_ash:indus_a_signer", args=[told[0].pk])).content.decode()
    assert ("Signer la notification" in page) is not mine


# A head of one service who instructs in another: what is to be signed there is not theirs.


@pytest.fixture
def between(team):
    """Nora signs in the north and instructs in the south."""
    grant(team.nora, Role.RESPONSABLE, team.nord, by=team.admin)
    grant(team.nora, Role.INSTRUCTEUR, team.sud, by=team.admin)
    return team.nora


def test_a_head_elsewhere_signs_no_debt_where_they_instruct(team, entering, between, owing):
    north, south = owing(team.nord), owing(team.sud)
    (there,) = debts(south, prestataire__isnull=True)[:1]
    with entering(between, INSTRUCTION) as passage:
        listed, _ = waiting.list_indus_a_signer(passage)
        assert {indu.dossier_id for letter in listed for indu in letter} == {north.pk}
        assert waiting.count_indus_a_signer(passage) == 4
        with pytest.raises(Refused):
            waiting.find_indus_a_signer(passage, pk=there.pk)
        with pytest.raises(Refused):
            services.sign_indus(passage, indu_id=there.pk, lu=Decimal("900.00"))


def test_a_head_elsewhere_signs_no_decision_where_they_instruct(team, client, on_day, between):
    files = {
        where: situations.ready(where, on=DAY, by=team.chloe, nom=nom)
        for where, nom in ((team.nord, "Blin"), (team.sud, "Caron"))
    }
    waits = {}
    for where, agent in ((team.nord, team.alice), (team.sud, team.bruno)):
        with on_day(agent, DAY) as passage:
            waits[where] = proposed(passage, files[where])
    here, there = waits[team.nord], waits[team.sud]
    with on_day(between, DAY) as passage:
        assert queries.list_a_signer(passage) == ([here], False)
        assert queries.count_a_signer(passage) == 1
        with pytest.raises(Refused):
            queries.find_signable(passage, pk=there.pk)
        for act, said in ((projets.sign_projet, {}), (projets.return_projet, {"motif": "x"})):
            with pytest.raises(Refused):
                act(passage, projet_id=there.pk, **said)
        # Where they instruct, they propose all the same, and take back.
        taken = projets.withdraw_projet(passage, dossier_id=there.dossier_id, projet_id=there.pk)
        assert taken.etat == "retire"
    client.force_login(between, BACKEND)
    html = client.get(reverse("apa_ash:a_signer")).content.decode()
    assert reverse("apa_ash:projet", args=[here.pk]) in html
    assert reverse("apa_ash:projet", args=[there.pk]) not in html


# A proposal is of one file.


@pytest.fixture
def one_and_other(team):
    return [
        situations.ready(team.nord, on=DAY, by=team.chloe, nom=nom) for nom in ("Blin", "Caron")
    ]


def test_a_proposal_is_taken_back_from_its_own_file(team, on_day, one_and_other):
    one, other = one_and_other
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, one)
        with pytest.raises(Refused):
            projets.withdraw_projet(passage, dossier_id=other.pk, projet_id=projet.pk)
    projet.refresh_from_db()
    assert projet.etat == "propose"


def test_a_form_sent_for_another_file_does_not_give_the_proposal_of_the_first(
    team, on_day, one_and_other
):
    one, other = one_and_other
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, one)
        assert proposed(passage, one, jeton=projet.pk) == projet
        with pytest.raises(Refused):
            proposed(passage, other, jeton=projet.pk)
    assert list(m.ProjetDecision.objects.values_list("dossier", flat=True)) == [one.pk]


# What is asked of a debt may no longer hold when it is decided.


@pytest.mark.parametrize(
    ("etat", "refused"), [("retire", True), ("non_recouvre", True), ("notifie", False)]
)
@pytest.mark.parametrize(
    ("act", "said"),
    [(retraits.grant_retrait, {"lu": Decimal("0.00")}), (retraits.refuse_retrait, {})],
)
def test_a_withdrawal_is_decided_of_a_debt_that_still_stands(
    team, entering, indu, ask, act, said, etat, refused
):
    report(indu, "40")
    asked = ask(indu)
    m.Indu.objects.filter(pk=indu.pk).update(etat=etat)
    with entering(team.remi, INSTRUCTION) as passage:
        if refused:
            with pytest.raises(retraits.PasARetirer):
                act(passage, remise_id=asked.pk, motif="x", **said)
        else:
            assert act(passage, remise_id=asked.pk, motif="x", **said).etat != "demandee"
