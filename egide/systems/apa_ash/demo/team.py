"""The demonstration département: services, one agent or two per role, those who help at home."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.catalogue import SYSTEM as KERNEL
from egide.kernel.access.catalogue import Role as KernelRole
from egide.kernel.access.models import Agent, Habilitation, HabilitationService, Organisme, Service
from egide.rules.apa.arrieres import previous_month
from egide.systems.apa_ash.demo.chance import Chance, euros, siret
from egide.systems.apa_ash.demo.names import PRESTATAIRES
from egide.systems.apa_ash.models import Prestataire, ReglementPrestataire
from egide.systems.apa_ash.models.plan import ModeReglement
from egide.systems.apa_ash.purposes import SYSTEM, Role

SIREN = "999999998"
# The first services are paid on what they deliver, since two months.
AU_SERVICE_FAIT, MOIS_AU_SERVICE_FAIT = 2, 2
PASSWORD = "Bouclier-2026-demo"  # noqa: S105 -- printed by `egide demo`, opens invented files only


@dataclass(frozen=True, slots=True)
class Compte:
    """An account of the demonstration: who, in which role, in which services."""

    identifiant: str
    prenom: str
    nom: str
    fonction: str
    role: StrEnum
    services: str  # "N", "S" or both
    system: str = SYSTEM


COMPTES = (
    Compte("alice", "Alice", "Brémond", "Instructrice APA", Role.INSTRUCTEUR, "N"),
    Compte("bruno", "Bruno", "Sagnier", "Instructeur APA", Role.INSTRUCTEUR, "S"),
    Compte("chloe", "Chloé", "Vasseur", "Infirmière évaluatrice", Role.EVALUATEUR, "N"),
    Compte("esther", "Esther", "Maillard", "Travailleuse sociale", Role.EVALUATEUR, "S"),
    Compte("paul", "Paul", "Delmotte", "Agent de paiement", Role.AGENT_PAIEMENT, "NS"),
    Compte("pauline", "Pauline", "Rigaud", "Agente de paiement", Role.AGENT_PAIEMENT, "NS"),
    Compte("carole", "Carole", "Tournier", "Contrôleuse d’effectivité", Role.CONTROLEUR, "NS"),
    Compte("remi", "Rémi", "Lacombe", "Responsable de l’autonomie", Role.RESPONSABLE, "NS"),
    Compte(
        "denis", "Denis", "Charrier", "Délégué à la protection des données",
        KernelRole.DELEGUE, "NS", KERNEL,
    ),
    Compte(
        "ambre", "Ambre", "Joly", "Administratrice des habilitations",
        KernelRole.ADMINISTRATEUR, "NS", KERNEL,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Team:
    """The organisme, its two services, its agents by name, and who helps at home."""

    organisme: Organisme
    services: tuple[Service, Service]
    agents: dict[str, Agent]
    prestataires: list[Prestataire]
    reglements: list[ReglementPrestataire]

    def of(self, service: Service, *, role: Role) -> Agent:
        """Give the first agent who plays a role in a service."""
        letter = "N" if service == self.services[0] else "S"
        compte = next(c for c in COMPTES if c.role == role and letter in c.services)
        return self.agents[compte.identifiant]


def create_team(chance: Chance, *, on: date) -> Team:
    """Create the organisme with its engagement de conformité, and all who work for it."""
    organisme = Organisme.objects.create(
        id=chance.uuid(),
        nom="Département de démonstration",
        siren=SIREN,
        departement="01",
        adresse="1 place de l’Hôtel-du-Département\n01901 Saint-Aubin-les-Prés",
        telephone="04 65 71 00 00",
        courriel="autonomie@departement.example",
        tribunal="tribunal administratif de Saint-Aubin-les-Prés, 2 rue du Palais, "
        "01901 Saint-Aubin-les-Prés",
        delegue_protection_donnees="M. Denis Charrier",
        courriel_delegue="dpo@departement.example",
        engagement_conformite_on=on - timedelta(days=365),
        engagement_reference="DEMO-2017-142",
    )
    services = tuple(
        Service.objects.create(id=chance.uuid(), organisme=organisme, nom=nom)
        for nom in ("Autonomie Nord", "Autonomie Sud")
    )
    north, south = services
    agents = _create_agents(chance, organisme=organisme)
    _grant(chance, agents=agents, services={"N": north, "S": south}, on=on)
    prestataires = _prestataires(chance, organisme=organisme)
    reglements = [
        ReglementPrestataire(
            id=prestataire.pk,
            organisme=organisme,
            prestataire=prestataire,
            mode=ModeReglement.SERVICE_FAIT,
            depuis=previous_month(on, back=MOIS_AU_SERVICE_FAIT),
        )
        for prestataire in prestataires[:AU_SERVICE_FAIT]
    ]
    return Team(organisme, (north, south), agents, prestataires, reglements)


def _create_agents(chance: Chance, *, organisme: Organisme) -> dict[str, Agent]:
    # Hashed once: one Argon2 a demonstration is enough, and the password is public.
    password = make_password(PASSWORD)
    return {
        agent.identifiant: agent
        for agent in Agent.objects.bulk_create(
            Agent(
                id=chance.uuid(),
                organisme=organisme,
                identifiant=compte.identifiant,
                nom=compte.nom,
                prenom=compte.prenom,
                fonction=compte.fonction,
                password=password,
            )
            for compte in COMPTES
        )
    }


def _grant(
    chance: Chance, *, agents: dict[str, Agent], services: dict[str, Service], on: date
) -> None:
    start = on - timedelta(days=120)
    granted_at = datetime.combine(start, time(), tzinfo=UTC)
    for compte in COMPTES:
        # Nobody grants their own: the responsable granted the administratrice hers.
        by = agents["remi" if compte.system == KERNEL else "ambre"]
        habilitation = Habilitation.objects.create(
            id=chance.uuid(),
            organisme=by.organisme,
            agent=agents[compte.identifiant],
            system=compte.system,
            role=compte.role,
            periode=DateRange(start, on + timedelta(days=245)),
            motif="Affectation au service",
            granted_by=by,
            granted_at=granted_at,
            confirmed_on=start,
        )
        HabilitationService.objects.bulk_create(
            HabilitationService(
                id=chance.uuid(),
                organisme=by.organisme,
                habilitation=habilitation,
                service=services[letter],
            )
            for letter in compte.services
        )


def _prestataires(chance: Chance, *, organisme: Organisme) -> list[Prestataire]:
    return [
        Prestataire(
            id=chance.uuid(),
            organisme=organisme,
            nom=nom,
            siret=siret(number),
            adresse=f"{number} rue des Aidants, 01901 Saint-Aubin-les-Prés",
            tarif_horaire=euros(chance.whole(2460, 2790)),
            iban=chance.iban(),
        )
        for number, nom in enumerate(PRESTATAIRES, start=1)
    ]
