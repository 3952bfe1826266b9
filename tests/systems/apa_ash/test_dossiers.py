"""Lists, worklist, situation and journal: what they tell, to whom, in how many statements."""

import re
import uuid
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from egide.systems.apa_ash.models import (
    Aidant,
    Coordonnees,
    Decision,
    Demande,
    Dossier,
    Droit,
    Identite,
    Nir,
    Protection,
    Visite,
)
from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.models.personne import Mesure
from egide.systems.apa_ash.presentation.instruction import is_elsewhere
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.dossiers import Filtre, list_dossiers
from egide.systems.apa_ash.queries.journee import count_echeances, count_etats, list_travail
from egide.systems.apa_ash.queries.parcours import Fait, Parcours, read_parcours
from egide.systems.apa_ash.services import demandes
from tests import factories
from tests.personas import today
from tests.systems.apa_ash import situations
from tests.systems.apa_ash.test_demandes import ALL, register

# Savepoints stand in tests for the transaction of a request, which needs no statement of its own.
NOT_COUNTED = ("SAVEPOINT", "RELEASE", "SELECT set_config('role', 'none'")


def statements(client, url, sent=None):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.post(url, sent) if sent else client.get(url)
    assert answer.status_code == 200
    return [q["sql"] for q in captured if not q["sql"].startswith(NOT_COUNTED)]


def names(page):
    return [row.nom_naissance for row in page.rows]


@pytest.fixture
def files(team):
    for nom in ["Lefèvre", "Lefebvre", "Le Goff", "Morel", "Öztürk", "Zola"]:
        factories.dossier(team.nord, nom=nom)
    factories.dossier(team.sud, nom="Lefort")
    return team


def test_names_are_listed_and_found_without_accents_or_case(files, entering):
    with entering(files.alice, INSTRUCTION) as passage:
        whole = list_dossiers(passage, filtre=Filtre())
        found = list_dossiers(passage, filtre=Filtre(texte="lefe"))
        absent = list_dossiers(passage, filtre=Filtre(texte="%"))
    assert names(whole) == ["Le Goff", "Lefebvre", "Lefèvre", "Morel", "Öztürk", "Zola"]
    assert names(found) == ["Lefebvre", "Lefèvre"]
    assert len(absent.rows) == 6


def test_pages_follow_one_another_without_hole_or_repeat(files, entering):
    for _ in range(3):
        factories.dossier(files.nord, nom="Morel")  # ties, which the id breaks
    seen, after = [], None
    with entering(files.alice, INSTRUCTION) as passage:
        while True:
            page = list_dossiers(passage, filtre=Filtre(), after=after, size=2)
            seen += page.rows
            after = page.after
            if after is None:
                break
    keys = [(row.nom_normalise, row.pk) for row in seen]
    assert len(keys) == 9
    assert keys == sorted(set(keys))


def test_a_file_is_found_by_number_state_and_agent(files, entering):
    wanted = factories.dossier(
        files.nord, numero="2031-00417", etat=Etat.OUVERT, instructeur=files.alice
    )
    with entering(files.alice, INSTRUCTION) as passage:
        for filtre in (
            Filtre(texte="2031-004"),
            Filtre(etat=Etat.OUVERT),
            Filtre(miens=True),
            Filtre(texte="2031-00417", etat=Etat.OUVERT, miens=True),
        ):
            (row,) = list_dossiers(passage, filtre=filtre).rows
            assert row.dossier_id == wanted.pk
        assert not list_dossiers(passage, filtre=Filtre(texte="2031-00418")).rows


def test_the_search_uses_bounds_and_never_a_pattern(files, client):
    client.force_login(files.alice)
    url = reverse("apa_ash:dossiers")
    found = statements(client, url, {"q": "Lef"})
    assert any("LEF" in sql.upper() for sql in found)
    assert not any("LIKE" in sql.upper().replace("ILIKE", "LIKE") for sql in found)


