"""The three acts on a habilitation; none of them is ever done for oneself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel.access.habilitations.policies import (
    AGENTS,
    HABILITATIONS,
    OUVERTURES,
    SERVICES,
)
from egide.kernel.access.habilitations.queries import lock_grants
from egide.kernel.access.models import Habilitation, HabilitationService
from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.catalogue.declarations import REGISTRY
from egide.kernel.refus import ActeRefuse, refusing


class OwnHabilitation(ActeRefuse):
    """Nobody grants or confirms their own habilitation."""

    message = (
        "Vous ne pouvez pas agir sur votre propre habilitation : demandez à un autre "
        "administrateur."
    )


class AlreadyGranted(ActeRefuse):
    """The agent already holds this role over a part of the period."""

    message = "Cet agent a déjà ce rôle sur une part de cette période."


class RolesASeparer(ActeRefuse):
    """The agent holds a role that should not meet this one; a reason of its own is asked for."""

    def __init__(self, cumuls: Sequence[str]) -> None:
        """Keep one sentence for each role that is in the way."""
        super().__init__(" ".join(cumuls))
        self.cumuls = tuple(cumuls)


@dataclass(frozen=True, slots=True)
class Grant:
    """What is granted: who, what, where, from when to when, and why."""

    agent_id: UUID
    system: str
    role: str
    service_ids: Sequence[UUID]
    start: date
    end: date
    motif: str
    cumul_motif: str = ""


@act("accorder une habilitation")
def grant_habilitation(
    passage: Passage,
    *,
    grant: Grant,
    at: datetime,
    motif: str,  # noqa: ARG001 -- `act` records it: why the role, and why two roles together
) -> Habilitation:
    """Open a role to an agent of the organisme, on some of its services, for a time.

    Refused when the agent holds a role to keep apart, unless the grant says why it may be so.
    """
    agent = AGENTS.get(passage, pk=grant.agent_id)
    if agent.pk == passage.agent.pk:
        raise OwnHabilitation
    known = {str(role) for c in REGISTRY if c.system == grant.system for role in c.roles}
    services = list(SERVICES.rows(passage).filter(pk__in=grant.service_ids))
    if grant.role not in known or len(services) != len(set(grant.service_ids)) or not services:
        raise Refused("accorder une habilitation", targets=map(str, grant.service_ids))
    lock_grants(agent.pk)
    cumuls = list_cumuls(passage, grant=grant)
    if cumuls and not grant.cumul_motif:
        raise RolesASeparer(cumuls)
    with refusing("habilitation_one_per_role", AlreadyGranted()), transaction.atomic():
        habilitation = HABILITATIONS.create(
            passage,
            organisme_id=passage.agent.organisme_id,
            agent_id=agent.pk,
            system=grant.system,
            role=grant.role,
            periode=DateRange(grant.start, grant.end),
            motif=grant.motif,
            cumul_motif=grant.cumul_motif if cumuls else "",
            granted_by_id=passage.agent.pk,
            granted_at=at,
            confirmed_on=passage.on,
        )
    OUVERTURES.create_many(
        passage,
        [
            HabilitationService(
                organisme_id=passage.agent.organisme_id,
                habilitation_id=habilitation.pk,
                service_id=service.pk,
            )
            for service in services
        ],
    )
    return habilitation


def list_cumuls(passage: Passage, *, grant: Grant) -> list[str]:
    """Tell, a sentence each, which roles held over the same days should not meet this one."""
    held = (
        HABILITATIONS.rows(passage)
        .filter(
            agent_id=grant.agent_id,
            system=grant.system,
            revoked_at__isnull=True,
            periode__overlap=DateRange(grant.start, grant.end),
        )
        .order_by("role", "pk")
    )
    labels = next((c.roles for c in REGISTRY if c.system == grant.system), {})
    reasons = {
        other: f"{separation.reason} ({separation.source})"
        for separation in REGISTRY.separations(grant.system)
        if (other := separation.other(grant.role))
    }
    meeting = dict.fromkeys(h.role for h in held if h.role in reasons)
    return [f"Déjà « {labels[role]} » : {reasons[role]}." for role in meeting]


@act("confirmer une habilitation")
def confirm_habilitation(passage: Passage, *, pk: UUID) -> Habilitation:
    """Say, at a review, that the agent still needs it."""
    habilitation = _to_change(passage, pk)
    HABILITATIONS.update(passage, habilitation, confirmed_on=passage.on)
    return habilitation


@act("retirer une habilitation")
def revoke_habilitation(passage: Passage, *, pk: UUID, at: datetime, motif: str) -> Habilitation:  # noqa: ARG001 -- `act` records the motif
    """Take it back at once; what was done under it stays in the trail."""
    habilitation = _to_change(passage, pk)
    HABILITATIONS.update(passage, habilitation, revoked_at=at)
    return habilitation


def _to_change(passage: Passage, pk: UUID) -> Habilitation:
    habilitation = HABILITATIONS.get(
        passage, pk=pk, revoked_at__isnull=True, action=Action.WRITE, lock=True
    )
    if habilitation.agent_id == passage.agent.pk:
        raise OwnHabilitation
    return habilitation
