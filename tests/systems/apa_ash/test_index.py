"""Each declared index serves the page it was made for: PostgreSQL is asked for its plan."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.urls import reverse

from egide.kernel.access.models import Agent
from egide.kernel.access.passage import enter, openings_of
from egide.systems.apa_ash import models as m
from egide.systems.apa_ash.purposes import REVALORISATION, Role
from egide.systems.apa_ash.queries.campagne_courriers import take_matieres
from egide.systems.apa_ash.queries.campagne_ecritures import take_batch
from tests.personas import today
from tests.systems.apa_ash.departement import Departement

# One worker: each would load the demonstration.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("index")]
FILES = 20_000

# Lists and counts are judged among as many files as they are made for.
DOSSIERS = """
INSERT INTO apa_ash_dossier (id, service_id, numero, etat, ouvert_on, dernier_contact_on, echeance,
    echeance_on, departement_secours, etat_droit, motif_fin)
SELECT gen_random_uuid(), (%s::uuid[])[1 + n %% 2], '2019-' || lpad(n::text, 6, '0'),
    (ARRAY['recu', 'complet', 'ouvert', 'clos'])[1 + n %% 4], DATE '2019-01-01', DATE '2019-01-01',
    CASE WHEN n %% 4 < 2 THEN 'decision' ELSE '' END,
    CASE WHEN n %% 4 < 2 THEN DATE '2026-01-01' + n %% 700 END, '01', '', ''
FROM generate_series(1, %s) n
"""
IDENTITES = """
INSERT INTO apa_ash_identite (id, service_id, dossier_id, nom_naissance, nom_usage, prenoms, sexe,
    naissance_on, naissance_lieu, nom_normalise, naissance_normalisee)
SELECT gen_random_uuid(), d.service_id, d.id, 'N', '', 'P', 'F', DATE '1940-01-01', '',
    md5(d.numero), md5(d.numero)
FROM apa_ash_dossier d WHERE d.numero LIKE '2019-%'
"""

# The index of the key to a file or a service, alone or behind the primary key: among so few
# rows they cost the same, and either is taken.
ALONE = """
SELECT i.indexrelid::regclass::text FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid::regclass::text LIKE 'apa_ash_%'
    AND (i.indnatts = 1 AND a.attname IN ('dossier_id', 'service_id') AND NOT i.indisunique
        OR i.indexrelid::regclass::text LIKE '%_of_its_file')
