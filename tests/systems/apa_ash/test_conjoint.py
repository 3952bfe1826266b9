"""The couple of a request: from the form to the participation, and each near miss."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.ressources import Patrimoine
from egide.systems.apa_ash.models import Conjoint, Demande, Ressources
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.saisie import EtatConjoint
from egide.systems.apa_ash.services import personnes
from egide.systems.apa_ash.services.ressources import CoupleContredit, Foyer, record_ressources
from tests import factories
from tests.personas import today

MARC = EtatConjoint(
    lien="mariage", nom_naissance="Perrin", prenoms="Marc", naissance_on=date(1937, 5, 2)
)
ALONE = {"pensions_retraites": Decimal(18_000)}
SPOUSE = {"pensions_retraites": Decimal(30_000)}


def typed(**changes):
    return {
        "jeton": str(uuid.uuid4()),
        "nom_naissance": "Lefèvre",
        "prenoms": "Jeanne",
        "sexe": "F",
        "naissance_on": "1939-03-14",
        "adresse": "3 rue des Lilas",
        "code_postal": "01000",
        "commune": "Bourg-en-Bresse",
        "nature": "premiere",
        "canal": "ccas",
        "recue_on": (today() - timedelta(days=2)).isoformat(),
        "residence_stable": "on",
        "conjoint_lien": "mariage",
        "conjoint_nom_naissance": "Perrin",
        "conjoint_prenoms": "Marc",
        "conjoint_naissance_on": "1937-05-02",
    } | changes


def foyer(*, couple, spouse=None):
    return Foyer(
        couple=couple,
        source="avis",
        recueillies_on=today(),
        demandeur=ALONE,
        conjoint=spouse or {},
        patrimoine=Patrimoine(),
    )


@pytest.fixture
def dossier(team):
    return factories.dossier(team.nord)


def test_a_request_is_typed_with_its_couple_and_the_way_it_came(team, client):
    client.force_login(team.alice)
    sent = typed(service=str(team.nord.pk))
    assert client.post(reverse("apa_ash:demande_nouvelle"), sent).status_code == 302
    demande, conjoint = Demande.objects.get(), Conjoint.objects.get()
    assert (demande.canal, conjoint.dossier_id) == ("ccas", demande.dossier_id)
    page = client.get(reverse("apa_ash:demande", args=[demande.dossier_id])).content.decode()
    assert "CCAS ou CIAS" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"conjoint_prenoms": ""}, "conjoint_prenoms"),
        ({"conjoint_lien": ""}, "conjoint_lien"),
        ({"conjoint_naissance_on": "31/02/1937"}, "conjoint_naissance_on"),
        ({"canal": "fichier"}, "canal"),
    ],
)
def test_a_couple_half_told_opens_nothing(team, client, changes, field):
    client.force_login(team.alice)
    sent = typed(service=str(team.nord.pk)) | changes
    answer = client.post(reverse("apa_ash:demande_nouvelle"), sent)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Demande.objects.exists()


def test_the_participation_is_the_one_of_the_couple(team, dossier, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        personnes.set_conjoint(passage, dossier_id=dossier.pk, conjoint=MARC)
        with pytest.raises(CoupleContredit):
            record_ressources(
                passage, jeton=uuid.uuid4(), dossier_id=dossier.pk, foyer=foyer(couple=False)
            )
        row = record_ressources(
            passage,
            jeton=uuid.uuid4(),
            dossier_id=dossier.pk,
            foyer=foyer(couple=True, spouse=SPOUSE),
        )
    assert (row.couple, row.ressources_mensuelles) == (True, Decimal(4_000))
    apart, together = (
        compute_apa_domicile(
            on=date(2026, 3, 1),
            age=86,
            gir=2,
            couple=couple,
            ressources_mensuelles=row.ressources_mensuelles,
            plan_mensuel=Decimal(1_000),
        ).participation
        for couple in (False, row.couple)
    )
    assert together < apart


def test_the_screen_of_resources_starts_from_the_couple_and_tells_a_contradiction(
    team, dossier, client
):
    client.force_login(team.alice)
    Ressources.objects.create(
        service=team.nord,
        dossier=dossier,
        annee_reference=2024,
        source="avis",
        recueillies_on=today(),
        ressources_mensuelles=Decimal(1_500),
    )
    url = reverse("apa_ash:ressources", args=[dossier.pk])
    assert "personne seule" not in client.get(url).content.decode()
    sent = {"volet": "conjoint"} | {
        f"conjoint-conjoint_{name}": value for name, value in MARC.columns().items()
    }
    person = reverse("apa_ash:personne", args=[dossier.pk])
    assert client.post(person, sent).status_code == 302
    page = client.get(url)
    assert page.context["form"]["couple"].initial is True
    assert "celles d’une personne seule" in page.content.decode()
    jeton = {"jeton": str(uuid.uuid4()), "source": "avis", "recueillies_on": today().isoformat()}
    assert "l’événement qui a mis fin au couple" in client.post(url, jeton).content.decode()
    assert client.post(person, {"volet": "conjoint"}).status_code == 302
    assert not Conjoint.objects.exists()
    assert client.post(url, jeton).status_code == 302


@pytest.mark.parametrize("name", ["bruno", "chloe", "paul", "denis", "victor"])
def test_nobody_else_reads_or_changes_the_couple(team, dossier, client, entering, name):
    Conjoint.objects.create(service=team.nord, dossier=dossier, **MARC.columns())
    client.force_login(team.agents[name])
    url = reverse("apa_ash:personne", args=[dossier.pk])
    assert client.post(url, {"volet": "conjoint"}).status_code == 404
    with entering(team.agents[name], INSTRUCTION) as passage, pytest.raises(Refused):
        personnes.set_conjoint(passage, dossier_id=dossier.pk, conjoint=None)
    assert Conjoint.objects.exists()


def test_each_change_is_one_line_of_the_trail(team, dossier, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        for conjoint in (MARC, None):
            personnes.set_conjoint(passage, dossier_id=dossier.pk, conjoint=conjoint)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subjects FROM audit.trail WHERE verb = 'modifier le conjoint' ORDER BY at"
        )
        assert cursor.fetchall() == [([dossier.pk],), ([dossier.pk],)]
