"""Import of requests: taken in whole and once, or refused with every defect told."""

import hashlib
import json
import uuid
from datetime import timedelta
from importlib.resources import files

import jsonschema
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from egide.kernel.access.compiler.statements import sql_files
from egide.kernel.access.passage import Refused
from egide.systems.apa_ash.fichiers.defauts import DEFAUTS_MAX, FichierRefuse
from egide.systems.apa_ash.forms.imports import COLUMNS, MOST_ROWS, OPTIONAL_COLUMNS, read_demandes
from egide.systems.apa_ash.models import Conjoint, Demande, Dossier, Import, Piece
from egide.systems.apa_ash.models.controle import NatureImport
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.services.fichiers import DejaImporte, keep_import
from egide.systems.apa_ash.services.imports import import_demandes
from tests import factories
from tests.personas import today

SCHEMA = json.loads(
    files("egide.systems.apa_ash").joinpath("schema-demandes.json").read_text("utf-8")
)


def row(**changes):
    values = dict.fromkeys(COLUMNS, "") | {
        "reference": "CCAS-1",
        "nom_naissance": "Lefèvre",
        "prenoms": "Jeanne",
        "sexe": "F",
        "naissance_on": "1939-03-14",
        "adresse": "3 rue des Lilas",
        "code_postal": "01000",
        "commune": "Bourg-en-Bresse",
        "nature": "premiere",
        "recue_on": (today() - timedelta(days=2)).isoformat(),
        "residence_stable": "oui",
        "piece_identite": today().isoformat(),
        "piece_taxe_fonciere": "non_demandee",
    }
    return values | changes


def other(**changes):
    return row(reference="CCAS-2", nom_naissance="Morel", prenoms="Paul", sexe="M") | changes


def as_csv(*rows, separator=";", columns=COLUMNS):
    lines = [separator.join(columns), *(separator.join(r.values()) for r in rows)]
    return "\r\n".join(lines).encode()


def as_json(*rows):
    return json.dumps(rows, ensure_ascii=False, indent=1).encode()


def take(passage, team, contenu, *, nom="demandes.csv", service=None):
    return import_demandes(
        passage,
        service_id=(service or team.nord).pk,
        contenu=contenu,
        lignes=read_demandes(contenu, nom=nom, on=today()),
    )


@pytest.mark.parametrize(("write", "nom"), [(as_csv, "d.csv"), (as_json, "d.json")])
def test_a_file_has_so_many_requests_at_the_most(monkeypatch, write, nom):
    assert MOST_ROWS == SCHEMA["maxItems"] == 5_000
    # The numbers that PostgreSQL lets an act take at once.
    (counter,) = (text for text in sql_files() if "compteur_advances" in text)
    assert f"NEW.dernier > {MOST_ROWS} + CASE" in counter
    monkeypatch.setattr("egide.systems.apa_ash.forms.imports.MOST_ROWS", 2)
    rows = [row(), other(), other(reference="CCAS-3", nom_naissance="Faure")]
    assert len(read_demandes(write(*rows[:2]), nom=nom, on=today())) == 2
    with pytest.raises(FichierRefuse) as refused:
        read_demandes(write(*rows), nom=nom, on=today())
    (defaut,) = refused.value.defauts
    assert "découpez le fichier" in defaut.message
    assert defaut.ligne == write(*rows).decode()[: write(*rows).decode().find("CCAS-3")].count(
        "\n"
    ) + (1 if nom == "d.csv" else 0)


def test_the_published_schema_names_the_columns_that_are_read():
    properties = SCHEMA["items"]["properties"]
    assert sorted(properties) == sorted(COLUMNS)
    assert sorted(SCHEMA["items"]["required"]) == sorted(set(COLUMNS) - OPTIONAL_COLUMNS)
    jsonschema.validate([row(), other()], SCHEMA)


@pytest.mark.parametrize(
    ("contenu", "nom"),
    [
        (as_csv(row(), other()), "d.csv"),
        (b"\xef\xbb\xbf" + as_csv(row(), other()), "d.csv"),
        (as_csv(row(), other(), separator=","), "d.csv"),
        (as_json(row(), other()), "d.json"),
    ],
    ids=["semicolon", "byte order mark", "comma", "json"],
)
def test_a_file_opens_one_file_a_request(team, entering, contenu, nom):
    with entering(team.alice, INSTRUCTION) as passage:
        take(passage, team, contenu, nom=nom)
    assert Import.objects.get().lignes == Dossier.objects.count() == 2
    numeros = sorted(Dossier.objects.values_list("numero", flat=True))
    assert numeros == [f"{today().year}-00001", f"{today().year}-00002"]
    assert set(Demande.objects.values_list("canal", flat=True)) == {"fichier"}
    assert Piece.objects.filter(code="taxe_fonciere").count() == 0
    assert Piece.objects.filter(recue_on=today()).count() == 2


