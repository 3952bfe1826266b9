"""A request from its entry to its acknowledgement: works, and each near miss."""

import hashlib
import uuid
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse

from egide.kernel.access.passage import Refused
from egide.systems.apa_ash.forms.demandes import NouvelleDemandeForm
from egide.systems.apa_ash.forms.imports import LigneForm
from egide.systems.apa_ash.models import (
    CompteurDossier,
    Courrier,
    Demande,
    Dossier,
    Identite,
    Nir,
    Piece,
)
from egide.systems.apa_ash.models.demande import CodePiece
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.personne import StatutNir
from egide.systems.apa_ash.policy import COURRIERS
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from egide.systems.apa_ash.saisie import Adresse, EtatCivil, Saisie
from egide.systems.apa_ash.services import demandes as services
from egide.systems.apa_ash.services.numeros import NumerosEpuises, allot_numeros
from tests import factories
from tests.personas import today

ALL = {code.value: None for code in CodePiece}


def saisie(**changes):
    values = {
        "etat_civil": EtatCivil(
            nom_naissance="Lefèvre",
            prenoms="Jeanne",
            sexe="F",
            naissance_on=today() - timedelta(days=87 * 366),
        ),
        "adresse": Adresse(
            adresse="3 rue des Lilas", code_postal="01000", commune="Bourg-en-Bresse"
        ),
        "nir": "",
        "nature": "premiere",
        "canal": "courrier",
        "recue_on": today() - timedelta(days=3),
        "pieces": ALL,
    }
    return Saisie(**values | changes)


def with_key(nir):
    return f"{nir}{97 - int(nir) % 97:02d}"


def register(passage, team, **changes):
    options = {"jeton": uuid.uuid4(), "service_id": team.nord.pk, "homonyme": False}
    asked = {k: changes.pop(k) for k in list(changes) if k in options}
    return services.register_demande(passage, **options | asked, saisie=saisie(**changes))


def test_the_id_of_a_file_one_does_not_see_opens_nothing(team, entering):
    hidden = factories.dossier(team.sud)
    with entering(team.alice, INSTRUCTION) as passage, pytest.raises(Refused), transaction.atomic():
        register(passage, team, jeton=hidden.pk)
    assert Dossier.objects.count() == 1


@pytest.fixture
def refusals(client):
    def count():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit.trail WHERE outcome = 'refus'")
            return cursor.fetchone()[0]

    return count


def test_a_request_opens_a_file_with_its_clock(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team)
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.numero == f"{today().year}-00001"
    assert (dossier.etat, dossier.echeance) == (Etat.RECU, Echeance.ACCUSE)
    assert dossier.echeance_on == today() + timedelta(days=7)
    assert dossier.instructeur_id == team.alice.pk
    assert Identite.objects.get(dossier=dossier).nom_normalise == "LEFEVRE JEANNE"
    assert Nir.objects.get(dossier=dossier).statut == StatutNir.ABSENT
    assert Piece.objects.filter(dossier=dossier, recue_on__isnull=True).count() == 4