def test_a_name_that_is_looked_for_is_in_no_address(team, client):
    client.force_login(team.alice)
    for n in range(120):
        factories.dossier(team.nord, nom=f"Lefèvre{n:03}")
    factories.dossier(team.nord, nom="Aubert")
    url = reverse("apa_ash:dossiers")
    seen, sent = [], {"q": "lefevre", "etat": "", "miens": ""}
    while sent:
        page = client.post(url, sent)
        text = page.content.decode()
        assert page.status_code == 200
        assert not re.search(r'(?:href|action|hx-\w+)="[^"]*(?:lefevre|q=)', text, re.IGNORECASE)
        seen += [row[0]["text"] for row in page.context["rows"]]
        sent = page.context["next_form"]
    assert len(seen) == len(set(seen)) == 120
    assert page.context["first_form"] == {"q": "lefevre"}
    assert "Aubert" in client.get(url, {"q": "lefevre"}).content.decode()  # never read from there


def test_a_filter_without_a_name_keeps_its_address(files, client):
    client.force_login(files.alice)
    url = reverse("apa_ash:dossiers")
    plain = client.post(url, {"q": "", "etat": "ouvert", "miens": "on", "csrfmiddlewaretoken": "x"})
    assert (plain.status_code, plain.url) == (302, f"{url}?etat=ouvert&miens=on")
    for q in ("", "Lef"):
        sent = {"q": q, "etat": "nouveau"}
        answer = client.post(url, sent, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert answer.headers["HX-Push-Url"] == f"{url}?etat=nouveau"


def test_the_sign_in_comes_back_without_the_name(client, db):
    url = reverse("apa_ash:dossiers")
    back = client.get(f"{url}?etat=ouvert&q=Lef%C3%A8vre&miens=on").url
    assert parse_qs(urlsplit(back).query)["next"] == [f"{url}?etat=ouvert&miens=on"]
    assert parse_qs(urlsplit(client.get(f"{url}?q=Lef").url).query)["next"] == [url]
    assert parse_qs(urlsplit(client.post(url, {"q": "Lef"}).url).query)["next"] == [url]


def test_a_list_takes_nine_statements_whatever_its_size(team, client):
    """Session, agent, organisme, habilitations, passage, list, trail; the session is kept alive."""
    client.force_login(team.alice)
    url = reverse("apa_ash:dossiers")
    factories.dossier(team.nord)
    one = statements(client, url)
    for n in range(55):
        factories.dossier(team.nord, nom=f"Nom{n}")
    assert len(statements(client, url)) == len(one) <= 9


def test_another_page_costs_one_statement_more(team, client):
    client.force_login(team.alice)
    for n in range(55):
        factories.dossier(team.nord, nom=f"Nom{chr(65 + n % 26)}{n}")
    url = reverse("apa_ash:dossiers")
    page = client.get(url)
    assert "Suivants" in page.content.decode()
    following = page.context["next_url"]
    assert "NOM" not in following.upper().replace("%", "")
    assert len(statements(client, following)) == len(statements(client, url)) + 1 <= 12
    assert client.get(f"{url}?apres=x").status_code == 200
    assert client.get(f"{url}?apres={uuid.uuid4()}").status_code == 404


def test_the_situation_takes_at_most_fifteen_statements(team, client, entering):
    """Six for the passage, eight for the file, however much the file holds."""
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team, pieces=dict.fromkeys(ALL, today()))
        demandes.acknowledge_demande(passage, dossier_id=dossier.pk)
    bound = {"service": team.nord, "dossier": dossier}
    for n in range(3):
        Aidant.objects.create(**bound, nom=f"Aidant {n}", lien="voisin")
    Protection.objects.create(**bound, mesure=Mesure.CURATELLE, nom="UDAF de l’Ain")
    client.force_login(team.alice)
    url = reverse("apa_ash:dossier", args=[dossier.pk])
    assert len(statements(client, url)) <= 15
    page = client.get(url).content.decode()
    for told in ("Dossier complet", "UDAF de l’Ain", "Aidant 2", "Alice Martin"):
        assert told in page
    assert "Conservation</dt>" not in page  # nothing to say of it before the file is over


@pytest.mark.parametrize("etat", [Etat.CLOS, Etat.REJETE])
def test_the_head_tells_how_long_a_file_that_is_over_is_kept(team, client, etat):
    dossier = factories.dossier(team.nord, etat=etat)
    client.force_login(team.alice)
    page = client.get(reverse("apa_ash:dossier", args=[dossier.pk])).content.decode()
    assert "Conservation</dt>" in page
    assert "base active jusqu’au 12\u00a0octobre\u00a02028" in page