def couple(**changes):
    return {
        "canal": "ccas",
        "conjoint_lien": "mariage",
        "conjoint_nom_naissance": "Perrin",
        "conjoint_prenoms": "Marc",
        "conjoint_naissance_on": "1937-05-02",
    } | changes


def test_a_request_brings_its_spouse_and_says_how_it_came(team, entering):
    contenu = as_csv(row(**couple()), other())
    jsonschema.validate([row(**couple())], SCHEMA)
    with entering(team.alice, INSTRUCTION) as passage:
        take(passage, team, contenu)
    (spouse,) = Conjoint.objects.all()
    assert (spouse.lien, spouse.nom_naissance, spouse.prenoms) == ("mariage", "Perrin", "Marc")
    canaux = Demande.objects.order_by("reference_externe").values_list("canal", flat=True)
    assert list(canaux) == ["ccas", "fichier"]


def test_a_file_without_the_columns_added_since_is_still_read(team, entering):
    columns = [name for name in COLUMNS if name not in OPTIONAL_COLUMNS]
    former = {name: value for name, value in row().items() if name in columns}
    with entering(team.alice, INSTRUCTION) as passage:
        take(passage, team, as_csv(former, columns=columns))
    assert Demande.objects.get().canal == "fichier"
    assert not Conjoint.objects.exists()


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        (couple(conjoint_prenoms=""), "conjoint_prenoms"),
        (couple(conjoint_lien=""), "conjoint_lien"),
        (couple(conjoint_lien="voisin"), "conjoint_lien"),
        (couple(conjoint_naissance_on="2999-01-01"), "conjoint_naissance_on"),
        (couple(canal="pigeon"), "canal"),
    ],
)
def test_a_couple_that_is_half_told_refuses_the_file_at_its_column(changes, column):
    with pytest.raises(FichierRefuse) as refused:
        read_demandes(as_csv(row(**changes)), nom="d.csv", on=today())
    assert [(d.ligne, d.colonne) for d in refused.value.defauts] == [(2, column)]


def test_a_thousand_requests_take_as_many_statements_as_one(
    team, entering, django_assert_max_num_queries
):
    rows = [row(reference=f"R{n}", nom_naissance=f"NOM{chr(65 + n % 26)}{n}") for n in range(200)]
    with entering(team.alice, INSTRUCTION) as passage, django_assert_max_num_queries(20):
        take(passage, team, as_csv(*rows))
    assert Dossier.objects.count() == 200


def test_the_same_file_changes_nothing_the_second_time(team, entering):
    contenu = as_csv(row())
    with entering(team.alice, INSTRUCTION) as passage:
        take(passage, team, contenu)
        with pytest.raises(DejaImporte):
            take(passage, team, contenu)
    assert Dossier.objects.count() == Import.objects.count() == 1


def test_a_file_that_another_hand_takes_in_at_the_same_moment_is_told(team, entering):
    same = {
        "service_id": team.nord.pk,
        "nature": NatureImport.DEMANDES,
        "empreinte": "0" * 64,
        "lignes": 1,
    }
    with entering(team.alice, INSTRUCTION) as passage:
        keep_import(passage, **same)
        with pytest.raises(DejaImporte), transaction.atomic():
            keep_import(passage, **same)
        with pytest.raises(IntegrityError), transaction.atomic():
            keep_import(passage, **same | {"empreinte": "1" * 64, "lignes": -1})
    assert Import.objects.count() == 1


