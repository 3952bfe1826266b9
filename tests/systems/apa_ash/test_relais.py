"""The carer in hospital: proof, indispensable carer, decision within the ceiling, payment, end."""

import uuid
from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.kernel.refus import BaremeProvisoire
from egide.rules.apa.montants import DOMICILE, is_provisional
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.ponctuel import EtatRelais
from egide.systems.apa_ash.policy import AIDANTS, RELAIS
from egide.systems.apa_ash.purposes import CONTROLE, EVALUATION, INSTRUCTION, PAIEMENT
from egide.systems.apa_ash.queries import projets as queries
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.queries.ponctuel import list_relais
from egide.systems.apa_ash.services import factures, lot, personnes, projets, relais
from egide.systems.apa_ash.services.interruptions import AucunDroitAInterrompre
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import medico_social as ms
from tests.systems.apa_ash import signature
from tests.systems.apa_ash import situations as s
from tests.systems.apa_ash.paiement_rows import payable, prestataire
from tests.systems.apa_ash.test_letters import squeeze, text_of

DAY = today() - timedelta(days=20)


@pytest.fixture
def dossier(team):
    """A file with a right since two months, and a carer whom nobody can replace."""
    made = s.opened(team.nord, since=today() - timedelta(days=60), by=team.chloe)
    made.aidant = carer(made)
    return made


def carer(dossier):
    return m.Aidant.objects.create(
        **s.bound(dossier), nom="Léa Roy", lien="fille", indispensable=True
    )


def sejour(dossier, **fields):
    values = {
        "aidant_id": dossier.aidant.pk,
        "entree_on": DAY,
        "sortie_on": None,
        "justificatif": "bulletin",
        "justifie_on": today(),
        "objet": "Hébergement temporaire",
        "prestataire_id": None,
        "cout": Decimal("1500.00"),
    } | fields
    return relais.Sejour(**values)


def recorded(passage, dossier, **fields):
    return relais.record_relais(
        passage, dossier_id=dossier.pk, jeton=uuid.uuid4(), sejour=sejour(dossier, **fields)
    )


def grant(passage, row):
    return signature.relais(passage, row)


def test_the_plan_is_increased_up_to_its_ceiling_and_the_letter_says_it(team, dossier, entering):
    """0,9 S is 1 159,32 € in 2026; the person takes part in it at the rate of the plan."""
    aide = prestataire(team.departement, nom="Relais du Nord")
    with entering(team.alice, INSTRUCTION) as passage:
        row = recorded(passage, dossier, prestataire_id=aide.pk)
        decision = grant(passage, row)
    row.refresh_from_db()
    assert (row.etat, row.plafond, row.retenu) == (
        EtatRelais.ACCORDE,
        Decimal("1159.32"),
        Decimal("1159.32"),
    )
    assert (decision.nature, decision.effet_on) == ("relais", DAY)
    (letter,) = m.Courrier.objects.filter(decision=decision)
    text = text_of(letter.pdf)
    for told in (
        "Hébergement temporaire", "1 159,32 €", "1 500,00 €", "L. 232-3-3", aide.nom,
        "Total à votre charge 498,57 €",
    ):  # fmt: skip
        assert squeeze(told) in text, told
    assert m.Droit.objects.get(dossier=dossier).apa == Decimal("848.20")  # the month is unchanged


@pytest.mark.parametrize(
    ("lacks", "refusal"),
    [
        ("proof", relais.JustificatifAbsent),
        ("indispensable", relais.AidantRemplacable),
        ("right", relais.RelaisSansDroit),
        ("", None),
    ],
)
def test_each_condition_of_the_relay_is_asked(team, dossier, entering, lacks, refusal):
    fields = {"justificatif": "", "justifie_on": None} if lacks == "proof" else {}
    if lacks == "right":
        fields["entree_on"] = today() - timedelta(days=61)
    if lacks == "indispensable":
        m.Aidant.objects.update(indispensable=False)
    with entering(team.alice, INSTRUCTION) as passage:
        row = recorded(passage, dossier, **fields)
        if refusal is None:
            assert grant(passage, row).nature == "relais"
        else:
            with pytest.raises(refusal):
                grant(passage, row)
    assert m.Courrier.objects.filter(dossier=dossier).exists() is (refusal is None)


