"""Synthetic beneficiaries, generated inside PostgreSQL: the only way to 100,000 in seconds."""

from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from egide.kernel.access.models import Agent, Habilitation, HabilitationService, Organisme, Service
from egide.systems.apa_ash.purposes import SYSTEM, Role

VEILLE = date(2025, 6, 1)

# Every id is the imprint of its kind and number, so that a table finds its file without a join.
FILES = """
INSERT INTO apa_ash_dossier (id, service_id, numero, etat, ouvert_on, dernier_contact_on, echeance,
    echeance_on, revision_on, etat_droit, departement_secours, motif_fin)
SELECT md5('dossier' || i)::uuid, (%(services)s)[1 + i %% %(count)s],
    '2025-' || lpad(i::text, 7, '0'), 'ouvert', '2025-05-02', '2025-06-01', 'revision',
    date '2027-01-01' + i %% 365, date '2027-01-01' + i %% 365, '', '01', ''
FROM generate_series(%(first)s, %(last)s) i;

INSERT INTO apa_ash_identite (id, service_id, dossier_id, nom_naissance, nom_usage, prenoms, sexe,
    naissance_on, naissance_lieu, nom_normalise, naissance_normalisee)
SELECT md5('identite' || i)::uuid, (%(services)s)[1 + i %% %(count)s], md5('dossier' || i)::uuid,
    initcap(nom), '', 'Jeanne', 'F', date '1930-01-01' + i %% 9000, 'Bourg-en-Bresse',
    upper(nom) || ' JEANNE', upper(nom) || ' JEANNE'
FROM generate_series(%(first)s, %(last)s) i,
    LATERAL (SELECT translate(substr(md5('nom' || i), 1, 9), '0123456789', 'ghijklmnop') nom) n;

INSERT INTO apa_ash_nir (id, service_id, dossier_id, nir, statut, verifie_aupres, anciens)
SELECT md5('nir' || i)::uuid, (%(services)s)[1 + i %% %(count)s], md5('dossier' || i)::uuid,
    lpad(i::text, 15, '2'), 'declare', '', '{}'
FROM generate_series(%(first)s, %(last)s) i;

INSERT INTO apa_ash_coordonnees (id, service_id, dossier_id, adresse, code_postal, commune,
    telephone, courriel)
SELECT md5('coord' || i)::uuid, (%(services)s)[1 + i %% %(count)s], md5('dossier' || i)::uuid,
    i || ' rue des Lilas', '01000', 'Bourg-en-Bresse', '', ''
FROM generate_series(%(first)s, %(last)s) i;

INSERT INTO apa_ash_demande (id, service_id, dossier_id, nature, canal, recue_on, complete_on,
    accuse_on, residence_stable, urgence_attestee_par, reference_externe)
SELECT md5('demande' || i)::uuid, (%(services)s)[1 + i %% %(count)s], md5('dossier' || i)::uuid,
    'premiere', 'courrier', '2025-05-02', '2025-05-05', '2025-05-06', true, '', ''
FROM generate_series(%(first)s, %(last)s) i;

INSERT INTO apa_ash_planaide (id, service_id, dossier_id, etat, gir, effet_on, envoye_on, definitif,
    reponse_on, observations)
SELECT md5('plan' || i)::uuid, (%(services)s)[1 + i %% %(count)s], md5('dossier' || i)::uuid,
    'accepte', 1 + i %% 4, '2025-06-01', '2025-05-15', false, '2025-05-20', ''
FROM generate_series(%(first)s, %(last)s) i;

INSERT INTO apa_ash_ligneplan (id, service_id, dossier_id, plan_id, nature, mode, volume_mensuel,
    unite, tarif)
SELECT md5(nature || i)::uuid, (%(services)s)[1 + i %% %(count)s], md5('dossier' || i)::uuid,
    md5('plan' || i)::uuid, nature, 'gre_a_gre', 4 + i %% 30, 'heure', 16.40
FROM generate_series(%(first)s, %(last)s) i,
    unnest(ARRAY['toilette', 'repas', 'menage', 'courses']) nature;

INSERT INTO apa_ash_decision (id, service_id, dossier_id, plan_id, nature, prise_on, notifiee_on,
    effet_on, motif, deja_verse)
SELECT md5('decision' || i)::uuid, (%(services)s)[1 + i %% %(count)s], md5('dossier' || i)::uuid,
    md5('plan' || i)::uuid, 'accord', '2025-05-25', '2025-05-27', '2025-06-01', '', 0
FROM generate_series(%(first)s, %(last)s) i;

INSERT INTO apa_ash_droit (id, service_id, dossier_id, decision_id, periode, gir, couple,
    ressources_mensuelles, plan_mensuel, taux_participation, participation, apa, forfait)
SELECT md5('droit' || i)::uuid, (%(services)s)[1 + i %% %(count)s], md5('dossier' || i)::uuid,
    md5('decision' || i)::uuid, daterange('2025-06-01', NULL), 1 + i %% 4, i %% 3 = 0,
    600 + (i::bigint * 7919) %% 350000 / 100.0, plan, 0.1, round(plan * 0.1, 2),
    plan - round(plan * 0.1, 2), false
FROM generate_series(%(first)s, %(last)s) i,
    LATERAL (SELECT 80 + (i::bigint * 104729) %% 68000 / 100.0 AS plan) p;
"""


class Team(NamedTuple):
    """Who works in the measures: each in every service."""

    services: list[Service]
    instructor: Agent
    head: Agent
    payer: Agent


def create_team(*, services: int) -> Team:
    """Create a département, its services and the agents of them all."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL egide.maintenance = 'on'")
        return _create_team(services, on=timezone.localdate())


def _create_team(services: int, *, on: date) -> Team:
    organisme = Organisme.objects.create(
        nom="Département des mesures",
        siren="220000018",
        departement="01",
        adresse="1 place de l’Hôtel-du-Département",
        delegue_protection_donnees="Mme Hélène Vidal",
        courriel_delegue="dpo@departement.example",
        engagement_conformite_on=date(2026, 1, 5),
        engagement_reference="RU-2026-001",
    )
    units = [
        Service.objects.create(organisme=organisme, nom=f"Autonomie {number:02d}")
        for number in range(services)
    ]
    roles = (Role.INSTRUCTEUR, Role.RESPONSABLE, Role.AGENT_PAIEMENT)
    agents = {
        role: Agent.objects.create(
            organisme=organisme, identifiant=role.value, prenom="Agent", nom=role.value
        )
        for role in (*roles, Role.DPO)
    }
    for role in roles:
        habilitation = Habilitation.objects.create(
            organisme=organisme,
            agent=agents[role],
            system=SYSTEM,
            role=role,
            periode=DateRange(on - timedelta(days=30), on + timedelta(days=300)),
            motif="Mesure",
            granted_by=agents[Role.DPO],
            granted_at=timezone.now(),
            confirmed_on=on,
        )
        HabilitationService.objects.bulk_create(
            HabilitationService(organisme=organisme, habilitation=habilitation, service=unit)
            for unit in units
        )
    return Team(units, *(agents[role] for role in roles))


def populate(services: list[Service], *, first: int, last: int) -> None:
    """Generate the files numbered from first to last, spread over the services."""
    values = {
        "services": [unit.pk for unit in services],
        "count": len(services),
        "first": first,
        "last": last,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL egide.maintenance = 'on'")
        for statement in FILES.split(";\n"):
            cursor.execute(statement, values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