def test_numbers_follow_one_another_across_the_services_of_an_organisme(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        first = register(passage, team).numero
    with entering(team.bruno, INSTRUCTION) as passage:
        second = register(passage, team, service_id=team.sud.pk).numero
    with entering(team.victor, INSTRUCTION) as passage:
        elsewhere = register(passage, team, service_id=team.ailleurs.pk).numero
    year = today().year
    assert (first, second, elsewhere) == (f"{year}-00001", f"{year}-00002", f"{year}-00001")


def test_numbers_go_on_after_files_taken_over_from_elsewhere(team, entering):
    factories.dossier(team.nord, numero=f"{today().year}-00417")
    with entering(team.alice, INSTRUCTION) as passage:
        assert register(passage, team, homonyme=True).numero == f"{today().year}-00418"


def test_a_replayed_form_opens_one_file(team, entering):
    jeton = uuid.uuid4()
    with entering(team.alice, INSTRUCTION) as passage:
        first = register(passage, team, jeton=jeton)
        again = register(passage, team, jeton=jeton)
    assert first.pk == again.pk == jeton
    assert Dossier.objects.count() == 1


def test_a_namesake_is_told_in_ones_own_services_only(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        register(passage, team)
        with pytest.raises(services.HomonymeConnu):
            register(passage, team)
        register(passage, team, homonyme=True)
    with entering(team.bruno, INSTRUCTION) as passage:
        register(passage, team, service_id=team.sud.pk)
    assert Dossier.objects.count() == 3


@pytest.mark.parametrize("name", ["chloe", "paul", "carole", "denis", "edith", "nora"])
def test_who_does_not_instruct_opens_no_file(team, entering, name):
    with entering(team.agents[name], INSTRUCTION) as passage, pytest.raises(Refused):
        register(passage, team)
    assert not Dossier.objects.exists()


def test_the_right_role_opens_no_file_in_another_service(team, entering):
    with entering(team.bruno, INSTRUCTION) as passage, pytest.raises(Refused):
        register(passage, team)
    assert not Dossier.objects.exists()


def test_a_complete_file_is_acknowledged_with_a_letter_that_is_kept(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team)
        services.receive_pieces(
            passage, dossier_id=dossier.pk, codes=[c.value for c in CodePiece], on=today()
        )
        services.acknowledge_demande(passage, dossier_id=dossier.pk)
    dossier, demande = Dossier.objects.get(), Demande.objects.get()
    assert (demande.complete_on, demande.accuse_on) == (today(), today())
    assert (dossier.etat, dossier.echeance) == (Etat.COMPLET, Echeance.VISITE)
    assert dossier.echeance_on == today() + timedelta(days=30)
    assert dossier.dernier_contact_on == today()
    letter = Courrier.objects.get()
    assert letter.nature == "accuse_reception"
    assert bytes(letter.pdf).startswith(b"%PDF-")
    assert hashlib.sha256(letter.pdf).hexdigest() == letter.empreinte


def test_the_day_of_completeness_is_the_day_of_the_last_piece(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team)
        for days, code in enumerate(CodePiece):
            on = today() - timedelta(days=min(days, 2))
            services.receive_pieces(passage, dossier_id=dossier.pk, codes=[code.value], on=on)
        services.acknowledge_demande(passage, dossier_id=dossier.pk)
    assert Demande.objects.get().complete_on == today()


def test_missing_pieces_are_asked_for_once_by_letter(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team)
        services.receive_pieces(passage, dossier_id=dossier.pk, codes=["rib"], on=today())
        letter = services.request_pieces(passage, dossier_id=dossier.pk)
    assert letter.nature == "pieces_manquantes"
    assert Dossier.objects.get().etat == Etat.INCOMPLET
    assert Piece.objects.filter(reclamee_on=today()).count() == 3
    assert Demande.objects.get().complete_on is None


def test_an_incomplete_file_is_not_acknowledged(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team)
        with pytest.raises(services.PiecesAttendues):
            services.acknowledge_demande(passage, dossier_id=dossier.pk)
    assert Dossier.objects.get().etat == Etat.RECU
    assert not Courrier.objects.exists()


def test_a_complete_file_is_acknowledged_once(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team, pieces=dict.fromkeys(ALL, today()))
        services.acknowledge_demande(passage, dossier_id=dossier.pk)
        for act in (services.acknowledge_demande, services.request_pieces):
            with pytest.raises(services.DejaComplete):
                act(passage, dossier_id=dossier.pk)
    assert Courrier.objects.count() == 1


def test_nothing_is_asked_for_when_nothing_is_missing(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team, pieces=dict.fromkeys(ALL, today()))
        with pytest.raises(services.RienAReclamer):
            services.request_pieces(passage, dossier_id=dossier.pk)


@pytest.mark.parametrize("kind", ["a piece", "a waiver"])
@pytest.mark.parametrize(("days", "refused"), [(4, True), (3, False)])
def test_nothing_comes_before_its_request(team, entering, kind, days, refused):
    told = pytest.raises(services.PieceAvantDemande) if refused else nullcontext()
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team)
        said = {"dossier_id": dossier.pk, "on": today() - timedelta(days=days)}
        with told:
            if kind == "a piece":
                services.receive_pieces(passage, codes=["rib"], **said)
            else:
                services.waive_taxe_fonciere(passage, **said)
    assert Piece.objects.exclude(recue_on=None, dispensee_on=None).exists() is not refused


def test_only_what_came_is_a_contact_and_a_contact_is_never_taken_back(team, entering):
    """The delays of retention run from the last contact: nothing makes it older."""
    contacts = set()
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team)
    for codes, days in ((["rib"], 1), ([], 0), (["identite"], 2), (["taxe_fonciere"], 2)):
        said = {"dossier_id": dossier.pk, "on": today() - timedelta(days=days)}
        with entering(team.alice, INSTRUCTION) as passage:
            if codes == ["taxe_fonciere"]:
                services.waive_taxe_fonciere(passage, **said)
            else:
                services.receive_pieces(passage, codes=codes, **said)
        contacts.add(Dossier.objects.get().dernier_contact_on)
    assert contacts == {today() - timedelta(days=1)}