def test_a_proof_that_comes_later_opens_the_decision(team, dossier, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        row = recorded(passage, dossier, justificatif="", justifie_on=None)
        proof = {"dossier_id": dossier.pk, "relais_id": row.pk, "justificatif": "bulletin"}
        with pytest.raises(relais.JourFutur):
            relais.prove_relais(passage, justifie_on=today() + timedelta(days=1), **proof)
        relais.prove_relais(passage, justifie_on=today(), **proof)
        grant(passage, row)
        with pytest.raises(relais.RelaisDecide):
            relais.prove_relais(passage, justifie_on=today(), **proof)
        with pytest.raises(relais.RelaisDecide):
            grant(passage, row)


def test_each_stay_has_its_own_ceiling_and_is_entered_once(team, dossier, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        first = recorded(passage, dossier)
        with pytest.raises(relais.SejourDejaSaisi):
            recorded(passage, dossier)
        second = recorded(passage, dossier, entree_on=DAY + timedelta(days=10))
        grant(passage, first)
        grant(passage, second)
    assert {r.retenu for r in m.Relais.objects.all()} == {Decimal("1159.32")}


def test_a_refusal_has_a_ground_and_a_letter_and_pays_nothing(team, dossier, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        row = recorded(passage, dossier)
        asked = projets.propose_refus_relais(
            passage,
            dossier_id=dossier.pk,
            relais_id=row.pk,
            jeton=uuid.uuid4(),
            motif="Un autre proche le remplace.",
        )
        signature.signed(passage, asked)
        with pytest.raises(relais.RelaisDecide):
            grant(passage, row)
    row.refresh_from_db()
    assert (row.etat, row.decision.nature) == (EtatRelais.REFUSE, "refus_relais")
    (letter,) = m.Courrier.objects.filter(dossier=dossier)
    assert squeeze("Un autre proche le remplace.") in text_of(letter.pdf)
    with entering(team.carole, CONTROLE) as passage, pytest.raises(Refused):
        invoice(passage, row)


def invoice(passage, row, *, on=DAY, montant="900.00", dossier_id=None):
    depense = factures.Depense(
        reference=uuid.uuid4().hex[:10],
        depense_on=on,
        montant=Decimal(montant),
        a_la_personne=True,
    )
    return factures.record_facture(
        passage,
        dossier_id=dossier_id or row.dossier_id,
        jeton=uuid.uuid4(),
        cible_id=row.pk,
        depense=depense,
    )


def test_the_run_pays_the_relay_and_its_end_closes_it(team, entering):
    dossier = payable(team.nord, start=DAY - timedelta(days=40))
    dossier.aidant = carer(dossier)
    other = factories.dossier(team.nord, nom="Autre", etat="ouvert")
    with entering(team.alice, INSTRUCTION) as passage:
        row = recorded(passage, dossier)
        grant(passage, row)
        relais.end_relais(
            passage,
            dossier_id=dossier.pk,
            relais_id=row.pk,
            sortie_on=DAY + timedelta(days=5),
        )
        with pytest.raises(relais.RelaisDecide):
            relais.end_relais(passage, dossier_id=dossier.pk, relais_id=row.pk, sortie_on=today())
    with entering(team.carole, CONTROLE) as passage:
        with pytest.raises(Refused):
            invoice(passage, row, dossier_id=other.pk)
        paid = invoice(passage, row, on=DAY + timedelta(days=5))
        assert (paid.retenu, paid.a_verser) == (Decimal("900.00"), Decimal("788.52"))
        assert invoice(passage, row).retenu == Decimal("259.32")  # what 1 159,32 leaves
        for late in (DAY + timedelta(days=6), DAY - timedelta(days=1)):
            with pytest.raises(factures.DepenseHorsPeriode):
                invoice(passage, row, on=late)
    with entering(team.paul, PAIEMENT) as passage:
        run = lot.prepare_lot(
            passage,
            lot_id=uuid.uuid4(),
            service_id=team.nord.pk,
            mois=today().replace(day=1),
        )
    lines = m.Paiement.objects.filter(lot=run, facture__isnull=False)
    assert sorted(line.montant_brut for line in lines) == [Decimal("227.20"), Decimal("788.52")]


@pytest.mark.parametrize(
    ("sortie", "refusal"),
    [
        (DAY - timedelta(days=1), relais.SortieAvantEntree),
        (DAY, None),
        (today(), None),
        (today() + timedelta(days=1), relais.JourFutur),
    ],
)
def test_a_discharge_follows_the_entry_and_is_not_foretold(
    team, dossier, entering, sortie, refusal
):
    with entering(team.alice, INSTRUCTION) as passage:
        row = recorded(passage, dossier)
        grant(passage, row)
        end = {"dossier_id": dossier.pk, "relais_id": row.pk, "sortie_on": sortie}
        if refusal:
            with pytest.raises(refusal):
                relais.end_relais(passage, **end)
        else:
            assert relais.end_relais(passage, **end).etat == EtatRelais.CLOS


TOMORROW = today() + timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"sortie_on": DAY - timedelta(days=1)}, relais.SortieAvantEntree),
        ({"sortie_on": DAY}, None),
        ({"justifie_on": TOMORROW}, relais.JourFutur),
        ({"actif": False}, Refused),
        ({"actif": True}, None),
        ({"ended": True}, AucunDroitAInterrompre),
    ],
)
def test_a_stay_is_recorded_with_days_in_order_under_a_right(
    team, dossier, entering, said, refusal
):
    said = dict(said)
    if said.pop("ended", False):
        m.Droit.objects.filter(dossier=dossier).delete()
    if "actif" in said:
        said["prestataire_id"] = prestataire(team.departement, actif=said.pop("actif")).pk
    told = pytest.raises(refusal) if refusal else nullcontext()
    with entering(team.alice, INSTRUCTION) as passage, told:
        recorded(passage, dossier, **said)
    assert m.Relais.objects.exists() is (refusal is None)


