"""One person, one file: what is told of the files of other services, and nothing else."""

import uuid
from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from egide.systems.apa_ash.models import Demande, Dossier, Nir, ProjetDecision
from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.personne import SourceNir, StatutNir
from egide.systems.apa_ash.purposes import CONTROLE, EVALUATION, INSTRUCTION, PAIEMENT
from egide.systems.apa_ash.queries import doublons
from egide.systems.apa_ash.services import personnes as services
from egide.systems.apa_ash.services import projets
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.test_demandes import with_key

NIR = "2390399123457"
NAISSANCE = date(1939, 3, 14)
QUESTION = "chercher un autre dossier de la personne"


def certify(passage, dossier):
    return services.verify_nir(
        passage, dossier_id=dossier.pk, source=SourceNir.SNGI, on=today(), conforme=True
    )


def certified(dossier, *, nir=NIR):
    Nir.objects.filter(dossier=dossier).update(
        nir=nir, statut=StatutNir.CERTIFIE, verifie_on=today(), verifie_aupres=SourceNir.SNGI
    )
    return dossier


def asked(**question):
    question = {"nir": "", "noms": [], "naissance_on": None} | question
    return doublons.files_of_same_person(uuid.uuid4(), **question)


@pytest.fixture
def sud(team):
    """A file that alice does not see, under another name than the file of the factories."""
    return factories.dossier(team.sud, nom="Morel", prenoms="Paulette", numero="2026-00777")


def questions():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.trail WHERE verb = %s", [QUESTION])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("nir", [NIR, with_key(NIR)])
def test_a_number_tells_the_file_and_its_service_with_its_key_or_without(team, sud, entering, nir):
    Nir.objects.filter(dossier=sud).update(nir=with_key(NIR))
    with entering(team.alice, INSTRUCTION):
        assert asked(nir=nir) == [("2026-00777", "Autonomie Sud")]


def test_a_name_with_its_day_of_birth_tells_and_neither_alone(team, sud, entering):
    with entering(team.alice, INSTRUCTION):
        found = asked(noms=["MOREL PAULETTE"], naissance_on=NAISSANCE)
        assert found == [("2026-00777", "Autonomie Sud")]
        assert not asked(noms=["MOREL PAULETTE"])
        assert not asked(noms=["MOREL PAULETTE"], naissance_on=date(1939, 3, 15))
        assert not asked(noms=["MOREL"], naissance_on=NAISSANCE)


def test_a_beginning_of_number_nothing_or_a_rejected_one_tell_nobody(team, sud, entering):
    Nir.objects.filter(dossier=sud).update(nir=with_key(NIR))
    with entering(team.alice, INSTRUCTION):
        for nir in ("", NIR[:12], "%", "2390399123458"):
            assert not asked(nir=nir)
    Nir.objects.filter(dossier=sud).update(statut=StatutNir.REJETE)
    with entering(team.alice, INSTRUCTION):
        assert not asked(nir=NIR)


@pytest.mark.parametrize("etat", [Etat.CLOS, Etat.REJETE])
def test_a_closed_file_is_told_for_a_certified_number_alone(team, sud, entering, etat):
    Dossier.objects.filter(pk=sud.pk).update(etat=etat)
    Nir.objects.filter(dossier=sud).update(nir=NIR, statut=StatutNir.DECLARE)
    with entering(team.alice, INSTRUCTION):
        assert not asked(nir=NIR, noms=["MOREL PAULETTE"], naissance_on=NAISSANCE)
    certified(sud)
    with entering(team.alice, INSTRUCTION):
        assert asked(nir=NIR) == [("2026-00777", "Autonomie Sud")]


def test_another_organisme_is_absent(team, entering):
    certified(factories.dossier(team.ailleurs, nom="Morel", prenoms="Paulette"))
    mine = factories.dossier(team.nord)
    Nir.objects.filter(dossier=mine).update(nir=with_key(NIR))
    with entering(team.alice, INSTRUCTION) as passage:
        assert not asked(noms=["MOREL PAULETTE"], naissance_on=NAISSANCE)
        assert not doublons.list_doublons(passage, dossier=mine)
        certify(passage, mine)
    assert Nir.objects.get(dossier=mine).statut == StatutNir.CERTIFIE