def test_a_request_that_another_file_brought_is_told_and_nothing_is_taken(team, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        take(passage, team, as_csv(row()))
        with pytest.raises(FichierRefuse) as refused:
            take(passage, team, as_csv(other(), row(prenoms="Jeannette")))
    assert [(d.ligne, d.colonne) for d in refused.value.defauts] == [(3, "reference")]
    assert Dossier.objects.count() == 1


def test_a_person_who_has_a_file_is_told_in_ones_own_services_only(team, entering):
    factories.dossier(team.sud)
    with entering(team.alice, INSTRUCTION) as passage:
        take(passage, team, as_csv(row()))
        with pytest.raises(FichierRefuse) as refused:
            take(passage, team, as_csv(row(reference="X")))
    assert [(d.ligne, d.colonne) for d in refused.value.defauts] == [(2, "nom_naissance")]


def test_a_request_given_twice_is_told(team, entering):
    with entering(team.alice, INSTRUCTION) as passage, pytest.raises(FichierRefuse) as refused:
        take(passage, team, as_csv(row(), row()))
    assert {d.colonne for d in refused.value.defauts} == {"reference", "nom_naissance"}
    assert not Dossier.objects.exists()


@pytest.mark.parametrize("name", ["bruno", "chloe", "paul", "edith", "victor", "nora"])
def test_who_does_not_instruct_there_imports_nothing(team, entering, name):
    with entering(team.agents[name], INSTRUCTION) as passage, pytest.raises(Refused):
        take(passage, team, as_csv(row()))
    assert not Import.objects.exists()


def defects(contenu, nom="d.csv"):
    with pytest.raises(FichierRefuse) as refused:
        read_demandes(contenu, nom=nom, on=today())
    return [(d.ligne, d.colonne) for d in refused.value.defauts]


@pytest.mark.parametrize(
    "changes",
    [
        {"naissance_on": "31/02/1939"},
        {"naissance_on": "2093-03-14"},
        {"recue_on": "demain"},
        {"sexe": "X"},
        {"nature": "revision"},
        {"residence_stable": "1"},
        {"code_postal": "1000"},
        {"nir": "139039912345600"},
        {"piece_rib": "oui"},
        {"piece_rib": "2999-01-01"},
        {"reference": ""},
        {"nom_naissance": "x" * 101},
    ],
    ids=str,
)
def test_a_wrong_cell_is_told_by_line_and_column(changes):
    assert defects(as_csv(other(), row(**changes))) == [(3, next(iter(changes)))]
    line = 2 + len(COLUMNS) + 2
    assert defects(as_json(other(), row(**changes)), "d.json") == [(line, next(iter(changes)))]


def test_an_urgency_needs_who_attests_it():
    assert defects(as_csv(row(nature="urgence"))) == [(2, "urgence_attestee_par")]


@pytest.mark.parametrize(
    ("contenu", "nom", "where"),
    [
        (as_csv(row()).decode().encode("latin-1"), "d.csv", (2, "")),
        (as_csv(row(), columns=[*COLUMNS[:-1], "iban"]), "d.csv", (1, "piece_rib")),
        (as_csv(row(), columns=[*COLUMNS, "religion"]), "d.csv", (1, "religion")),
        (as_csv(row()) + b"\r\na;b", "d.csv", (3, "")),
        (as_csv(row()) + b'\r\n"', "d.csv", (3, "")),
        (as_csv(row()) + b"\r\n\x00", "d.csv", (3, "")),
        (as_csv(), "d.csv", (1, "")),
        (b"", "d.csv", (0, "")),
        (b"{}", "d.json", (1, "")),
        (b"[]", "d.json", (1, "")),
        (b"[\n1]", "d.json", (2, "")),
        (b"[\n{}", "d.json", (2, "reference")),
        (as_json(row())[:-1], "d.json", (len(COLUMNS) + 4, "")),
        (as_json(row(nir=1)), "d.json", (2, "nir")),
        (b"[" * 100_000, "d.json", (1, "")),
    ],
    ids=[
        *(
            "latin-1",
            "missing column",
            "unknown column",
            "too few cells",
            "open quote",
            "null byte",
        ),
        *("header only", "empty", "no array", "empty array", "no object", "no keys", "cut short"),
        *("no text", "too deep"),
    ],
)
def test_a_wrong_file_is_told(contenu, nom, where):
    assert defects(contenu, nom)[0] == where


def test_a_defect_shows_its_cell_alone_and_never_a_nir():
    contenu = as_csv(row(nir="139039912345600", code_postal="9" * 80))
    with pytest.raises(FichierRefuse) as refused:
        read_demandes(contenu, nom="d.csv", on=today())
    told = " ".join(d.trouve for d in refused.value.defauts)
    assert told == "15 caractères " + "9" * 40 + "…"


def send(client, team, contenu, **changes):
    posted = {
        "service": str(team.nord.pk),
        "fichier": SimpleUploadedFile("mme-lefevre.csv", contenu),
    }
    return client.post(reverse("apa_ash:imports"), posted | changes)


def test_the_screen_takes_a_file_in_and_lists_it(team, client):
    client.force_login(team.alice)
    assert send(client, team, as_csv(row(), other())).status_code == 302
    assert send(client, team, as_csv(row(), other())).status_code == 302
    page = client.get(reverse("apa_ash:imports")).content.decode()
    assert hashlib.sha256(as_csv(row(), other())).hexdigest()[:12] in page
    # A sender may name a person in the name of a file: it is not kept.
    assert "mme-lefevre" not in page
    assert Dossier.objects.count() == 2


def test_a_nir_that_differs_from_the_person_is_told_by_line_and_blocks_nothing(team, client):
    """A man born in 1961 by his number, a woman born in 1939 by her civil status."""
    client.force_login(team.alice)
    number = "1610101001001"
    answer = send(client, team, as_csv(row(nir=number), other()))
    assert answer.status_code == 200
    assert Dossier.objects.count() == 2
    told = [(line, words) for line, words in answer.context["doubts"]]
    assert ("2", "Le sexe ne correspond pas au NIR.") in told
    assert ("2", "L’année de naissance ne correspond pas au NIR.") in told
    assert {line for line, _ in told} == {"2"}
    html = answer.content.decode()
    assert "L’année de naissance ne correspond pas au NIR." in html
    assert number not in html


def test_a_nir_that_agrees_raises_no_doubt(team, client):
    client.force_login(team.alice)
    assert send(client, team, as_csv(row(nir="2390301001001"))).status_code == 302


def test_a_file_of_a_spreadsheet_of_before_is_told_how_to_be_saved(team, client):
    client.force_login(team.alice)
    answer = send(client, team, as_csv(row()).decode().encode("cp1252"))
    assert answer.status_code == 422
    assert "«\u00a0Enregistrer sous\u00a0»" in answer.content.decode()
    assert "«\u00a0CSV UTF-8\u00a0»" in answer.content.decode()


def test_the_help_says_what_the_columns_of_pieces_expect(team, client):
    client.force_login(team.alice)
    page = client.get(reverse("apa_ash:imports")).content.decode()
    assert "la date d’arrivée de la pièce, jj/mm/aaaa" in page
    assert "<code>non_demandee</code>" in page


def test_the_screen_shows_what_to_mend(team, client):
    client.force_login(team.alice)
    answer = send(client, team, as_csv(row(sexe="<b>")))
    assert answer.status_code == 422
    assert answer.context["defects"] == [["2", "sexe", "<b>", "une des valeurs : F, M"]]
    assert "<b>&lt;b&gt;" not in answer.content.decode()
    assert not Import.objects.exists()


def test_a_huge_file_is_refused_before_it_is_read(team, client, monkeypatch):
    monkeypatch.setattr("egide.systems.apa_ash.fichiers.defauts.TAILLE_MAX", 100)
    client.force_login(team.alice)
    answer = send(client, team, as_csv(row()))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["fichier"])


