"""A revision begins with the helps of the plan that runs, and tells what it rests on."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from egide.rules.apa.ressources import annee_reference
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.presentation.ressources import tell_old_ressources
from egide.systems.apa_ash.presentation.signature_fondement import ground_facts
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.decision import load_situation
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import situations as s


@pytest.fixture
def revision(team):
    """A right that runs upon a plan of two lines, one of a service that asks more since."""
    since = today() - timedelta(days=300)
    fields = {"etat": Etat.EVALUE, "etat_droit": Etat.OUVERT, "echeance": Echeance.DECISION}
    dossier = s.opened(team.nord, since=since, by=team.chloe, **fields)
    accepted = m.PlanAide.objects.get(dossier=dossier)
    service = m.Prestataire.objects.create(
        organisme=team.departement, nom="Aide 1", tarif_horaire=Decimal("26.50")
    )
    m.LignePlan.objects.create(
        **s.bound(dossier),
        plan=accepted,
        nature="menage",
        mode="prestataire",
        prestataire=service,
        volume_mensuel=10,
        unite="heure",
        tarif=Decimal("24.00"),
    )
    m.AidePonctuelle.objects.create(
        **s.bound(dossier), plan=accepted, nature="repit", objet="x", montant=100
    )
    return dossier


@pytest.mark.parametrize("reprendre", [True, False])
def test_a_revision_takes_the_monthly_helps_again_at_today_s_tariffs(
    team, client, revision, reprendre
):
    client.force_login(team.chloe, "egide.kernel.access.backends.AgentBackend")
    page = reverse("apa_ash:evaluation_plan", args=[revision.pk])
    assert "Reprendre les aides du plan en cours" in client.get(page).content.decode()
    said = {"jeton": uuid4(), "effet_on": today().isoformat()}
    ticked = {"reprendre": "on"} if reprendre else {}
    client.post(reverse("apa_ash:plan_creer", args=[revision.pk]), said | ticked)
    draft = m.PlanAide.objects.get(dossier=revision, etat="brouillon")
    lines = draft.lignes.order_by("mode").values_list("mode", "volume_mensuel", "tarif")
    heures, tarif = s.PLAN_HEURES
    again = [("gre_a_gre", heures, tarif), ("prestataire", Decimal(10), Decimal("26.50"))]
    assert list(lines) == (again if reprendre else [])
    assert not m.AidePonctuelle.objects.filter(plan=draft).exists()
    assert not draft.definitif
    m.Prestataire.objects.update(actif=False)
    assert ("ne travaille plus" in client.get(page).content.decode()) == reprendre


def test_a_first_request_has_no_helps_to_take_again(team, client, revision):
    """No right runs; or the definitive proposal takes its own lines again."""
    client.force_login(team.chloe, "egide.kernel.access.backends.AgentBackend")
    page = reverse("apa_ash:evaluation_plan", args=[revision.pk])
    for changes in (
        {"echeance": Echeance.PROPOSITION_DEFINITIVE},
        {"echeance": Echeance.DECISION, "etat_droit": ""},
    ):
        m.Dossier.objects.filter(pk=revision.pk).update(**changes)
        assert "Reprendre les aides" not in client.get(page).content.decode()


@pytest.mark.parametrize(("late", "told"), [(0, False), (1, True), (3, True)])
def test_resources_of_an_earlier_year_are_told_before_a_decision(team, entering, late, told):
    dossier = s.ready(team.nord, on=today(), by=team.chloe)
    received = m.Demande.objects.get(dossier=dossier).recue_on
    year = annee_reference(received) - late
    m.Ressources.objects.filter(dossier=dossier).update(annee_reference=year)
    with entering(team.alice, INSTRUCTION) as passage:
        situation = load_situation(passage, pk=dossier.pk)
        said = tell_old_ressources(situation, on=today())
    assert bool(said) == told
    assert all(f"celles de {year}" in line for line in said)


def test_the_page_of_a_proposal_and_its_signature_tell_old_resources(team, client):
    dossier = s.ready(team.nord, on=today(), by=team.chloe)
    m.Ressources.objects.filter(dossier=dossier).update(annee_reference=2019)
    client.force_login(team.alice, "egide.kernel.access.backends.AgentBackend")
    page = reverse("apa_ash:acte_decision", args=[dossier.pk, "accord"])
    assert "celles de 2019" in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("nature", "labels"),
    [
        ("urgence", ["Demande reçue", "Urgence attestée par", "Avance"]),
        (
            "forfait_tacite",
            ["Demande reçue", "Dossier complet", "Accusé de réception", "Forfait dû depuis le"],
        ),
        ("rejet", ["Demande reçue", "Évaluation"]),
        ("accord", []),
    ],
)
def test_who_signs_reads_the_facts_that_a_decision_rests_on(team, entering, nature, labels):
    dossier = factories.dossier(team.nord, etat=Etat.COMPLET)
    m.Evaluation.objects.create(**s.bound(dossier), faite_on=today(), gir=5, auteur=team.chloe)
    kind = "urgence" if nature == "urgence" else "premiere"
    s.complete(dossier, on=today() - timedelta(days=70))
    m.Demande.objects.filter(dossier=dossier).update(nature=kind, urgence_attestee_par="Dr Roux")
    with entering(team.alice, INSTRUCTION) as passage:
        situation = load_situation(passage, pk=dossier.pk)
        facts = ground_facts(situation, m.ProjetDecision(nature=nature))
    assert [label for label, _ in facts] == labels
    told = dict(facts)
    assert told.get("Urgence attestée par", "Dr Roux") == "Dr Roux"
    assert told.get("Évaluation", "GIR\u00a05").startswith("GIR\u00a05")