@pytest.fixture
def revised(team):
    """A file whose right goes on while a revision asked ten days ago is studied."""
    since = today() - timedelta(days=300)
    dossier = situations.opened(
        team.nord,
        since=since,
        by=team.bruno,
        nom="Mercier",
        etat=Etat.COMPLET,
        etat_droit=Etat.OUVERT,
        echeance=Echeance.VISITE,
        echeance_on=today() + timedelta(days=20),
    )
    Demande.objects.filter(dossier=dossier).update(accuse_on=since - timedelta(days=39))
    bound = {"service": team.nord, "dossier": dossier}
    Visite.objects.create(
        **bound, evaluateur=team.bruno, prevue_on=since, realisee_on=since, creneau="matin"
    )
    asked = today() - timedelta(days=10)
    Demande.objects.create(
        **bound, nature="revision", canal="courrier", recue_on=asked, complete_on=asked
    )
    return dossier


def test_a_right_under_revision_is_told_as_a_right(team, client, revised):
    client.force_login(team.alice)
    page = client.get(reverse("apa_ash:dossier", args=[revised.pk]))
    assert page.context["person"]["state_label"] == "Droit ouvert, révision en cours"
    assert page.context["person"]["state"] == "ok"
    assert page.context["person"]["procedure"] == "Révision\u00a0: dossier complet"
    listed = client.get(reverse("apa_ash:dossiers"), {"etat": "ouvert"}).context["rows"]
    assert [row[-2]["text"] for row in listed] == ["Droit ouvert, révision en cours"]


def test_the_way_of_a_revision_leaves_the_procedure_before_it_aside(team, client, revised):
    client.force_login(team.alice)
    steps = client.get(reverse("apa_ash:dossier", args=[revised.pk])).context["steps"]
    assert [(step["label"], step["state"]) for step in steps] == [
        ("Révision demandée", "done"),
        ("Dossier complet", "done"),
        ("Visite et évaluation", "now"),
        ("Proposition", "todo"),
        ("Décision", "todo"),
    ]
    assert not any("accusé" in step["detail"] for step in steps)
    # The same facts, once the revision is over, are those of the right.
    Dossier.objects.filter(pk=revised.pk).update(etat=Etat.OUVERT, etat_droit="")
    over = client.get(reverse("apa_ash:dossier", args=[revised.pk])).context["steps"]
    assert over[0]["label"] == "Demande reçue"
    assert over[3]["state"] == "done"


@pytest.mark.parametrize(
    ("etat", "found"),
    [
        (Etat.OUVERT, {"Mercier", "Ouvert"}),
        (Etat.COMPLET, {"Complet"}),
        (Etat.SUSPENDU, {"Suspendu"}),
        ("revision", {"Mercier", "Suspendu"}),
        ("", {"Mercier", "Ouvert", "Complet", "Suspendu"}),
    ],
)
def test_the_filter_and_the_counts_follow_the_state_that_is_told(
    team, revised, entering, etat, found
):
    factories.dossier(team.nord, nom="Ouvert", etat=Etat.OUVERT)
    factories.dossier(team.nord, nom="Complet", etat=Etat.COMPLET)
    factories.dossier(team.nord, nom="Suspendu", etat=Etat.EVALUE, etat_droit=Etat.SUSPENDU)
    with entering(team.alice, INSTRUCTION) as passage:
        assert set(names(list_dossiers(passage, filtre=Filtre(etat=etat)))) == found
        counts = count_etats(passage, miens=False)
    assert counts == {"complet": 1, "ouvert": 2, "suspendu": 1}


def test_the_situation_of_an_empty_file_says_what_is_expected(team, client):
    dossier = factories.dossier(team.nord, echeance=Echeance.ACCUSE, echeance_on=today())
    client.force_login(team.alice)
    page = client.get(reverse("apa_ash:dossier", args=[dossier.pk])).content.decode()
    assert "Vérifier les pièces" in page
    assert "Pas encore de plan d’aide" in page
    assert "Aucun droit n’est ouvert" in page


