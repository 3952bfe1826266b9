"""The year's répit and the aids paid once: drawn up in a plan, bounded, told, decided."""

import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.plan import EtatPlan, Unite
from egide.systems.apa_ash.models.ponctuel import NaturePonctuelle
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.queries.ponctuel import read_ponctuel
from egide.systems.apa_ash.services import plan as plans
from egide.systems.apa_ash.services import ponctuelles, proposition
from tests.personas import today
from tests.systems.apa_ash import medico_social as ms
from tests.systems.apa_ash import situations as s

LAST_YEAR, NEXT_YEAR = (today().replace(year=today().year + n, day=1) for n in (-1, 1))
REPIT = NaturePonctuelle.REPIT
LIT = NaturePonctuelle.AIDE_TECHNIQUE


@pytest.fixture
def plan(team):
    """A draft of 1 000,00 € in GIR 3: 215,99 € a month stay free under the ceiling."""
    created = ms.draft(ms.evaluated(team.nord, team.chloe))
    ms.ligne(created, volume_mensuel=Decimal(1), unite=Unite.FORFAIT, tarif=Decimal(1000))
    return created


@pytest.fixture
def chloe(client, team):
    client.force_login(team.chloe, backend="egide.kernel.access.backends.AgentBackend")
    return client


def prevision(nature=REPIT, montant="500.00", **fields):
    values = {"objet": "Accueil temporaire", "prestataire_id": None} | fields
    return ponctuelles.Prevision(nature=nature, montant=Decimal(montant), **values)


def add(passage, plan, jeton=None, **fields):
    return ponctuelles.add_ponctuelle(
        passage, plan_id=plan.pk, jeton=jeton or uuid.uuid4(), prevision=prevision(**fields)
    )


def used_before(plan, *, by, montant, nature=REPIT, on=None, withdrawn=False):
    """An invoice of an earlier plan of the same file, in the year of the effect or another."""
    dossier = plan.dossier
    earlier = m.PlanAide.objects.create(
        service=dossier.service,
        dossier=dossier,
        etat=EtatPlan.SANS_SUITE,
        gir=3,
        effet_on=ms.EFFET_ON,
    )
    bound = s.bound(dossier)
    aide = m.AidePonctuelle.objects.create(
        **bound, plan=earlier, nature=nature, objet="Séjour", montant=1000
    )
    decision = m.Decision.objects.create(
        **bound, nature="accord", prise_on=today(), effet_on=today()
    )
    droit = m.Droit.objects.create(
        **bound,
        decision=decision,
        periode=DateRange(empty=True),
        gir=3,
        couple=False,
        ressources_mensuelles=0,
        plan_mensuel=0,
        taux_participation=0,
        participation=0,
        apa=0,
    )
    return m.Facture.objects.create(
        **bound,
        aide=aide,
        droit=droit,
        reference=uuid.uuid4().hex,
        depense_on=on or ms.EFFET_ON.replace(month=2),
        montant=Decimal(montant),
        retenu=Decimal(montant),
        taux_participation=0,
        a_verser=Decimal(montant),
        saisie_on=today(),
        saisie_par=by,
        retiree_on=today() if withdrawn else None,
        retrait="Doublon" if withdrawn else "",
    )


@pytest.mark.parametrize(
    ("nature", "montant", "refusal"),
    [
        (REPIT, "583.52", None),  # 0,453 S, S being 1 288,13 € in 2026
        (REPIT, "583.53", proposition.RepitOverMaximum),
        (LIT, "863.96", None),  # four times 215,99 €
        (LIT, "863.97", proposition.PonctuellesOverCeiling),
    ],
)
def test_a_plan_over_a_yearly_ceiling_is_not_sent(team, plan, entering, nature, montant, refusal):
    with entering(team.chloe, EVALUATION) as passage:
        add(passage, plan, nature=nature, montant=montant)
        if refusal is None:
            proposition.propose_plan_aide(passage, plan_id=plan.pk)
        else:
            with pytest.raises(refusal):
                proposition.propose_plan_aide(passage, plan_id=plan.pk)
    plan.refresh_from_db()
    assert plan.etat == (EtatPlan.PROPOSE if refusal is None else EtatPlan.BROUILLON)


