"""A decision is proposed by one agent and signed by another: nothing takes effect before."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.personne import StatutNir
from egide.systems.apa_ash.models.signature import EtatProjet
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.services import decisions, forfaits, projets
from tests.personas import grant, today
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.situations import droits
from tests.systems.apa_ash.test_decisions import DAY, REVISION, tacite, verbs, waiting
from tests.systems.apa_ash.test_letters import squeeze, text_of


@pytest.fixture
def dossier(team):
    return situations.ready(team.nord, on=DAY, by=team.chloe)


@pytest.fixture
def other_head(team):
    """A second head of the north: by delegation, each signs what the other prepared."""
    grant(team.nora, Role.RESPONSABLE, team.nord, by=team.admin)
    return team.nora


def proposed(passage, dossier, **changes):
    values = {"jeton": uuid.uuid4(), "effet_on": passage.on, "revision_on": REVISION} | changes
    return projets.propose_accord(passage, dossier_id=dossier.pk, **values)


def nothing_is_decided(dossier):
    return not (
        droits(dossier)
        or m.Decision.objects.filter(dossier=dossier).exists()
        or m.Courrier.objects.filter(dossier=dossier).exists()
    )


def test_nothing_exists_before_the_signature_and_all_of_it_after(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, dossier)
    assert projet.apa == Decimal("863.81")
    assert nothing_is_decided(dossier)
    dossier.refresh_from_db()
    assert dossier.etat == Etat.ACCEPTE
    later = DAY + timedelta(days=3)
    with on_day(team.remi, later) as passage:
        decision = projets.sign_projet(passage, projet_id=projet.pk)
        assert projets.sign_projet(passage, projet_id=projet.pk) == decision  # sent twice
    # L. 232-14: the right opens on the notification, that is on the signature.
    assert [start for start, _, _ in droits(dossier)] == [later]
    assert (decision.pk, decision.prise_on, decision.prise_par_id) == (
        projet.pk,
        later,
        team.remi.pk,
    )
    projet.refresh_from_db()
    assert (projet.etat, projet.traite_on, projet.traite_par_id) == ("signe", later, team.remi.pk)
    assert ("signer une décision", "fait") in verbs()


def test_the_letter_bears_the_signatory_and_says_who_follows_the_matter(team, dossier, on_day):
    team.remi.fonction = "Responsable de l’autonomie"
    team.remi.save()
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, dossier)
    with on_day(team.remi, DAY) as passage:
        projets.sign_projet(passage, projet_id=projet.pk)
    text = text_of(m.Courrier.objects.get(dossier=dossier).pdf)
    for told in (
        "Pour le président du conseil départemental, responsable de l’autonomie",
        "Rémi Girard",
        "Affaire suivie par : Alice Martin",
    ):
        assert squeeze(told) in text, told


def test_nobody_signs_what_they_prepared(team, dossier, on_day, other_head):
    with on_day(team.remi, DAY) as passage:
        projet = proposed(passage, dossier)
        for refused in (projets.sign_projet, projets.return_projet):
            motif = {"motif": "x"} if refused is projets.return_projet else {}
            with pytest.raises(projets.SignatureDeSonProjet):
                refused(passage, projet_id=projet.pk, **motif)
    assert nothing_is_decided(dossier)
    with on_day(other_head, DAY) as passage:
        assert projets.sign_projet(passage, projet_id=projet.pk).prise_par_id == other_head.pk


@pytest.mark.parametrize("name", ["alice", "bruno", "chloe", "edith", "victor", "nora"])
def test_who_holds_no_delegation_finds_nothing_to_sign(team, dossier, on_day, name):
    with on_day(team.remi, DAY) as passage:
        projet = proposed(passage, dossier)
    with on_day(team.agents[name], DAY) as passage:
        with pytest.raises(Refused):
            projets.sign_projet(passage, projet_id=projet.pk)
        with pytest.raises(Refused):
            projets.return_projet(passage, projet_id=projet.pk, motif="x")
    assert nothing_is_decided(dossier)


def test_a_head_next_door_signs_nothing_here(team, dossier, on_day):
    grant(team.nora, Role.RESPONSABLE, team.sud, by=team.admin)
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, dossier)
    with on_day(team.nora, DAY) as passage, pytest.raises(Refused):
        projets.sign_projet(passage, projet_id=projet.pk)


def test_what_is_sent_back_says_why_and_may_be_proposed_again(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, dossier)
        with pytest.raises(projets.DejaPropose):
            proposed(passage, dossier)
    with on_day(team.remi, DAY) as passage:
        with pytest.raises(projets.RenvoiSansMotif):
            projets.return_projet(passage, projet_id=projet.pk, motif="  ")
        projets.return_projet(passage, projet_id=projet.pk, motif="Revoir la date de révision.")
        with pytest.raises(projets.ProjetClos):
            projets.sign_projet(passage, projet_id=projet.pk)
    with on_day(team.alice, DAY) as passage:
        again = proposed(passage, dossier)
        projets.withdraw_projet(passage, dossier_id=dossier.pk, projet_id=again.pk)
        with pytest.raises(projets.ProjetClos):
            projets.withdraw_projet(passage, dossier_id=dossier.pk, projet_id=again.pk)
        last = proposed(passage, dossier)
    with on_day(team.remi, DAY) as passage:
        with pytest.raises(projets.ProjetClos):
            projets.sign_projet(passage, projet_id=again.pk)
        assert projets.sign_projet(passage, projet_id=last.pk).nature == "accord"


@pytest.mark.parametrize(("montant", "refused"), [("1501.00", True), ("1500.00", False)])
def test_what_is_signed_is_what_was_proposed(team, dossier, on_day, montant, refused):
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, dossier)
    m.Ressources.objects.filter(dossier=dossier).update(ressources_mensuelles=Decimal(montant))
    with on_day(team.remi, DAY) as passage:
        if refused:
            with pytest.raises(projets.CalculChange):
                projets.sign_projet(passage, projet_id=projet.pk)
        else:
            projets.sign_projet(passage, projet_id=projet.pk)
    assert nothing_is_decided(dossier) is refused


def test_a_signature_checks_again_all_that_the_proposal_checked(team, dossier, on_day):
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, dossier)
    m.Demande.objects.filter(dossier=dossier).update(residence_stable=False)
    with on_day(team.remi, DAY) as passage, pytest.raises(decisions.ConditionNonRemplie):
        projets.sign_projet(passage, projet_id=projet.pk)
    assert nothing_is_decided(dossier)


@pytest.mark.parametrize(
    ("signed_on", "effet", "motif"),
    [(DAY, date(2026, 12, 1), "Retour."), (date(2026, 12, 2), date(2026, 12, 2), "")],
)
def test_a_later_day_of_effect_gives_way_to_a_later_signature(
    team, dossier, on_day, signed_on, effet, motif
):
    with on_day(team.alice, DAY) as passage:
        projet = proposed(passage, dossier, effet_on=date(2026, 12, 1), motif="Retour.")
    with on_day(team.remi, signed_on) as passage:
        decision = projets.sign_projet(passage, projet_id=projet.pk)
    assert (decision.effet_on, decision.motif) == (effet, motif)


def test_silence_gives_its_lump_sum_while_a_decision_waits(team, dossier, on_day):
    """L. 232-14: the two months run against the département, its signatories included."""
    m.Demande.objects.filter(dossier=dossier).update(
        recue_on=date(2026, 9, 1), accuse_on=date(2026, 9, 1), complete_on=date(2026, 9, 4)
    )
    with on_day(team.alice, date(2026, 11, 4)) as passage:
        projet = proposed(passage, dossier)
    with on_day(team.alice, date(2026, 11, 5)) as passage:
        tacite(passage, dossier)
    with on_day(team.remi, DAY) as passage:
        decision = projets.sign_projet(passage, projet_id=projet.pk)
    assert decision.deja_verse == Decimal("520.08")
    assert [(low, up) for low, up, _ in droits(dossier)] == [
        (date(2026, 11, 5), DAY),
        (DAY, None),
    ]


def test_an_urgency_waits_for_a_signature_that_costs_the_person_nothing(team, on_day):
    dossier = waiting(team, complete_on=date(2026, 10, 20), nature="urgence", by="Dr Roux")
    asked = {"jeton": uuid.uuid4(), "dossier_id": dossier.pk}
    with on_day(team.alice, DAY) as passage:
        projet = projets.propose_urgence(passage, **asked)
    assert nothing_is_decided(dossier)
    with on_day(team.remi, DAY + timedelta(days=5)) as passage:
        projets.sign_projet(passage, projet_id=projet.pk)
    assert droits(dossier)[0][0] == date(2026, 10, 12)
    with on_day(team.alice, DAY) as passage, pytest.raises(forfaits.ForfaitDejaOuvert):
        projets.propose_urgence(passage, **asked | {"jeton": uuid.uuid4()})


# What SQL itself refuses, under the role of the purpose.

SIGN = (
    "INSERT INTO apa_ash_decision (id, service_id, dossier_id, nature, prise_on, effet_on, motif,"
    " deja_verse, prise_par_id) SELECT id, service_id, dossier_id, nature, access.today(),"
    " access.today(), 'x', 0, access.agent() FROM apa_ash_projetdecision"
)
CLOSE = (
    "UPDATE apa_ash_projetdecision SET etat = '{}', renvoi = 'x', traite_on = access.today(),"
    " traite_par_id = access.agent()"
)


@pytest.mark.parametrize(
    ("by", "signer", "statement"),
    [
        ("remi", "remi", SIGN),  # one's own
        ("remi", "alice", SIGN),  # without the delegation
        ("remi", "alice", CLOSE.format("renvoye")),
        ("alice", "remi", CLOSE.format("signe")),  # without its decision
        ("remi", "remi", CLOSE.format("renvoye")),
        ("alice", "remi", CLOSE.format("propose")),
    ],
)
def test_sql_itself_wants_two_agents(team, dossier, entering, by, signer, statement):
    with entering(team.agents[by], INSTRUCTION) as passage:
        proposed(passage, dossier, revision_on=today() + timedelta(days=700))
    with (
        entering(team.agents[signer], INSTRUCTION),
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert nothing_is_decided(dossier)


# The screens.


@pytest.fixture
def sign_in(client, team):
    def enter(name):
        client.force_login(team.agents[name], "egide.kernel.access.backends.AgentBackend")
        return client

    return enter


def page(projet, name="projet"):
    return reverse(f"apa_ash:{name}", args=[projet.pk])


def waiting_projets(team, entering, names, *, by="alice"):
    found = []
    for nom in names:
        made = situations.ready(team.nord, on=today(), by=team.chloe, nom=nom)
        m.Nir.objects.filter(dossier=made).update(
            nir="", statut=StatutNir.ABSENT
        )  # one number is one person
        with entering(team.agents[by], INSTRUCTION) as passage:
            found.append(proposed(passage, made, revision_on=today() + timedelta(days=700)))
    return found


def test_several_are_signed_at_once_and_one_obstacle_holds_back_nothing_else(
    team, entering, sign_in
):
    one, two, three = waiting_projets(team, entering, ("Blin", "Caron", "Denis"))
    m.Demande.objects.filter(dossier=two.dossier).update(residence_stable=False)
    client = sign_in("remi")
    assert client.post(reverse("apa_ash:a_signer"), {}).status_code == 422
    sent = {"projets": [str(p.pk) for p in (one, two)]}
    html = client.post(reverse("apa_ash:a_signer"), sent, follow=True).content.decode()
    assert "1 décision signée" in html
    assert f"Dossier n° {two.dossier.numero} non signé" in html.replace("\u00a0", " ")
    states = [m.ProjetDecision.objects.get(pk=p.pk).etat for p in (one, two, three)]
    assert states == [EtatProjet.SIGNE, EtatProjet.PROPOSE, EtatProjet.PROPOSE]
    assert m.Courrier.objects.count() == 1
    assert client.post(reverse("apa_ash:a_signer"), sent).status_code == 422  # one is gone


def test_one_is_read_with_its_calculation_then_sent_back(team, entering, sign_in):
    (projet,) = waiting_projets(team, entering, ["Blin"])
    client = sign_in("remi")
    html = client.get(page(projet)).content.decode()
    for told in ("863,81", "CASF R.\u00a0232-11", "à la signature", "Alice Martin"):
        assert told in html, told
    back = page(projet, "projet_renvoi")
    assert client.post(back, {"motif": ""}).status_code == 422
    assert client.post(back, {"motif": "Revoir la révision."}).status_code == 302
    assert client.get(page(projet)).status_code == 404
    client = sign_in("alice")
    for address in (
        reverse("apa_ash:journee"),
        reverse("apa_ash:decision", args=[projet.dossier_id]),
    ):
        assert "Revoir la révision." in client.get(address).content.decode(), address


def test_the_preparer_takes_it_back_from_the_file(team, entering, sign_in):
    (projet,) = waiting_projets(team, entering, ["Blin"])
    client, tab = sign_in("alice"), reverse("apa_ash:decision", args=[projet.dossier_id])
    shown = client.get(tab).content.decode()
    assert "Rien ne prend effet avant la signature" in shown
    assert "Proposer un accord" not in shown
    assert "Lire et signer" not in shown
    acts = shown.split("<h2>Actes")[-1].split("</section>")[0]
    assert "btn-primary" not in acts  # nothing is pressing while a signature is awaited
    assert "Lire et signer" in sign_in("remi").get(tab).content.decode()
    take_back = reverse("apa_ash:projet_retrait", args=[projet.dossier_id, projet.pk])
    assert sign_in("bruno").post(take_back).status_code == 404
    assert sign_in("alice").post(take_back).status_code == 302
    assert "Proposer un accord" in client.get(tab).content.decode()


def test_ones_own_is_listed_and_not_offered(team, entering, sign_in):
    (projet,) = waiting_projets(team, entering, ["Blin"], by="remi")
    client = sign_in("remi")
    html = client.get(reverse("apa_ash:a_signer")).content.decode()
    assert "un autre signe" in html
    assert "Signer les décisions cochées" not in html
    sent = {"projets": [str(projet.pk)]}
    assert client.post(reverse("apa_ash:a_signer"), sent).status_code == 422
    assert client.post(page(projet)).status_code == 422
    assert "décision à signer" not in client.get(reverse("apa_ash:journee")).content.decode()


@pytest.mark.parametrize("name", ["alice", "bruno", "chloe", "victor"])
def test_the_list_and_its_lines_look_absent_to_others(team, entering, sign_in, name):
    (projet,) = waiting_projets(team, entering, ["Blin"], by="remi")
    client = sign_in(name)
    for address in (reverse("apa_ash:a_signer"), page(projet)):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    assert client.post(page(projet, "projet_renvoi"), {"motif": "x"}).status_code == 404


def test_the_list_takes_the_same_statements_whatever_waits(team, entering, sign_in):
    waiting_projets(team, entering, ["Blin"])
    client = sign_in("remi")
    client.get(reverse("apa_ash:a_signer"))
    with CaptureQueriesContext(connection) as once:
        client.get(reverse("apa_ash:a_signer"))
    waiting_projets(team, entering, [f"Nom{n}" for n in range(6)])
    with CaptureQueriesContext(connection) as again:
        client.get(reverse("apa_ash:a_signer"))
    assert len(once) == len(again)