def test_a_right_without_an_end_is_the_right_in_force(team, client):
    """An open period has no upper bound: a NULL must not make it disappear."""
    dossier = factories.dossier(team.nord)
    bound = {"service": team.nord, "dossier": dossier}
    start = today() - timedelta(days=40)
    decision = Decision.objects.create(
        **bound, nature=NatureDecision.ACCORD, prise_on=start, effet_on=start
    )
    Droit.objects.create(
        **bound,
        decision=decision,
        periode=DateRange(start, None),
        gir=3,
        couple=False,
        ressources_mensuelles=Decimal("1500.00"),
        plan_mensuel=Decimal("1013.36"),
        taux_participation=Decimal("0.13542"),
        participation=Decimal("137.23"),
        apa=Decimal("876.13"),
    )
    client.force_login(team.alice)
    page = client.get(reverse("apa_ash:dossier", args=[dossier.pk])).content.decode()
    assert "Aucun droit n’est ouvert" not in page
    assert "876,13" in page


def test_the_way_covered_is_read_in_one_statement_and_noted(
    team, entering, django_assert_num_queries
):
    with entering(team.alice, INSTRUCTION) as passage:
        dossier = register(passage, team, pieces=dict.fromkeys(ALL, today()))
        demandes.acknowledge_demande(passage, dossier_id=dossier.pk)
        dossier = open_dossier(passage, dossier.pk)
        passage.fields.clear()
        with django_assert_num_queries(1):
            parcours = read_parcours(passage, dossier=dossier)
        assert {"Evaluation.faite_on", "Paiement.verse_on"} <= passage.fields
    assert parcours.last("complete").on == today()
    assert parcours.last("recue").on == today() - timedelta(days=3)
    assert parcours.last("decision") is None


def test_the_decision_shown_answers_the_last_request():
    first, asked = date(2024, 3, 1), date(2026, 5, 2)
    way = [
        Fait("recue", first, "premiere"),
        Fait("decision", date(2024, 4, 20), "accord"),
        Fait("decision", date(2025, 1, 1), "revalorisation"),
        Fait("decision", date(2025, 9, 1), "suspension"),
    ]
    assert Parcours(way).deciding() == way[1]
    assert Parcours([*way, Fait("recue", asked, "revision")]).deciding() is None
    assert Parcours([]).deciding() is None


def test_the_worklist_is_in_order_of_days(team, entering):
    for days in (40, -2, 3):
        factories.dossier(
            team.nord, echeance=Echeance.ACCUSE, echeance_on=today() + timedelta(days=days)
        )
    factories.dossier(team.nord)  # nothing is expected
    factories.dossier(team.sud, echeance=Echeance.ACCUSE, echeance_on=today())
    with entering(team.alice, INSTRUCTION) as passage:
        travail = list_travail(passage, miens=False, size=2)
        rest = list_travail(passage, miens=False, after=travail.after, size=2)
        days = [(row.echeance_on - today()).days for row in [*travail.rows, *rest.rows]]
        assert days == [-2, 3, 40]
        assert count_echeances(passage, miens=False) == {
            "retard": 1,
            "semaine": 1,
            "suite": 1,
            "revisions": 0,
        }
        assert count_etats(passage, miens=False) == {"recu": 4}
        assert list_travail(passage, miens=True).rows == []


def test_the_day_shows_what_to_do_with_a_way_to_it(team, client):
    dossier = factories.dossier(
        team.nord, instructeur=team.alice, echeance=Echeance.ACCUSE, echeance_on=today()
    )
    client.force_login(team.alice)
    url = reverse("apa_ash:journee")
    page = client.get(url).content.decode()
    assert reverse("apa_ash:demande", args=[dossier.pk]) in page
    assert len(statements(client, url)) <= 12
    assert "En retard" in client.get(f"{url}?qui=service").content.decode()


def test_revisions_to_come_are_listed_apart_and_kinds_of_deadline_filtered(team, client, entering):
    def expect(echeance, days):
        return factories.dossier(
            team.nord, echeance=echeance, echeance_on=today() + timedelta(days=days)
        ).pk

    far, late = expect(Echeance.REVISION, 8), expect(Echeance.REVISION, -1)
    near, other = expect(Echeance.REVISION, 7), expect(Echeance.DECISION, 400)
    with entering(team.alice, INSTRUCTION) as passage:

        def listed(quoi):
            return [row.pk for row in list_travail(passage, miens=False, quoi=quoi).rows]

        assert listed("") == [late, near, other]
        assert listed("revision") == [late, near, far]
        assert listed("decision") == [other]
        assert listed("accuse") == []
        counts = count_echeances(passage, miens=False)
    assert counts == {"retard": 1, "semaine": 1, "suite": 1, "revisions": 1}
    client.force_login(team.alice)
    url = reverse("apa_ash:journee")
    assert "qui=service&amp;quoi=revision" in client.get(f"{url}?qui=service").content.decode()
    for asked, seen in (("revision", 3), ("decision", 1), ("nonsense", 3)):
        page = client.get(f"{url}?qui=service&quoi={asked}")
        assert sum(len(group["rows"]) for group in page.context["groups"]) == seen