@pytest.mark.parametrize(
    ("case", "sent"),
    [
        ({}, False),
        ({"on": ms.EFFET_ON.replace(year=2025)}, True),  # another year
        ({"on": ms.EFFET_ON.replace(month=1, day=1)}, False),
        ({"on": ms.EFFET_ON.replace(month=12, day=31)}, False),
        ({"on": ms.EFFET_ON.replace(year=2027, month=1, day=1)}, True),
        ({"elsewhere": True}, True),  # that of somebody else
        ({"withdrawn": True}, True),
        ({"nature": LIT}, True),  # it counts under the other ceiling
    ],
)
def test_what_an_earlier_plan_used_of_the_year_is_used(team, plan, entering, case, sent):
    elsewhere = "elsewhere" in case
    whose = ms.draft(ms.evaluated(team.nord, team.chloe)) if elsewhere else plan
    used_before(whose, by=team.carole, montant="100.00", **({} if elsewhere else case))
    with entering(team.chloe, EVALUATION) as passage:
        add(passage, plan, montant="500.00")
        if sent:
            proposition.propose_plan_aide(passage, plan_id=plan.pk)
        else:
            with pytest.raises(proposition.RepitOverMaximum):
                proposition.propose_plan_aide(passage, plan_id=plan.pk)


@pytest.mark.parametrize(
    ("etat", "effet_on", "annee"),
    [
        (EtatPlan.BROUILLON, LAST_YEAR, LAST_YEAR.year),
        (EtatPlan.ACCEPTE, LAST_YEAR, today().year),
        (EtatPlan.ACCEPTE, NEXT_YEAR, NEXT_YEAR.year),
    ],
)
def test_a_plan_that_serves_is_measured_in_the_year_that_runs(
    team, plan, entering, etat, effet_on, annee
):
    plan.etat, plan.effet_on = etat, effet_on
    with entering(team.chloe, EVALUATION) as passage:
        found = read_ponctuel(passage, dossier=plan.dossier, plan=plan, total_mensuel=Decimal(0))
    assert found.annee == annee


def test_a_definitive_proposal_takes_the_aids_of_the_first_again(team, plan, entering):
    used_before(plan, by=team.carole, montant="1.00", nature=LIT)  # of another plan: not taken
    with entering(team.chloe, EVALUATION) as passage:
        add(passage, plan, montant="500.00")
        proposition.propose_plan_aide(passage, plan_id=plan.pk)
        proposition.record_observations(
            passage, plan_id=plan.pk, reponse_on=today(), observations="Moins de ménage"
        )
        again = plans.open_plan_aide(
            passage, dossier_id=plan.dossier_id, jeton=uuid.uuid4(), effet_on=ms.EFFET_ON
        )
    taken = again.ponctuelles.values_list("nature", "objet", "montant")
    assert list(taken) == [(REPIT, "Accueil temporaire", Decimal("500.00"))]


def test_the_month_is_not_raised_by_what_is_paid_upon_invoices(team, plan, entering):
    with entering(team.chloe, EVALUATION) as passage:
        add(passage, plan)
        add(passage, plan, nature=LIT, montant="400.00")
        proposition.propose_plan_aide(passage, plan_id=plan.pk)
    with entering(team.alice, INSTRUCTION) as passage:
        assert load_situation(passage, pk=plan.dossier_id).plans[0].total == Decimal("1000.00")


def test_a_plan_has_one_respite_and_as_many_other_aids_as_needed(team, plan, entering):
    jeton = uuid.uuid4()
    with entering(team.chloe, EVALUATION) as passage:
        first = add(passage, plan, jeton=jeton)
        assert add(passage, plan, jeton=jeton).pk == first.pk  # the same form, sent twice
        with pytest.raises(ponctuelles.RepitDejaPrevu):
            add(passage, plan)
        add(passage, plan, nature=LIT)
        add(passage, plan, nature=LIT)
    assert m.AidePonctuelle.objects.filter(plan=plan).count() == 3


