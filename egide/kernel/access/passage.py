"""A passage: one agent, one purpose, one transaction, under the PostgreSQL role of that purpose."""

import hashlib
import hmac
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.http import Http404
from psycopg import Cursor

from egide.kernel.access.models import Agent, HabilitationService
from egide.kernel.access.names import purpose_role
from egide.kernel.audit import trail
from egide.kernel.catalogue.declarations import Purpose


class Refused(Http404):
    """The agent may not do this here. It looks like absence, and carries its attempt out."""

    def __init__(self, verb: str, *, targets: Iterable[str] = ()) -> None:
        """Keep what was tried, so that a middleware can record it after the rollback."""
        super().__init__("Introuvable")
        self.verb = verb
        self.targets = tuple(targets)


@dataclass(frozen=True, slots=True)
class Opening:
    """One role on one service, that a habilitation in force gives to an agent, and why it does."""

    habilitation_id: UUID
    system: str
    role: str
    service_id: UUID
    service: str
    start: date
    end: date
    motif: str
    granted_by: str


@dataclass(slots=True)
class Passage:
    """What a request may do, and what it has read so far."""

    agent: Agent
    purpose: Purpose
    openings: tuple[Opening, ...]
    on: date
    subjects: set[UUID] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)

    def services(self, roles: Iterable[str]) -> frozenset[UUID]:
        """Give the services where the agent plays one of these roles."""
        wanted = set(roles)
        return frozenset(o.service_id for o in self.openings if o.role in wanted)

    def service_name(self, service_id: UUID) -> str:
        """Give the name of a service that this passage opens."""
        return next((o.service for o in self.openings if o.service_id == service_id), "")

    def note(self, subjects: Iterable[UUID], fields: Iterable[str]) -> None:
        """Remember rows and columns that were read, for the trail of this passage."""
        self.subjects.update(subjects)
        self.fields.update(fields)

    def flush(self, verb: str) -> None:
        """Write the reads to the trail: one line a request, before its answer leaves."""
        if self.fields:
            trail.record(
                verb, system=self.purpose.system, subjects=self.subjects, fields=self.fields
            )
            self.subjects, self.fields = set(), set()


CURRENT: ContextVar[Passage | None] = ContextVar("passage", default=None)


def openings_of(agent: Agent, *, on: date) -> tuple[Opening, ...]:
    """Read the habilitations of an agent in force on a day, before any role is taken."""
    if not agent.is_active:
        return ()
    rows = HabilitationService.objects.filter(
        habilitation__agent=agent,
        habilitation__periode__contains=on,
        habilitation__revoked_at__isnull=True,
        organisme=agent.organisme_id,
        habilitation__organisme=agent.organisme_id,
        service__organisme=agent.organisme_id,
        service__organisme__engagement_conformite_on__lte=on,
    ).select_related("habilitation__granted_by", "service")
    rows = rows.defer("habilitation__granted_by__password")
    return tuple(
        Opening(
            habilitation_id=row.habilitation_id,
            system=row.habilitation.system,
            role=row.habilitation.role,
            service_id=row.service_id,
            service=row.service.nom,
            start=row.habilitation.periode.lower,
            # The end of a range of days is the first day outside it.
            end=row.habilitation.periode.upper - timedelta(days=1),
            motif=row.habilitation.motif,
            granted_by=row.habilitation.granted_by.nom_complet,
        )
        for row in rows.order_by("service__nom", "habilitation_id")
    )


def sign(agent_id: UUID, *, session: str, role: str, backend: int | None = None) -> str:
    """Make the signed statement that PostgreSQL will verify.

    It is worth two minutes, under one purpose role, over one connection (this one, unless told):
    stolen, it would be of no use to another session.
    """
    if backend is None:
        connection.ensure_connection()
        backend = connection.connection.info.backend_pid
    expires = int(time.time()) + settings.PASSAGE_SECONDS
    digest = hashlib.sha256(session.encode()).hexdigest()[:32]
    body = f"{agent_id}|{digest}|{role}|{uuid.uuid4()}|{expires}|{backend}"
    mac = hmac.new(settings.PASSAGE_KEY, body.encode(), hashlib.sha256).hexdigest()
    return f"{body}|{mac}"


def _take(signed: str, *, role: str | None = None) -> None:
    """Hand the signed statement over as a parameter, outside the text of any query.

    Django writes values into the text that it sends, where `pg_stat_activity` and the log of
    statements would show this one. The cursor is psycopg's own: the server binds what it is given.
    """
    taken = {"egide.passage": signed} | ({"role": role} if role else {})
    settings_of = ", ".join(f"set_config('{name}', %s, true)" for name in taken)
    connection.ensure_connection()
    raw = connection.connection
    usual, raw.cursor_factory = raw.cursor_factory, Cursor
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {settings_of}", list(taken.values()))
    finally:
        raw.cursor_factory = usual


@contextmanager
def enter(
    agent: Agent, *, purpose: Purpose, openings: tuple[Opening, ...], session: str, on: date
) -> Iterator[Passage]:
    """Open the transaction of a request, take the purpose's role, leave both at the end."""
    role = purpose_role(str(connection.settings_dict["NAME"]), purpose)
    here = tuple(o for o in openings if o.system == purpose.system)
    passage = Passage(agent=agent, purpose=purpose, openings=here, on=on)
    with transaction.atomic():
        _take(sign(agent.pk, session=session, role=role), role=role)
        token = CURRENT.set(passage)
        try:
            yield passage
        finally:
            CURRENT.reset(token)
        _leave()


def _leave() -> None:
    """Give the role back. Only a nested transaction (tests) outlives this: COMMIT resets it too."""
    if (
        connection.in_atomic_block
        and not connection.needs_rollback
        and len(connection.savepoint_ids)
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('role', 'none', true), set_config('egide.passage', '', true)"
            )


def record_refusal(agent: Agent, *, purpose: Purpose, session: str, refused: Refused) -> None:
    """Write a refused attempt in a transaction of its own, once the first is rolled back."""
    role = purpose_role(str(connection.settings_dict["NAME"]), purpose)
    with transaction.atomic():
        _take(sign(agent.pk, session=session, role=role))
        trail.record_refusal(refused.verb, system=purpose.system, targets=refused.targets)
