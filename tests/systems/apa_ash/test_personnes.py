"""Who the person is: each act works, and each refusal is told and changes nothing."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash.models import (
    Aidant,
    Coordonnees,
    Courrier,
    Dossier,
    Identite,
    Nir,
    Protection,
)
from egide.systems.apa_ash.models.personne import Mesure, SourceNir, StatutNir
from egide.systems.apa_ash.nir import NirInvalide, read_nir
from egide.systems.apa_ash.policy import PROTECTIONS
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from egide.systems.apa_ash.saisie import Adresse, EtatCivil
from egide.systems.apa_ash.services import demandes
from egide.systems.apa_ash.services import personnes as services
from tests import factories
from tests.personas import today
from tests.systems.apa_ash.test_demandes import ALL, register, with_key

CIVIL = EtatCivil(
    nom_naissance="Dupuis",
    nom_usage="Lefèvre",
    prenoms="Jeanne Marie",
    sexe="F",
    naissance_on=date(1939, 3, 15),
)
ADRESSE = Adresse(adresse="2 impasse du Puits", code_postal="01100", commune="Oyonnax")
MANDATAIRE = services.Mandataire(mesure=Mesure.TUTELLE, nom="Mme Anne Roux", adresse="1 place")
ACTS = {
    "identite": (services.update_identite, {"etat_civil": CIVIL}),
    "adresse": (services.update_coordonnees, {"adresse": ADRESSE}),
    "nir": (services.declare_nir, {"nir": ""}),
    "verification": (
        services.verify_nir,
        {"source": SourceNir.SNGI, "on": today(), "conforme": True},
    ),
    "protection": (services.set_protection, {"mandataire": MANDATAIRE}),
    "aidant": (services.add_aidant, {"jeton": uuid.uuid4(), "nom": "Luc", "lien": "fils"}),
}


@pytest.fixture
def dossier(team):
    return factories.dossier(team.nord)


def test_each_volet_changes_and_internal_edits_are_no_contact(team, dossier, entering):
    before = dossier.dernier_contact_on
    with entering(team.alice, INSTRUCTION) as passage:
        for act, options in ACTS.values():
            act(passage, dossier_id=dossier.pk, **options) if act is not services.declare_nir else 0
    identite = Identite.objects.get()
    assert (identite.nom_normalise, identite.naissance_on) == (
        "LEFEVRE JEANNE MARIE",
        date(1939, 3, 15),
    )
    assert Coordonnees.objects.get().commune == "Oyonnax"
    assert Protection.objects.get().mesure == Mesure.TUTELLE
    assert Aidant.objects.get().nom == "Luc"
    assert Dossier.objects.get().dernier_contact_on == before


@pytest.mark.parametrize("name", ["bruno", "paul", "carole", "edith", "victor", "nora"])
@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_changes_a_person(team, dossier, entering, name, act):
    service, options = ACTS[act]
    with entering(team.agents[name], INSTRUCTION) as passage, pytest.raises(Refused):
        service(passage, dossier_id=dossier.pk, **options)


def test_the_medical_team_notes_relatives_and_nothing_else(team, dossier, entering):
    for act, (service, options) in ACTS.items():
        with entering(team.chloe, EVALUATION) as passage:
            if act == "aidant":
                service(passage, dossier_id=dossier.pk, **options)
                continue
            with pytest.raises(Refused):
                service(passage, dossier_id=dossier.pk, **options)
    assert Aidant.objects.get().lien == "fils"


@pytest.mark.clause("APA-13", "APA-16")
@pytest.mark.parametrize("source", [SourceNir.SNGI, SourceNir.RNCPS, SourceNir.VITALE])
@pytest.mark.parametrize(("conforme", "statut"), [(True, "certifie"), (False, "rejete")])
def test_a_number_is_verified_with_its_source_and_day(
    team, dossier, entering, source, conforme, statut
):
    with entering(team.alice, INSTRUCTION) as passage:
        services.verify_nir(
            passage, dossier_id=dossier.pk, source=source, on=today(), conforme=conforme
        )
    row = Nir.objects.get()
    assert (row.statut, row.verifie_on, row.verifie_aupres) == (statut, today(), source)


def test_no_number_is_certified_without_source_in_the_future_or_absent(team, dossier, entering):
    known = {"dossier_id": dossier.pk, "conforme": True}
    with entering(team.alice, INSTRUCTION) as passage:
        with pytest.raises(services.VerificationSansSource):
            services.verify_nir(passage, **known, source="", on=today())
        with pytest.raises(services.VerificationFuture):
            services.verify_nir(
                passage, **known, source=SourceNir.SNGI, on=today() + timedelta(days=1)
            )
        services.declare_nir(passage, dossier_id=dossier.pk, nir="")
        with pytest.raises(services.RienAVerifier):
            services.verify_nir(passage, **known, source=SourceNir.SNGI, on=today())
    assert Nir.objects.get().statut == StatutNir.ABSENT


def test_another_number_is_to_verify_again_and_the_former_is_kept(team, dossier, entering):
    former = Nir.objects.get().nir
    with entering(team.alice, INSTRUCTION) as passage:
        services.verify_nir(
            passage, dossier_id=dossier.pk, source=SourceNir.SNGI, on=today(), conforme=True
        )
        services.declare_nir(passage, dossier_id=dossier.pk, nir=with_key("2390399123457"))
    row = Nir.objects.get()
    assert (row.statut, row.anciens) == (StatutNir.COHERENT, [former])
    assert (row.verifie_on, row.verifie_aupres) == (None, "")


@pytest.mark.parametrize(
    ("typed", "statut"),
    [
        ("", StatutNir.ABSENT),
        (" ", StatutNir.ABSENT),
        ("2390399123457", StatutNir.DECLARE),
        (with_key("2390399123457"), StatutNir.COHERENT),
        (with_key("8390399123457"), StatutNir.ATTENTE),
    ],
)
def test_a_number_is_as_sure_as_what_was_supplied(typed, statut):
    assert read_nir(typed).statut == statut


@pytest.mark.parametrize("typed", ["1", "x" * 15, with_key("2390399123457")[:-2] + "00"])
def test_an_impossible_number_is_refused_without_being_repeated(typed):
    with pytest.raises(NirInvalide) as refused:
        read_nir(typed)
    assert typed not in str(refused.value).split()


def test_a_protection_is_taken_away_and_letters_follow_it(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team, pieces=dict.fromkeys(ALL, today()))
        services.set_protection(passage, dossier_id=dossier.pk, mandataire=MANDATAIRE)
        demandes.acknowledge_demande(passage, dossier_id=dossier.pk)
        services.set_protection(passage, dossier_id=dossier.pk, mandataire=None)
        assert services.set_protection(passage, dossier_id=dossier.pk, mandataire=None) is None
    assert not Protection.objects.exists()
    assert Courrier.objects.count() == 1


def test_a_relative_is_added_once_and_taken_away(team, dossier, entering):
    jeton = uuid.uuid4()
    with entering(team.alice, INSTRUCTION) as passage:
        for _ in range(2):
            services.add_aidant(passage, jeton=jeton, dossier_id=dossier.pk, nom="Luc", lien="fils")
        assert Aidant.objects.count() == 1
        services.remove_aidant(passage, dossier_id=dossier.pk, pk=jeton)
    assert not Aidant.objects.exists()


def test_the_relative_of_another_file_is_not_taken_away(team, dossier, entering):
    other = factories.dossier(team.nord, nom="Morel")
    aidant = Aidant.objects.create(service=team.nord, dossier=other, nom="Luc", lien="fils")
    with entering(team.alice, INSTRUCTION) as passage, pytest.raises(Refused):
        services.remove_aidant(passage, dossier_id=dossier.pk, pk=aidant.pk)
    assert Aidant.objects.exists()


def test_the_screen_saves_one_volet_at_a_time(team, dossier, client):
    client.force_login(team.alice)
    url = reverse("apa_ash:personne", args=[dossier.pk])
    page = client.get(url)
    assert "ne correspond pas au NIR" not in page.content.decode()
    sent = {
        "volet": "protection",
        "protection-mesure": "curatelle",
        "protection-nom": "UDAF de l’Ain",
    }
    assert client.post(url, sent).status_code == 302
    assert Protection.objects.get().nom == "UDAF de l’Ain"
    answer = client.post(url, sent | {"protection-nom": ""})
    assert answer.status_code == 422
    assert list(answer.context["forms"]["protection"].errors) == ["nom"]
    assert Protection.objects.get().nom == "UDAF de l’Ain"
    assert client.post(url, {"volet": "inconnu"}).status_code == 200


def test_warnings_of_coherence_are_shown_and_block_nothing(team, dossier, client):
    Nir.objects.update(nir=with_key("1400499123457"))
    client.force_login(team.alice)
    page = client.get(reverse("apa_ash:personne", args=[dossier.pk])).content.decode()
    assert page.count("ne correspond pas au NIR") == 3


def test_a_policy_deletes_for_who_may_write_and_where_they_may(team, entering):
    """Evaluation only reads the measure; another service's agent writes, but not here."""
    dossier = factories.dossier(team.nord)
    row = Protection.objects.create(
        service=team.nord, dossier=dossier, mesure=Mesure.CURATELLE, nom="UDAF de l’Ain"
    )
    with entering(team.chloe, EVALUATION) as passage, pytest.raises(Refused):
        PROTECTIONS.delete(passage, row)
    with entering(team.bruno, INSTRUCTION) as passage:
        PROTECTIONS.delete(passage, row)
    assert Protection.objects.get().pk == row.pk
    with entering(team.alice, INSTRUCTION) as passage:
        PROTECTIONS.delete(passage, row)
    assert not Protection.objects.exists()
    assert row.pk is not None