"""

# Which page, seen by whom, each index is made for; `remi` heads both services.
PAGES = {
    "dossier_echeances": (Role.INSTRUCTEUR, "journee", "qui=service"),
    "dossier_etats": (Role.INSTRUCTEUR, "journee", "qui=service"),
    "identite_noms": (Role.INSTRUCTEUR, "dossiers", "q=ab"),
    "identite_noms_tous": ("remi", "dossiers", ""),
    "visite_agenda": (Role.EVALUATEUR, "agenda", ""),
    "prestation_mois": (Role.CONTROLEUR, "controle", ""),
    "visite_dossier": (Role.EVALUATEUR, "evaluation_dossier", ""),
    "evaluation_dossier": (Role.EVALUATEUR, "evaluation_dossier", ""),
    "demande_dossier": (Role.EVALUATEUR, "evaluation_dossier", ""),
    "plan_dossier": (Role.INSTRUCTEUR, "plan", ""),
    "courrier_dossier": (Role.INSTRUCTEUR, "courriers", ""),
    "courrier_a_poster": (Role.INSTRUCTEUR, "a_poster", ""),
    "paiement_dossier": (Role.AGENT_PAIEMENT, "paiement_ligne", ""),
    "relais_dossier": (Role.INSTRUCTEUR, "relais", ""),
    "facture_dossier": (Role.CONTROLEUR, "factures", ""),
}
OF_A_FILE = {"evaluation_dossier", "plan", "courriers", "relais", "factures"}
OF_MANY = {"dossier_echeances", "dossier_etats", "identite_noms", "identite_noms_tous"}


@pytest.fixture(scope="module")
def large(departement: Departement) -> Departement:
    """The demonstration among twenty thousand other files of its two services."""
    with connection.cursor() as cursor:
        cursor.execute(DOSSIERS, [[departement.nord.pk, departement.sud.pk], FILES])
        cursor.execute(IDENTITES)
        cursor.execute("ANALYZE apa_ash_dossier, apa_ash_identite")
    return departement


class Planned:
    """The indexes that the plans of the statements of a page name."""

    def __init__(self):
        self.indexes: set[str] = set()

    def __call__(self, execute, sql, params, many, context):
        if re.match(r"\W*(SELECT|UPDATE|INSERT|WITH)\b", sql) and "set_config" not in sql:
            # Psycopg's own cursor: the plan is asked under the same role, and seen by no wrapper.
            with context["connection"].connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", params)
                plan = "\n".join(str(row[0]) for row in cursor.fetchall())
            self.indexes |= set(re.findall(r"(?:using|Bitmap Index Scan on) (\w+)", plan))
        return execute(sql, params, many, context)


@contextmanager
def planned(*, small: bool) -> Iterator[Planned]:
    """Gather plans; the tables of the demonstration fit in a page that no index would spare."""
    found = Planned()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Nor would they be read in the order of another table, to be merged with it.
            for way in ("enable_seqscan", "enable_mergejoin"):
                cursor.execute("SELECT set_config(%s, %s, true)", [way, "off" if small else "on"])
            if small:
                cursor.execute(ALONE)
                for (name,) in cursor.fetchall():
                    cursor.execute(f"DROP INDEX {name} CASCADE")
        with connection.execute_wrapper(found):
            yield found
        transaction.set_rollback(True)


def declared():
    models = apps.get_app_config("apa_ash").get_models()
    return {index.name for model in models for index in model._meta.indexes}


def test_every_declared_index_has_its_page():
    asked = {"nir_numeros", "identite_noms_naissance"}
    assert declared() == {*PAGES, "ligne_campagne_todo", "ligne_campagne_to_tell"} | asked


def test_a_number_is_found_without_reading_every_file(large):
    with planned(small=True) as found, connection.cursor() as cursor:
        # As the owner asks it, in sql/doublons.sql.
        cursor.execute(
            "SELECT dossier_id FROM apa_ash_nir WHERE nir <> '' AND left(nir, 13) = %s",
            ["2390399123456"],
        )
    assert "nir_numeros" in found.indexes


def test_a_name_of_birth_is_found_without_reading_every_person(large):
    with planned(small=False) as found, connection.cursor() as cursor:
        # As the owner asks it, in sql/doublons.sql.
        cursor.execute(
            "SELECT dossier_id FROM apa_ash_identite WHERE (nom_normalise = ANY (%s)"
            " OR naissance_normalisee = ANY (%s)) AND naissance_on = %s",
            [["LE GOFF SOLENN"], ["LE GOFF SOLENN"], today()],
        )
    assert {"identite_noms_naissance", "identite_noms_tous"} <= found.indexes


@pytest.mark.parametrize("index", PAGES)
def test_an_index_serves_its_page(large, client, index):
    who, page, search = PAGES[index]
    agent = Agent.objects.get(identifiant=who) if who == "remi" else large.agents[who, "nord"]
    paid = m.Paiement.objects.filter(service=large.nord, ecarte=False).order_by("pk")[0]
    args = {"paiement_ligne": [paid.pk]}.get(page, [paid.dossier_id] if page in OF_A_FILE else [])
    client.force_login(agent)
    with planned(small=index not in OF_MANY) as found:
        answer = client.get(reverse(f"apa_ash:{page}", args=args) + f"?{search}")
    assert answer.status_code == 200
    assert index in found.indexes, sorted(found.indexes)


@pytest.fixture
def campagne(large):
    """A campaign half applied, half told."""
    agent = large.agents[Role.RESPONSABLE, "nord"]
    made = m.Campagne.objects.create(
        service=large.nord,
        effet_on=today(),
        etat="en_cours",
        lancee_par=agent,
        lancee_on=today(),
    )
    droits = m.Droit.objects.filter(service=large.nord, periode__upper_inf=True)
    m.LigneCampagne.objects.bulk_create(
        m.LigneCampagne(
            service=large.nord,
            campagne=made,
            dossier_id=droit.dossier_id,
            droit=droit,
            apa_avant=1,
            plan_apres=1,
            taux_apres=0,
            participation_apres=0,
            apa_apres=1,
            applique=rank % 2 == 0,
            notifie=rank % 4 == 0,
        )
        for rank, droit in enumerate(droits)
    )
    # An applied line and its decision have one id.
    m.Decision.objects.bulk_create(
        m.Decision(
            pk=ligne.pk,
            service=large.nord,
            dossier_id=ligne.dossier_id,
            nature="revalorisation",
            prise_on=today(),
            effet_on=today(),
        )
        for ligne in m.LigneCampagne.objects.filter(applique=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE apa_ash_lignecampagne")
    return made


@pytest.mark.parametrize(
    ("index", "take"),
    [
        ("ligne_campagne_todo", lambda _, campagne: take_batch(campagne, size=5)),
        (
            "ligne_campagne_to_tell",
            lambda passage, campagne: take_matieres(passage, campagne=campagne, size=5),
        ),
    ],
)
def test_an_index_serves_the_next_batch(large, campagne, index, take):
    agent = large.agents[Role.RESPONSABLE, "nord"]
    with (
        planned(small=True) as found,
        enter(
            agent,
            purpose=REVALORISATION,
            openings=openings_of(agent, on=today()),
            session="index",
            on=today(),
        ) as passage,
    ):
        take(passage, campagne)
    assert index in found.indexes, sorted(found.indexes)
