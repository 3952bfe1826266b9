"""The habilitations of an organisme, those to confirm first."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from egide.kernel.access.habilitations.policies import (
    AGENTS,
    HABILITATIONS,
    OUVERTURES,
    SERVICES,
)
from egide.kernel.access.models import Habilitation
from egide.kernel.access.passage import Passage
from egide.kernel.access.rows import Traced
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


class Vue(StrEnum):
    """Which habilitations are looked at."""

    TOUTES = "toutes"
    A_CONFIRMER = "a-confirmer"
    CUMULS = "cumuls"


class Counts(NamedTuple):
    """How many habilitations are in force or to come, and how many of them are to confirm."""

    held: int
    due: int


def count(passage: Passage) -> Counts:
    """Count those in force or to come, and those to confirm, in one statement."""
    told = _held(passage).aggregate(held=Count("pk"), due=Count("pk", filter=_due(passage.on)))
    return Counts(**told)


def review(passage: Passage, *, vue: Vue = Vue.TOUTES, page: int = 1) -> tuple[list[Row], bool]:
    """List a page of those in force or to come, the first to confirm first; tell if others follow.

    In five statements whatever their number.
    """
    wanted = {
        Vue.TOUTES: Q(),
        Vue.A_CONFIRMER: _due(passage.on),
        Vue.CUMULS: ~Q(cumul_motif=""),
    }
    rows = _held(passage).filter(wanted[vue]).order_by("confirmed_on", "pk")
    start = (page - 1) * PAGE
    found = list(rows[start : start + PAGE + 1])
    return _tell(passage, found[:PAGE]), len(found) > PAGE


def find(passage: Passage, *, pk: UUID) -> Row | None:
    """Give one habilitation in force or to come."""
    return next(iter(_tell(passage, list(_held(passage).filter(pk=pk)))), None)


def _held(passage: Passage) -> Traced[Habilitation]:
    return HABILITATIONS.rows(passage).filter(
        revoked_at__isnull=True, periode__endswith__gt=passage.on
    )


def _due(on: date) -> Q:
    """Tell in SQL what `_state` tells of one."""
    return Q(confirmed_on__lte=on - REVIEW_AFTER) | Q(periode__endswith__lte=on + ENDS_SOON)


def _tell(passage: Passage, found: list[Habilitation]) -> list[Row]:
    agents = {agent.pk: agent for agent in AGENTS.rows(passage)}
    services = {service.pk: service.nom for service in SERVICES.rows(passage)}
    opened: dict[UUID, list[str]] = {}
    for opening in OUVERTURES.rows(passage).filter(habilitation_id__in=[h.pk for h in found]):
        opened.setdefault(opening.habilitation_id, []).append(services[opening.service_id])
    roles = {(c.system, str(role)): label for c in REGISTRY for role, label in c.roles.items()}
    return [
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