def test_the_same_stay_sent_twice_is_one_and_another_carer_has_their_own(team, dossier, entering):
    jeton = uuid.uuid4()
    said = {"dossier_id": dossier.pk, "jeton": jeton, "sejour": sejour(dossier)}
    with entering(team.alice, INSTRUCTION) as passage:
        first = relais.record_relais(passage, **said)
        assert relais.record_relais(passage, **said) == first
        assert recorded(passage, dossier, aidant_id=carer(dossier).pk).entree_on == DAY
    assert m.Relais.objects.count() == 2


def test_a_carer_of_a_stay_is_not_taken_away(team, dossier, entering):
    other = m.Aidant.objects.create(**s.bound(dossier), nom="Max Roy", lien="fils")
    with entering(team.alice, INSTRUCTION) as passage:
        recorded(passage, dossier)
        with pytest.raises(personnes.AidantAvecRelais):
            personnes.remove_aidant(passage, dossier_id=dossier.pk, pk=dossier.aidant.pk)
        personnes.remove_aidant(passage, dossier_id=dossier.pk, pk=other.pk)


def test_the_carer_of_another_file_is_as_if_unknown(team, dossier, entering):
    other = s.opened(team.nord, since=DAY, by=team.chloe, nom="Morel")
    theirs = m.Aidant.objects.create(**s.bound(other), nom="Zoé Blin", lien="fille")
    with entering(team.alice, INSTRUCTION) as passage, pytest.raises(Refused):
        recorded(passage, dossier, aidant_id=theirs.pk)


@pytest.mark.parametrize(
    ("who", "purpose"),
    [("bruno", INSTRUCTION), ("chloe", EVALUATION), ("carole", CONTROLE), ("edith", INSTRUCTION)],
)
def test_only_the_instruction_of_the_service_records_a_stay(team, dossier, entering, who, purpose):
    with entering(team.agents[who], purpose) as passage, pytest.raises(Refused):
        recorded(passage, dossier)
    assert not m.Relais.objects.exists()


FORCED = {
    "begins granted": "INSERT",
    "granted by another kind of decision": (
        "UPDATE apa_ash_relais SET etat = 'accorde', plafond = 1, retenu = 1, decision_id ="
        " (SELECT id FROM apa_ash_decision WHERE dossier_id = apa_ash_relais.dossier_id LIMIT 1)"
    ),
    "raised once decided": "UPDATE apa_ash_relais SET plafond = 9000, retenu = 9000",
}