def test_another_service_acknowledges_nothing(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team, pieces=dict.fromkeys(ALL, today()))
    with entering(team.bruno, INSTRUCTION) as passage, pytest.raises(Refused):
        services.acknowledge_demande(passage, dossier_id=dossier.pk)


def test_letters_are_not_for_the_medical_team(team, entering):
    with entering(team.chloe, EVALUATION) as passage:
        assert list(COURRIERS.rows(passage)) == []


@pytest.mark.clause("APA-18")
def test_the_screens_lead_from_the_entry_to_the_letter(team, client):
    client.force_login(team.alice)
    page = client.get(reverse("apa_ash:demande_nouvelle"))
    jeton = page.context["form"]["jeton"].value()
    posted = {
        "jeton": str(jeton),
        "service": str(team.nord.pk),
        "nom_naissance": "Lefèvre",
        "prenoms": "Jeanne",
        "sexe": "F",
        "naissance_on": "14/03/1939",
        "adresse": "3 rue des Lilas",
        "code_postal": "01000",
        "commune": "Bourg-en-Bresse",
        "nir": with_key("1390399123456"),
        "nature": "premiere",
        "canal": "guichet",
        "recue_on": today().isoformat(),
        "residence_stable": "on",
        "pieces_recues": ["identite", "imposition", "rib"],
        "sans_bien": "on",
    }
    answer = client.post(reverse("apa_ash:demande_nouvelle"), posted, follow=True)
    assert answer.redirect_chain == [(reverse("apa_ash:demande", args=[jeton]), 302)], (
        answer.context["form"].errors
    )
    assert "Le sexe ne correspond pas au NIR" in answer.content.decode()
    answer = client.post(reverse("apa_ash:demande", args=[jeton]), {"acte": "accuser"}, follow=True)
    letter = Courrier.objects.get()
    url = reverse("apa_ash:courrier", args=[letter.pk])
    assert url in answer.content.decode()
    pdf = client.get(url)
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Cache-Control"] == "no-store"
    assert "Lefèvre" not in pdf["Content-Disposition"]


@pytest.mark.parametrize(
    ("code_postal", "warned"), [("69003", True), ("01000", False), ("", False)]
)
def test_a_postcode_out_of_the_departement_warns_and_leads_to_the_competence(
    team, client, code_postal, warned
):
    client.force_login(team.alice)
    asked = client.get(reverse("apa_ash:code_postal"), {"code_postal": code_postal})
    assert ("hors du département 01" in asked.content.decode()) is warned
    posted = {
        "jeton": str(uuid.uuid4()),
        "service": str(team.nord.pk),
        "nom_naissance": "Lefèvre",
        "prenoms": "Jeanne",
        "sexe": "F",
        "naissance_on": "14/03/1939",
        "adresse": "3 rue des Lilas",
        "code_postal": code_postal,
        "commune": "Lyon",
        "nature": "premiere",
        "canal": "guichet",
        "recue_on": today().isoformat(),
    }
    wrong = client.post(reverse("apa_ash:demande_nouvelle"), posted | {"sexe": ""})
    assert wrong.status_code == 422
    assert ("hors du département 01" in wrong.content.decode()) is warned
    answer = client.post(reverse("apa_ash:demande_nouvelle"), posted)
    if not code_postal:
        assert answer.status_code == 422
        return
    where = "secours" if warned else "demande"
    assert answer.url == reverse(f"apa_ash:{where}", args=[Dossier.objects.get().pk])