def test_another_service_is_not_among_the_choices(team, client):
    client.force_login(team.alice)
    answer = send(client, team, as_csv(row()), service=str(team.sud.pk))
    assert list(answer.context["form"].errors) == ["service"]
    answer = send(client, team, as_csv(row()), service=str(uuid.uuid4()))
    assert not Dossier.objects.exists()


def test_the_format_is_published_where_files_are_sent(team, client):
    client.force_login(team.alice)
    assert client.get(reverse("apa_ash:imports_schema")).json() == SCHEMA
    header = client.get(reverse("apa_ash:imports_modele")).content.decode("utf-8-sig")
    assert header.strip().split(";") == list(COLUMNS)


@pytest.mark.parametrize("row", [r'{"nom_naissance": "\ud800"}', r'{"\udfff": "x"}'])
def test_half_of_a_character_is_a_defect_of_its_line(row):
    with pytest.raises(FichierRefuse) as refused:
        read_demandes(f"[\n{row}]".encode(), nom="d.json", on=today())
    (defaut,) = refused.value.defauts
    assert (defaut.ligne, defaut.message) == (2, "des caractères entiers")


@pytest.mark.parametrize("nom", ["d.csv", "d.json"])
def test_eighty_thousand_names_are_refused_as_one_defect(nom):
    names = [f"c{rank}" for rank in range(80_000)]
    contenu = ";".join(names).encode() if nom == "d.csv" else as_json(dict.fromkeys(names, ""))
    with pytest.raises(FichierRefuse) as refused:
        read_demandes(contenu, nom=nom, on=today())
    (defaut,) = refused.value.defauts
    assert defaut.trouve == "80000 colonnes"


@pytest.mark.parametrize("inside", ["[%s]", '[{"reference": %s}]'])
def test_a_number_too_long_to_be_read_is_a_defect_as_any_number(inside):
    contenu = (inside % ("9" * 5_000)).encode()
    with pytest.raises(FichierRefuse):
        read_demandes(contenu, nom="d.json", on=today())


def test_requests_are_read_until_so_many_defects():
    rows = [row(reference=f"R{rank}", sexe="X") for rank in range(DEFAUTS_MAX + 1)]
    with pytest.raises(FichierRefuse) as refused:
        read_demandes(as_csv(*rows), nom="d.csv", on=today())
    assert refused.value.total == DEFAUTS_MAX
    # As many unknown columns are told one by one, and one more as a whole.
    for added, total in ((DEFAUTS_MAX - len(COLUMNS), 0), (DEFAUTS_MAX - len(COLUMNS) + 1, 1)):
        names = [*COLUMNS, *(f"c{rank}" for rank in range(added))]
        with pytest.raises(FichierRefuse) as refused:
            read_demandes(";".join(names).encode(), nom="d.csv", on=today())
        assert refused.value.total == (total or added)
