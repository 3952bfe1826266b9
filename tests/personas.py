"""The permanent cast: for each right a holder, and for each condition a near miss."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from egide.kernel.access.catalogue import SYSTEM as KERNEL
from egide.kernel.access.catalogue import Role as KernelRole
from egide.kernel.access.models import Agent, Habilitation, HabilitationService, Organisme, Service
from egide.systems.apa_ash.purposes import SYSTEM, Role

PASSWORD = "Chêne-vert/2026 au soleil"


def today() -> date:
    return timezone.localdate()


@dataclass
class Cast:
    """Two départements; in the first, two services; agents named after what they may do."""

    departement: Organisme
    voisin: Organisme
    nord: Service
    sud: Service
    ailleurs: Service
    agents: dict[str, Agent] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Agent:
        try:
            return self.agents[name]
        except KeyError:
            raise AttributeError(name) from None


def organisme(nom: str, siren: str, departement: str, *, engaged: bool = True) -> Organisme:
    return Organisme.objects.create(
        nom=nom,
        siren=siren,
        departement=departement,
        adresse="1 place de l’Hôtel-du-Département",
        delegue_protection_donnees="Mme Hélène Vidal",
        courriel_delegue="dpo@departement.example",
        engagement_conformite_on=date(2026, 1, 5) if engaged else None,
        engagement_reference="RU-2026-001" if engaged else "",
    )


def grant(
    agent: Agent,
    role: StrEnum,
    *services: Service,
    by: Agent,
    system: str = SYSTEM,
    start: date | None = None,
    end: date | None = None,
) -> Habilitation:
    start = start or today() - timedelta(days=30)
    habilitation = Habilitation.objects.create(
        organisme=agent.organisme,
        agent=agent,
        system=system,
        role=role,
        periode=DateRange(start, end or today() + timedelta(days=300)),
        motif="Affectation au service",
        granted_by=by,
        granted_at=timezone.now(),
        confirmed_on=start,
    )
    HabilitationService.objects.bulk_create(
        HabilitationService(organisme=agent.organisme, habilitation=habilitation, service=service)
        for service in services
    )
    return habilitation


def cast() -> Cast:
    """Create the whole cast. Passwords are unusable but for browser tests, where they are set."""
    one = organisme("Département de démonstration", "220000018", "01")
    other = organisme("Département voisin", "220000026", "02")
    team = Cast(
        one,
        other,
        nord=Service.objects.create(organisme=one, nom="Autonomie Nord"),
        sud=Service.objects.create(organisme=one, nom="Autonomie Sud"),
        ailleurs=Service.objects.create(organisme=other, nom="Autonomie"),
    )

    def agent(identifiant: str, where: Organisme, prenom: str, nom: str) -> Agent:
        created = Agent(organisme=where, identifiant=identifiant, prenom=prenom, nom=nom)
        created.set_unusable_password()
        created.save()
        team.agents[identifiant] = created
        return created

    admin = agent("admin", one, "Ambre", "Roy")
    for identifiant, prenom, nom, role, services in [
        ("alice", "Alice", "Martin", Role.INSTRUCTEUR, [team.nord]),
        ("bruno", "Bruno", "Petit", Role.INSTRUCTEUR, [team.sud]),  # right role, wrong service
        ("chloe", "Chloé", "Durand", Role.EVALUATEUR, [team.nord]),  # right service, wrong role
        ("paul", "Paul", "Leroy", Role.AGENT_PAIEMENT, [team.nord]),
        ("carole", "Carole", "Faure", Role.CONTROLEUR, [team.nord]),
        ("remi", "Rémi", "Girard", Role.RESPONSABLE, [team.nord]),
        ("denis", "Denis", "Moreau", Role.DPO, [team.nord, team.sud]),  # oversees, never reads
    ]:
        grant(agent(identifiant, one, prenom, nom), role, *services, by=admin)
    expired = agent("edith", one, "Édith", "Noël")  # right role and service, too late
    grant(
        expired,
        Role.INSTRUCTEUR,
        team.nord,
        by=admin,
        start=today() - timedelta(days=400),
        end=today(),
    )
    grant(
        agent("victor", other, "Victor", "Blanc"),
        Role.INSTRUCTEUR,
        team.ailleurs,
        by=agent("vadmin", other, "Vera", "Admin"),
    )  # right role, another département
    nora = agent("nora", one, "Nora", "Lambert")  # an agent with no habilitation at all
    grant(admin, KernelRole.ADMINISTRATEUR, team.nord, team.sud, by=nora, system=KERNEL)
    return team