@pytest.mark.parametrize("etat", [EtatPlan.BROUILLON, EtatPlan.PROPOSE])
def test_what_was_sent_does_not_change_by_either_door(team, plan, entering, etat):
    aide = m.AidePonctuelle.objects.create(
        **s.bound(plan.dossier), plan=plan, nature=LIT, objet="Lit", montant=100
    )
    m.PlanAide.objects.filter(pk=plan.pk).update(etat=etat, envoye_on=today())
    with entering(team.chloe, EVALUATION) as passage:
        statement = "UPDATE apa_ash_aideponctuelle SET montant = 200 WHERE id = %s"
        if etat == EtatPlan.BROUILLON:
            with connection.cursor() as cursor:
                cursor.execute(statement, [aide.pk])
            ponctuelles.remove_ponctuelle(passage, plan_id=plan.pk, aide_id=aide.pk)
            return
        with pytest.raises(plans.PlanAlreadySent):
            ponctuelles.remove_ponctuelle(passage, plan_id=plan.pk, aide_id=aide.pk)
        with (
            pytest.raises(IntegrityError, match="lines of a plan that was sent"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [aide.pk])


@pytest.mark.parametrize(
    ("who", "purpose"), [("alice", INSTRUCTION), ("bruno", INSTRUCTION), ("edith", INSTRUCTION)]
)
def test_only_the_team_draws_up_an_aid(team, plan, entering, who, purpose):
    with entering(team.agents[who], purpose) as passage, pytest.raises(Refused):
        add(passage, plan)
    assert not m.AidePonctuelle.objects.exists()


@pytest.mark.parametrize("known", ["indispensable", "replaceable", "elsewhere"])
def test_a_respite_without_an_indispensable_carer_is_said(chloe, team, plan, known):
    other = ms.evaluated(team.nord, team.chloe, nom="Morel")
    dossier = other if known == "elsewhere" else plan.dossier
    m.Aidant.objects.create(
        **s.bound(dossier), nom="Morel Anne", lien="fille", indispensable=known != "replaceable"
    )
    page = reverse("apa_ash:evaluation_plan", args=[plan.dossier_id])
    assert "dont la présence est indispensable" not in chloe.get(page).content.decode()
    m.AidePonctuelle.objects.create(
        **s.bound(plan.dossier), plan=plan, nature=REPIT, objet="Accueil", montant=100
    )
    said = "dont la présence est indispensable" in chloe.get(page).content.decode()
    assert said is (known != "indispensable")


def test_the_screen_says_what_is_used_and_left(chloe, team, plan):
    used_before(plan, by=team.carole, montant="100.00")
    add_url = reverse("apa_ash:ponctuelle_ajouter", args=[plan.dossier_id, plan.pk])
    posted = {
        "jeton": uuid.uuid4(),
        "nature": "repit",
        "objet": "Accueil temporaire",
        "montant": "300,00",
    }
    assert chloe.post(add_url, posted | {"montant": "-3"}).status_code == 422
    assert chloe.post(add_url, posted).status_code == 302
    page = chloe.get(reverse("apa_ash:evaluation_plan", args=[plan.dossier_id])).content.decode()
    text = " ".join(page.replace("\u00a0", " ").replace("\u202f", " ").split())
    assert "100,00 € déjà utilisés sur 583,52 €, reste 483,52 €" in text
    assert "Le plan en prévoit 300,00 €" in text
    (aide,) = m.AidePonctuelle.objects.filter(plan=plan)
    gone = reverse("apa_ash:ponctuelle_retirer", args=[plan.dossier_id, plan.pk, aide.pk])
    assert chloe.post(gone).status_code == 302
    assert not m.AidePonctuelle.objects.filter(plan=plan).exists()


def test_another_s_plan_is_as_if_it_were_not(chloe, team, plan):
    theirs = ms.draft(ms.evaluated(team.sud, team.chloe))
    for dossier, pk, status in (
        (plan.dossier_id, plan.pk, 200),
        (plan.dossier_id, theirs.pk, 404),
        (theirs.dossier_id, theirs.pk, 404),
    ):
        assert (
            chloe.get(reverse("apa_ash:ponctuelle_ajouter", args=[dossier, pk])).status_code
            == status
        )


@pytest.mark.parametrize(
    ("nature", "montant", "told"),
    [
        ("repit", "583,52", "Aide ponctuelle ajoutée au plan."),
        ("repit", "583,53", "583,52\u00a0€ au plus peuvent être retenus"),
        (LIT, "900,00", "863,96\u00a0€ au plus peuvent être retenus"),
    ],
)
def test_the_screen_says_what_may_be_retained_of_an_aid(team, client, plan, nature, montant, told):
    client.force_login(team.chloe)
    address = reverse("apa_ash:ponctuelle_ajouter", args=[plan.dossier_id, plan.pk])
    sent = {
        "jeton": str(uuid.uuid4()),
        "nature": nature,
        "objet": "Accueil d’une semaine",
        "prestataire": "",
        "montant": montant,
    }
    page = client.post(address, sent, follow=True).content.decode()
    assert told in page
    assert ("c’est ce qui peut être retenu" in page) is ("au plus" in told)


def test_an_aid_for_which_nothing_is_left_is_said_to_be_taken_away(team, client, plan):
    used_before(plan, by=team.carole, montant="583.52")
    client.force_login(team.chloe)
    sent = {
        "jeton": str(uuid.uuid4()),
        "nature": "repit",
        "objet": "Accueil",
        "prestataire": "",
        "montant": "100",
    }
    address = reverse("apa_ash:ponctuelle_ajouter", args=[plan.dossier_id, plan.pk])
    assert "ne laisse rien à retenir" in client.post(address, sent, follow=True).content.decode()