@pytest.mark.parametrize("attack", FORCED)
def test_sql_itself_keeps_what_was_decided(team, dossier, entering, attack):
    with entering(team.alice, INSTRUCTION) as passage:
        row = recorded(passage, dossier)
        if attack == "raised once decided":
            grant(passage, row)
        statement = FORCED[attack]
        if statement == "INSERT":
            statement = (
                "INSERT INTO apa_ash_relais (id, service_id, dossier_id, aidant_id, entree_on,"
                " justificatif, justifie_on, objet, cout, etat, plafond, retenu, decision_id)"
                " SELECT gen_random_uuid(), service_id, dossier_id, aidant_id, entree_on + 1,"
                " justificatif, justifie_on, objet, cout, 'accorde', 1, 1, (SELECT id FROM"
                " apa_ash_decision d WHERE d.dossier_id = r.dossier_id LIMIT 1)"
                " FROM apa_ash_relais r"
            )
        with (
            pytest.raises(IntegrityError, match="apa_ash:"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


# --- the screens


@pytest.fixture
def alice(client, team):
    client.force_login(team.alice, backend="egide.kernel.access.backends.AgentBackend")
    return client


def signed_by(client, team, *, shown):
    """Let the head of the service sign what the page says is proposed."""
    assert "Rien ne prend effet avant la signature" in shown
    assert "Proposer le refus" not in shown
    (projet,) = m.ProjetDecision.objects.all()
    for agent in (team.remi, team.alice):
        client.force_login(agent, backend="egide.kernel.access.backends.AgentBackend")
        if agent == team.remi:
            assert client.post(reverse("apa_ash:projet", args=[projet.pk])).status_code == 302


def test_the_page_records_decides_and_ends_a_relay(alice, client, team, dossier):
    page, new = (reverse(f"apa_ash:relais{o}", args=[dossier.pk]) for o in ("", "_nouveau"))
    posted = {
        "jeton": uuid.uuid4(),
        "aidant": dossier.aidant.pk,
        "entree_on": DAY.isoformat(),
        "objet": "Hébergement temporaire",
        "cout": "1500,00",
    }
    for wrong in (
        {"cout": "-1"},
        {"aidant": uuid.uuid4()},
        {"entree_on": "2026-02-30"},
        {"justificatif": "bulletin"},
    ):
        assert alice.post(new, posted | wrong).status_code == 422
    assert alice.post(new, posted).status_code == 302
    shown = alice.get(page).content.decode().replace("\u202f", " ").replace("\u00a0", " ")
    assert "Justificatif attendu" in shown
    assert "1 159,32 €" in shown
    (row,) = m.Relais.objects.all()

    def step(code, **data):
        url = reverse("apa_ash:relais_etape", args=[dossier.pk, row.pk, code])
        return alice.post(url, data, follow=True).content.decode()

    assert "n’est pas reçu" in step("accord", jeton=uuid.uuid4())
    step("justificatif", justificatif="bulletin", justifie_on=today().isoformat())
    assert "Accord du relais proposé" in step("accord", jeton=uuid.uuid4())
    signed_by(client, team, shown=alice.get(page).content.decode())
    decision = alice.get(reverse("apa_ash:decision", args=[dossier.pk])).content.decode()
    assert "Relais de l’aidant hospitalisé" in decision
    plan = alice.get(reverse("apa_ash:plan", args=[dossier.pk])).content.decode()
    assert "plan augmenté de" in plan
    assert "relais est clos" in step("sortie", sortie_on=today().isoformat())
    plan = alice.get(reverse("apa_ash:plan", args=[dossier.pk])).content.decode()
    assert "plan augmenté de" not in plan


def test_a_step_that_is_refused_comes_back_as_typed(alice, team, dossier, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        row, other = (
            recorded(
                passage, dossier, entree_on=day, sortie_on=day, justificatif="", justifie_on=None
            )
            for day in (DAY, DAY + timedelta(days=1))
        )

    def step(code, **data):
        url = reverse("apa_ash:relais_etape", args=[dossier.pk, row.pk, code])
        page = alice.post(url, data)
        assert page.status_code == 422
        return page.content.decode()

    for typed in ("", "x" * 301):
        text = step("refus", jeton=uuid.uuid4(), motif=typed)
        assert f'id="id_motif_{row.pk}_error"' in text
        assert f'id="id_motif_{other.pk}_error"' not in text
        assert text.count("x" * 301) == bool(typed)
    text = step("justificatif", justificatif="bulletin", justifie_on="2026-02-30")
    assert text.count('value="2026-02-30"') == 1
    tomorrow = (today() + timedelta(days=1)).isoformat()
    text = step("justificatif", justificatif="bulletin", justifie_on=tomorrow)
    assert text.count(f'value="{tomorrow}"') == 1  # the act refuses it, and not the form
    assert "Rien n’est enregistré" in text
    row.refresh_from_db()
    assert (row.etat, row.justifie_on) == ("demande", None)


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("bruno", 404), ("carole", 404)])
def test_who_may_not_finds_nothing(client, team, dossier, who, status):
    client.force_login(team.agents[who], backend="egide.kernel.access.backends.AgentBackend")
    assert client.get(reverse("apa_ash:relais", args=[dossier.pk])).status_code == status
    step = reverse("apa_ash:relais_etape", args=[dossier.pk, uuid.uuid4(), "accord"])
    assert client.post(step, {"jeton": uuid.uuid4()}).status_code == 404


@pytest.mark.parametrize("late", [0, 1])
def test_a_discharge_recorded_late_waits_for_its_later_invoices(team, entering, late):
    """The increase lasts as long as the stay (D. 232-9-2): the day of the discharge is the last."""
    dossier = payable(team.nord, start=DAY - timedelta(days=40))
    dossier.aidant = carer(dossier)
    sortie_on = DAY + timedelta(days=5)
    end = {"dossier_id": dossier.pk, "sortie_on": sortie_on}
    with entering(team.alice, INSTRUCTION) as passage:
        row = recorded(passage, dossier)
        grant(passage, row)
    with entering(team.carole, CONTROLE) as passage:
        entered = invoice(passage, row, on=sortie_on + timedelta(days=late))
    with entering(team.alice, INSTRUCTION) as passage:
        if late:
            with pytest.raises(relais.FacturesApresSortie, match="1"):
                relais.end_relais(passage, relais_id=row.pk, **end)
        else:
            assert relais.end_relais(passage, relais_id=row.pk, **end).sortie_on == sortie_on
            return
    with entering(team.carole, CONTROLE) as passage:
        factures.withdraw_facture(passage, facture_id=entered.pk, motif="Après la sortie")
        invoice(passage, row, montant="10.00")
    with entering(team.alice, INSTRUCTION) as passage:
        second = recorded(passage, dossier, entree_on=DAY + timedelta(days=1))
        used = {row.pk: row.utilise for row in list_relais(passage, dossier=dossier)}
        assert used == {row.pk: 10, second.pk: 0}
        assert relais.end_relais(passage, relais_id=row.pk, **end).etat == EtatRelais.CLOS


@pytest.mark.parametrize("late", [0, 1])
def test_what_was_paid_after_a_discharge_is_shown_to_the_control(client, team, entering, late):
    dossier = payable(team.nord, start=DAY - timedelta(days=40))
    dossier.aidant = carer(dossier)
    sortie_on = DAY + timedelta(days=5)
    with entering(team.alice, INSTRUCTION) as passage:
        row = recorded(passage, dossier)
        grant(passage, row)
    with entering(team.carole, CONTROLE) as passage:
        entered = invoice(passage, row, on=sortie_on + timedelta(days=late))
    run = m.LotPaiement.objects.create(
        service=team.nord, mois=DAY.replace(day=1), etat="emis", emis_on=today(),
        prepare_par=team.paul, prepare_on=DAY, valide_par=team.remi, valide_on=DAY,
    )  # fmt: skip
    m.Paiement.objects.create(
        service=team.nord, dossier=dossier, lot=run, droit=entered.droit, facture=entered,
        mois_du=DAY.replace(day=1), montant_brut=entered.a_verser, verse_on=today(),
    )  # fmt: skip
    with entering(team.alice, INSTRUCTION) as passage:
        relais.end_relais(passage, dossier_id=dossier.pk, relais_id=row.pk, sortie_on=sortie_on)
    client.force_login(team.carole, backend="egide.kernel.access.backends.AgentBackend")
    page = client.get(reverse("apa_ash:factures", args=[dossier.pk])).content.decode()
    assert ("Dépense après la sortie de l’aidant" in page) == bool(late)


@pytest.mark.parametrize("late", [0, 1])
def test_figures_that_nobody_verified_grant_no_relay(team, dossier, on_day, late):
    """The last verified day, then the next: simulated on the page, never decided."""
    verified = min(figure.verifie_jusqu_au for figure in DOMICILE.values())
    assert not is_provisional(verified)
    entree_on = verified + timedelta(days=late)
    with on_day(team.alice, entree_on) as passage:
        row = recorded(passage, dossier, entree_on=entree_on, justifie_on=entree_on)
        if late:
            with pytest.raises(BaremeProvisoire):
                grant(passage, row)
        else:
            assert grant(passage, row).nature == "relais"
    assert m.Courrier.objects.filter(dossier=dossier).exists() is not bool(late)


def returned(team, entering, dossier, row, *, nature="relais"):
    """Let alice propose a relay and remi send it back, on the day."""
    propose = projets.propose_relais if nature == "relais" else projets.propose_refus_relais
    said = {} if nature == "relais" else {"motif": "Sans objet"}
    with entering(team.alice, INSTRUCTION) as passage:
        projet = propose(
            passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, relais_id=row.pk, **said
        )
    with entering(team.remi, INSTRUCTION) as passage:
        projets.return_projet(passage, projet_id=projet.pk, motif="Revoir le coût.")
    return projet


def came_back(team, entering, who="alice"):
    with entering(team.agents[who], INSTRUCTION) as passage:
        return [projet.pk for projet in queries.list_renvoyes(passage)]


def test_what_is_sent_back_reaches_its_preparer_whatever_was_signed_before(team, dossier, entering):
    """A relay supposes a right, which was proposed and signed on the same file."""
    with entering(team.alice, INSTRUCTION) as passage:
        one = recorded(passage, dossier)
        other = recorded(passage, dossier, entree_on=today() - timedelta(days=5))
        grant(passage, other)
    projet = returned(team, entering, dossier, one)
    assert came_back(team, entering) == [projet.pk]
    assert came_back(team, entering, "remi") == []
    with entering(team.alice, INSTRUCTION) as passage:
        signature.relais(passage, one)
    assert came_back(team, entering) == []


def test_a_relay_granted_the_day_it_came_back_is_told_as_granted(team, dossier, entering, client):
    with entering(team.alice, INSTRUCTION) as passage:
        row = recorded(passage, dossier)
    for nature in ("relais", "refus_relais"):
        returned(team, entering, dossier, row, nature=nature)
    client.force_login(team.alice, backend="egide.kernel.access.backends.AgentBackend")
    page = reverse("apa_ash:relais", args=[dossier.pk])
    assert "Revoir le coût" in client.get(page).content.decode()
    with entering(team.alice, INSTRUCTION) as passage:
        grant(passage, row)
    assert "Revoir le coût" not in client.get(page).content.decode()


@pytest.mark.parametrize("actif", [True, False])
def test_a_relay_is_entrusted_to_a_service_that_works(team, dossier, entering, actif):
    service = ms.saad(dossier, actif=actif)
    with entering(team.alice, INSTRUCTION) as passage:
        if actif:
            assert (
                recorded(passage, dossier, prestataire_id=service.pk).prestataire_id == service.pk
            )
        else:
            with pytest.raises(Refused):
                recorded(passage, dossier, prestataire_id=service.pk)


@pytest.mark.parametrize(
    ("right", "refused"),
    [({}, False), ({"forfait": True}, True), ({"apa": 0, "participation": 1000}, True)],
    ids=str,
)
def test_a_relay_increases_a_plan_that_is_paid_and_no_lump_sum(
    team, dossier, entering, right, refused
):
    m.Droit.objects.filter(dossier=dossier).update(**right)
    with entering(team.alice, INSTRUCTION) as passage:
        recorded(passage, dossier)
        situation = load_situation(passage, pk=dossier.pk)
        row = RELAIS.get(passage, aidant=AIDANTS)
        if refused:
            with pytest.raises(relais.RelaisSansDroit):
                relais.check_relais(situation, relais=row)
        else:
            assert relais.check_relais(situation, relais=row)[1].retenu > 0
