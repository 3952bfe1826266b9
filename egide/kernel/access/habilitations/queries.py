"""The habilitations of an organisme, those to confirm first."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection

from egide.kernel.access.habilitations.policies import (
    AGENTS,
    HABILITATIONS,
    OUVERTURES,
    SERVICES,
)
from egide.kernel.access.passage import Passage
from egide.kernel.catalogue.declarations import REGISTRY

# The review is half-yearly: an organisme's procedure may be stricter, not looser.
REVIEW_AFTER = timedelta(days=182)
ENDS_SOON = timedelta(days=30)
PAGE = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One habilitation as the review shows it."""

    pk: UUID
    agent: str
    role: str
    services: str
    start: date
    end: date
    motif: str
    cumul_motif: str
    granted_by: str
    confirmed_on: date
    state: str
    own: bool


def review(passage: Passage, *, only_due: bool = False) -> list[Row]:
    """List the habilitations in force or to come, in five statements whatever their number."""
    agents = {agent.pk: agent for agent in AGENTS.rows(passage)}
    services = {service.pk: service.nom for service in SERVICES.rows(passage)}
    found = list(
        HABILITATIONS.rows(passage)
        .filter(revoked_at__isnull=True, periode__endswith__gt=passage.on)
        .order_by("confirmed_on", "pk")[:PAGE]
    )
    opened: dict[UUID, list[str]] = {}
    for opening in OUVERTURES.rows(passage).filter(habilitation_id__in=[h.pk for h in found]):
        opened.setdefault(opening.habilitation_id, []).append(services[opening.service_id])
    roles = {(c.system, str(role)): label for c in REGISTRY for role, label in c.roles.items()}
    rows = [
        Row(
            pk=h.pk,
            agent=agents[h.agent_id].nom_complet,
            role=roles.get((h.system, h.role), h.role),
            services=", ".join(sorted(opened.get(h.pk, []))),
            start=h.periode.lower,
            end=h.periode.upper - timedelta(days=1),
            motif=h.motif,
            cumul_motif=h.cumul_motif,
            granted_by=agents[h.granted_by_id].nom_complet,
            confirmed_on=h.confirmed_on,
            state=_state(passage.on, confirmed_on=h.confirmed_on, end=h.periode.upper),
            own=h.agent_id == passage.agent.pk,
        )
        for h in found
    ]
    return [row for row in rows if row.state] if only_due else rows


def _state(on: date, *, confirmed_on: date, end: date) -> str:
    if end - on <= ENDS_SOON:
        return "bientôt échue"
    return "à confirmer" if on - confirmed_on >= REVIEW_AFTER else ""


def lock_grants(agent_id: UUID) -> None:
    """Wait for whoever grants to this agent at the same time, to see what they granted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(access.grants_to(%s))", [agent_id])


def choices(passage: Passage) -> dict[str, list[tuple[str, str]]]:
    """Give what a grant may name: agents, roles and services of the organisme."""
    agents = sorted(AGENTS.rows(passage).filter(is_active=True), key=lambda a: (a.nom, a.prenom))
    return {
        "agent": [(str(a.pk), f"{a.nom_complet} ({a.identifiant})") for a in agents],
        "role": [
            (f"{c.system}:{role}", f"{label} — {c.label}")
            for c in REGISTRY
            for role, label in c.roles.items()
        ],
        "services": [(str(s.pk), s.nom) for s in SERVICES.rows(passage).order_by("nom")],
    }