@pytest.mark.parametrize("who", ["chloe", "paul", "carole", "nora"])
def test_a_postcode_is_asked_by_those_who_enter_requests(team, client, who):
    client.force_login(team.agents[who])
    assert client.get(reverse("apa_ash:code_postal"), {"code_postal": "69003"}).status_code == 404


BAD = {
    "naissance_on": ["31/02/1939", "14/03/2093", "1639-03-14", ""],
    "recue_on": ["2999-01-01", "1999-01-01", "hier"],
    "code_postal": ["0100", "ABCDE"],
    "nir": ["1390399123456" + "00", "12", "' OR 1=1"],
    "sexe": ["X", ""],
    "nature": ["revision", "autre"],
    "service": ["00000000-0000-0000-0000-000000000000"],
    "nom_naissance": ["", "—", "x" * 101],
    "pieces_recues": ["acte_de_naissance"],
    "courriel": ["nom@"],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in BAD.items() for value in values]
)
def test_bad_input_is_told_at_its_field_and_opens_nothing(team, client, field, value):
    client.force_login(team.alice)
    posted = {
        "jeton": str(uuid.uuid4()),
        "service": str(team.nord.pk),
        "nom_naissance": "Lefèvre",
        "prenoms": "Jeanne",
        "sexe": "F",
        "naissance_on": "14/03/1939",
        "adresse": "3 rue des Lilas",
        "code_postal": "01000",
        "commune": "Bourg-en-Bresse",
        "nature": "premiere",
        "canal": "guichet",
        "recue_on": today().isoformat(),
    }
    answer = client.post(reverse("apa_ash:demande_nouvelle"), posted | {field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Dossier.objects.exists()


@pytest.mark.parametrize("name", ["chloe", "bruno", "paul", "edith", "victor", "nora"])
@pytest.mark.parametrize("url_name", ["dossier", "demande", "courriers", "journal", "personne"])
def test_a_file_of_another_service_or_purpose_does_not_exist(
    team, client, refusals, name, url_name
):
    dossier = factories.dossier(team.nord)
    client.force_login(team.agents[name])
    before = refusals()
    assert client.get(reverse(f"apa_ash:{url_name}", args=[dossier.pk])).status_code == 404
    assert refusals() == before + 1


@pytest.mark.parametrize(("used", "refused"), [(99_998, False), (99_999, True)])
def test_the_numbers_of_a_year_end_with_five_digits(team, entering, used, refused):
    CompteurDossier.objects.create(organisme=team.departement, annee=today().year, dernier=used)
    with entering(team.alice, INSTRUCTION) as passage:
        if refused:
            with pytest.raises(NumerosEpuises):
                allot_numeros(passage)
        else:
            assert allot_numeros(passage) == [f"{today().year}-99999"]
    assert CompteurDossier.objects.get().dernier == 99_999


WITHOUT_TAX = {code: None if code == "taxe_fonciere" else today() for code in ALL}


def test_a_person_without_land_completes_her_file_on_the_day_she_says_so(team, client, entering):
    early = today() - timedelta(days=3)
    with entering(team.alice, INSTRUCTION) as passage:
        pieces = dict.fromkeys(WITHOUT_TAX, early) | {"taxe_fonciere": None}
        dossier = register(passage, team, pieces=pieces)
        services.request_pieces(passage, dossier_id=dossier.pk)
    client.force_login(team.alice, backend="egide.kernel.access.backends.AgentBackend")
    page = reverse("apa_ash:demande", args=[dossier.pk])
    assert "Pièce non demandée" in client.get(page).content.decode()
    said = today() - timedelta(days=1)
    posted = {"acte": "dispenser", "dit_on": said.isoformat()}
    answer = client.post(page, posted, follow=True).content.decode()
    assert "la taxe foncière n’est plus demandée" in answer
    assert "aucun bien foncier, dit le" in answer
    assert 'value="accuser"' in answer
    assert 'value="dispenser"' not in answer
    assert Piece.objects.get(code="taxe_fonciere").dispensee_on == said
    assert Dossier.objects.get().dernier_contact_on == said
    client.post(page, {"acte": "accuser"})
    assert Demande.objects.get().complete_on == said
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit.trail WHERE verb = %s",
            ["noter qu’aucun bien foncier n’est à justifier"],
        )
        assert cursor.fetchone()[0] == 1


@pytest.mark.parametrize("day", ["", "31/02/2026", (today() + timedelta(days=1)).isoformat()])
def test_the_day_of_a_waiver_is_asked_again_when_it_is_none(team, client, entering, day):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team)
    client.force_login(team.alice, backend="egide.kernel.access.backends.AgentBackend")
    page = reverse("apa_ash:demande", args=[dossier.pk])
    answer = client.post(page, {"acte": "dispenser", "dit_on": day})
    assert answer.status_code == 422
    assert answer.context["sans_bien"].errors
    assert "Rien n’est enregistré" in answer.content.decode()
    assert not Piece.objects.exclude(dispensee_on=None).exists()