@pytest.mark.parametrize(("made", "label"), [(False, "Voir la visite"), (True, "Planifier la vis")])
def test_a_visit_already_planned_is_looked_at_and_not_planned_again(
    team, client, revised, made, label
):
    Visite.objects.create(
        service=team.nord,
        dossier=revised,
        evaluateur=team.bruno,
        prevue_on=today(),
        realisee_on=today() if made else None,
    )
    client.force_login(team.alice)
    worklist = client.get(reverse("apa_ash:journee") + "?qui=service").content.decode()
    situation = client.get(reverse("apa_ash:dossier", args=[revised.pk])).content.decode()
    assert label in worklist
    assert label in situation


def test_the_day_of_the_head_is_the_one_of_the_service(team, client):
    dossier = factories.dossier(team.nord, echeance=Echeance.ACCUSE, echeance_on=today())
    url = reverse("apa_ash:journee")
    for name, query, shown in (
        ("remi", "", True),
        ("remi", "?qui=moi", False),
        ("alice", "", False),
    ):
        client.force_login(team.agents[name])
        assert (dossier.numero in client.get(url + query).content.decode()) is shown


@pytest.mark.parametrize(
    ("code_postal", "departement", "elsewhere"),
    [
        *(("01000", "01", False), ("02000", "01", True), ("20167", "2A", False)),
        *(("97400", "974", False), ("97100", "974", True), ("", "01", False)),
    ],
)
def test_an_address_out_of_the_departement_is_said(code_postal, departement, elsewhere):
    assert is_elsewhere(code_postal, departement=departement) is elsewhere


def test_the_screens_of_the_dead_offer_nothing_to_grant(team, client):
    dossier = factories.dossier(team.nord, etat="clos")
    client.force_login(team.alice)
    decision = reverse("apa_ash:decision", args=[dossier.pk])
    situation = reverse("apa_ash:dossier", args=[dossier.pk])
    assert "Ce qui serait accordé" in client.get(decision).content.decode()
    Identite.objects.filter(dossier=dossier).update(deces_on=today())
    assert "Ce qui serait accordé" not in client.get(decision).content.decode()
    Coordonnees.objects.filter(dossier=dossier).update(code_postal="69001")
    page = client.get(situation).content.decode()
    assert "Ouvrir le dossier" not in page
    assert "dans un autre département (69001)" in page


@pytest.mark.parametrize("url_name", ["journee", "dossiers", "demande_nouvelle", "imports"])
@pytest.mark.parametrize("name", ["chloe", "paul", "carole", "denis", "edith", "nora"])
def test_screens_of_instruction_do_not_exist_for_other_roles(team, client, url_name, name):
    client.force_login(team.agents[name])
    assert client.get(reverse(f"apa_ash:{url_name}")).status_code == 404


@pytest.mark.parametrize("url_name", ["journee", "dossiers", "demande_nouvelle", "imports"])
def test_the_head_of_service_sees_the_screens_of_instruction(team, client, url_name):
    client.force_login(team.remi)
    assert client.get(reverse(f"apa_ash:{url_name}")).status_code == 200


def test_the_journal_tells_who_and_why_and_reading_it_is_traced(team, client):
    dossier = factories.dossier(team.nord)
    url = reverse("apa_ash:journal", args=[dossier.pk])
    client.force_login(team.remi)
    client.get(reverse("apa_ash:dossier", args=[dossier.pk]))
    client.force_login(team.alice)
    page = client.get(url).content.decode()
    for told in ("Rémi Girard", "lire un dossier", "Affectation au service", "Ambre Roy"):
        assert told in page
    assert "lire le journal du dossier" in client.get(url).content.decode()


def test_the_nir_stays_out_of_the_first_screen(team, client):
    dossier = factories.dossier(team.nord)
    client.force_login(team.alice)
    page = client.get(reverse("apa_ash:dossier", args=[dossier.pk])).content.decode()
    assert Nir.objects.get(dossier=dossier).nir not in page
    assert "déclaré, à vérifier" in page