@pytest.mark.parametrize("name", ["denis", "edith", "victor", "nora", "carole"])
def test_who_holds_no_habilitation_for_it_asks_nothing(team, sud, entering, name):
    with entering(team.agents[name], INSTRUCTION):
        assert not asked(noms=["MOREL PAULETTE"], naissance_on=NAISSANCE)


@pytest.mark.parametrize(
    ("name", "purpose"), [("chloe", EVALUATION), ("paul", PAIEMENT), ("carole", CONTROLE)]
)
def test_no_other_purpose_may_ask(team, sud, entering, name, purpose):
    with (
        entering(team.agents[name], purpose),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
    ):
        asked(noms=["MOREL PAULETTE"], naissance_on=NAISSANCE)


def test_a_question_leaves_its_line_and_opens_nothing(team, sud, entering):
    before = questions()
    with entering(team.alice, INSTRUCTION), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', '', true)")
        assert asked(noms=["MOREL PAULETTE"], naissance_on=NAISSANCE)
        cursor.execute("SELECT current_setting('egide.maintenance')")
        assert cursor.fetchone()[0] == ""
        cursor.execute("SELECT count(*) FROM apa_ash_nir")
        assert cursor.fetchone()[0] == 0
    assert questions() == before + 1


def test_a_question_is_about_one_person_and_of_a_file_about_its_own(team, sud, entering):
    """By hundreds of names a day of birth, it would tell who has a file in which service."""
    known = {"noms": ["MOREL PAULETTE"], "naissance_on": NAISSANCE}
    mine = factories.dossier(team.nord, nom="Morel", prenoms="Paulette")
    Nir.objects.filter(dossier=mine).update(nir=with_key(NIR))

    def refused(dossier, **question):
        with pytest.raises(DatabaseError, match="is looked for as"), transaction.atomic():
            doublons.files_of_same_person(dossier, **{"nir": ""} | question)

    with entering(team.alice, INSTRUCTION) as passage:
        assert asked(**known | {"noms": ["A B", "C D", "E F", *known["noms"]]})
        refused(uuid.uuid4(), **known | {"noms": ["A B", "C D", "E F", "G H", *known["noms"]]})
        assert doublons.list_doublons(passage, dossier=mine)
        assert doublons.files_of_same_person(mine.pk, nir="", **known)
        for other in (
            {"noms": ["AUTRE NOM"]},
            {"noms": ["AUTRE NOM", *known["noms"]]},
            {"naissance_on": NAISSANCE + timedelta(days=1)},
            {"nir": NIR},
        ):
            refused(mine.pk, **known | other)
        refused(sud.pk, **known)


def test_a_number_is_certified_for_one_file_of_the_organisme(team, sud, entering):
    certified(sud)
    mine = factories.dossier(team.nord)
    Nir.objects.filter(dossier=mine).update(nir=with_key(NIR))
    with entering(team.alice, INSTRUCTION) as passage:
        with pytest.raises(services.NirDejaCertifie), transaction.atomic():
            certify(passage, mine)
        services.verify_nir(
            passage, dossier_id=mine.pk, source=SourceNir.SNGI, on=today(), conforme=False
        )
    assert Nir.objects.get(dossier=mine).statut == StatutNir.REJETE


def test_the_same_file_is_certified_again(team, sud, entering):
    certified(sud)
    with entering(team.bruno, INSTRUCTION) as passage:
        certify(passage, sud)
    assert Nir.objects.get(dossier=sud).statut == StatutNir.CERTIFIE


# What the screens say.


@pytest.fixture
def mine(team, sud):
    """A file of alice's, with the number that is certified in the south."""
    certified(sud)
    dossier = factories.dossier(team.nord)
    Nir.objects.filter(dossier=dossier).update(nir=with_key(NIR))
    return dossier