def test_a_waiver_is_said_once_and_only_of_what_is_awaited(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team)
        with pytest.raises(services.PieceAvantDemande):
            services.waive_taxe_fonciere(
                passage, dossier_id=dossier.pk, on=today() - timedelta(days=4)
            )
        services.waive_taxe_fonciere(passage, dossier_id=dossier.pk, on=today())
        with pytest.raises(services.TaxeNonAttendue):
            services.waive_taxe_fonciere(passage, dossier_id=dossier.pk, on=today())
        # The notice that comes in spite of it changes nothing: her word stands.
        codes = ["taxe_fonciere"]
        assert not services.receive_pieces(passage, dossier_id=dossier.pk, codes=codes, on=today())
        # The other pieces are still awaited, and claimed without this one.
        with pytest.raises(services.PiecesAttendues):
            services.acknowledge_demande(passage, dossier_id=dossier.pk)
        services.request_pieces(passage, dossier_id=dossier.pk)
    assert Piece.objects.filter(reclamee_on=today()).count() == 3


def test_a_notice_that_came_is_not_waived(team, entering):
    received = {"taxe_fonciere": today(), "rib": None}
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team, pieces=received)
        with pytest.raises(services.TaxeNonAttendue):
            services.waive_taxe_fonciere(passage, dossier_id=dossier.pk, on=today())
    assert Piece.objects.get(code="taxe_fonciere").dispensee_on is None


def test_a_complete_file_has_nothing_to_waive(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team, pieces=dict.fromkeys(ALL, today()))
        services.acknowledge_demande(passage, dossier_id=dossier.pk)
        with pytest.raises(services.DejaComplete):
            services.waive_taxe_fonciere(passage, dossier_id=dossier.pk, on=today())


def test_another_service_or_role_waives_nothing(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team)
    for agent in (team.bruno, team.chloe, team.paul, team.nora):
        with entering(agent, INSTRUCTION) as passage, pytest.raises(Refused):
            services.waive_taxe_fonciere(passage, dossier_id=dossier.pk, on=today())
    assert not Piece.objects.exclude(dispensee_on=None).exists()


@pytest.mark.parametrize(("days", "refused"), [(2, False), (1, True)])
def test_whoever_asks_was_born_by_then(team, entering, days, refused):
    """Two days ago at the latest, when the request came: yesterday is in the past and too late."""
    said = {
        "naissance_on": (today() - timedelta(days=days)).isoformat(),
        "recue_on": (today() - timedelta(days=2)).isoformat(),
    }
    with entering(team.alice, INSTRUCTION) as passage:
        asked = NouvelleDemandeForm(said, passage=passage)
        assert ("naissance_on" in asked.errors) is refused
    line = LigneForm(said, on=today())
    assert ("naissance_on" in line.errors) is refused