def told(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def post(client, dossier, **data):
    return client.post(reverse("apa_ash:personne", args=[dossier.pk]), data)


def test_the_refusal_names_the_file_and_the_service_and_is_traced(client, team, mine):
    client.force_login(team.alice)
    before = questions()
    response = post(
        client,
        mine,
        **{
            "volet": "verification",
            "verification-source": SourceNir.SNGI,
            "verification-verifie_on": today().isoformat(),
            "verification-conforme": "oui",
        },
    )
    assert (
        "Ce NIR est déjà certifié pour un autre dossier du département\u00a0: "
        "n° 2026-00777, service Autonomie Sud." in told(response)
    )
    assert Nir.objects.get(dossier=mine).statut == StatutNir.DECLARE
    assert questions() == before + 1


def test_a_number_entered_is_told_elsewhere(client, team, mine):
    Nir.objects.filter(dossier=mine).update(nir="", statut=StatutNir.ABSENT)
    client.force_login(team.alice)
    response = post(client, mine, **{"volet": "nir", "nir-nir": NIR})
    assert "n° 2026-00777, service Autonomie Sud" in told(response)
    assert "Morel" not in told(response)


def opening(team, **changes):
    return {
        "jeton": str(uuid.uuid4()),
        "service": str(team.nord.pk),
        "nom_naissance": "Morel",
        "prenoms": "Paulette",
        "sexe": "F",
        "naissance_on": "14/03/1939",
        "adresse": "3 rue des Lilas",
        "code_postal": "01000",
        "commune": "Bourg-en-Bresse",
        "nature": "premiere",
        "canal": "guichet",
        "recue_on": today().isoformat(),
    } | changes


@pytest.mark.parametrize(
    "same", [{}, {"nom_naissance": "Autre", "nir": with_key(NIR)}], ids=["name", "number"]
)
def test_a_request_is_opened_once_the_file_of_another_service_was_told(client, team, mine, same):
    client.force_login(team.alice)
    url, sent, before = reverse("apa_ash:demande_nouvelle"), opening(team, **same), questions()
    answer = client.post(url, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Dossier n°\u00a02026-00777, service Autonomie Sud" in page
    assert str(Dossier.objects.get(numero="2026-00777").pk) not in page
    assert Dossier.objects.count() == 2
    assert questions() == before + 1
    assert client.post(url, sent | {"homonyme": "on"}).status_code == 302
    assert Dossier.objects.count() == 3


def test_a_request_without_namesake_is_opened_at_once(client, team, mine):
    client.force_login(team.alice)
    sent = opening(team, naissance_on="15/03/1939")
    assert client.post(reverse("apa_ash:demande_nouvelle"), sent).status_code == 302


def test_who_signs_is_told_of_the_file_of_another_service(client, team, sud, entering):
    certified(sud)
    ready = situations.ready(team.nord, on=today(), by=team.chloe)
    Nir.objects.filter(dossier=ready).update(nir=with_key(NIR))
    with entering(team.alice, INSTRUCTION) as passage:
        projet = projets.propose_accord(
            passage,
            jeton=uuid.uuid4(),
            dossier_id=ready.pk,
            effet_on=today(),
            revision_on=today() + timedelta(days=300),
        )
    client.force_login(team.remi)
    address = reverse("apa_ash:projet", args=[projet.pk])
    stopped = client.post(address)
    assert stopped.status_code == 422
    page = stopped.content.decode()
    assert "n° 2026-00777, service Autonomie Sud" in page
    assert "Signer malgré tout" in page
    projet.refresh_from_db()
    assert projet.etat == "propose"
    sent = client.post(reverse("apa_ash:a_signer"), {"projets": [str(projet.pk)]})
    assert "n° 2026-00777, service Autonomie Sud" in told(sent)
    projet.refresh_from_db()
    assert projet.etat == "propose"
    assert client.post(address, {"malgre": "oui"}).status_code == 302
    projet.refresh_from_db()
    assert projet.etat == "signe"


@pytest.mark.parametrize("nature", NatureDecision)
def test_what_opens_a_right_alone_tells_the_other_files(team, sud, entering, nature):
    certified(sud)
    mine = factories.dossier(team.nord)
    Nir.objects.filter(dossier=mine).update(nir=with_key(NIR))
    opens = nature in {"accord", "urgence", "forfait_tacite"}
    with entering(team.alice, INSTRUCTION) as passage:
        told = doublons.name_doublons(passage, ProjetDecision(nature=nature), dossier=mine)
    assert bool(told) == opens


def test_a_refusal_is_signed_whatever_is_elsewhere(client, team, sud, entering):
    certified(sud)
    ready = situations.ready(team.nord, on=today(), by=team.chloe)
    Nir.objects.filter(dossier=ready).update(nir=with_key(NIR))
    Demande.objects.filter(dossier=ready).update(residence_stable=False)
    with entering(team.alice, INSTRUCTION) as passage:
        projet = projets.propose_rejet(
            passage, jeton=uuid.uuid4(), dossier_id=ready.pk, code="residence"
        )
    client.force_login(team.remi)
    assert client.post(reverse("apa_ash:projet", args=[projet.pk])).status_code == 302
