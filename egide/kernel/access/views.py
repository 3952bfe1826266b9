"""`@view` and `@act`: a declared method and purpose, one transaction, one line in the trail."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.utils import timezone

from egide.kernel.access.models import Agent
from egide.kernel.access.passage import Passage, Refused, enter, openings_of
from egide.kernel.access.policy import role_purposes
from egide.kernel.audit import trail
from egide.kernel.catalogue.declarations import REGISTRY, Purpose

P = ParamSpec("P")
R = TypeVar("R")

PARIS = ZoneInfo("Europe/Paris")


class AgentRequest(HttpRequest):
    """A request whose agent is known and whose passage is open."""

    user: Agent  # type: ignore[assignment] -- Django types it as any user
    passage: Passage
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Declared:
    """What a view declared: read by the sweeps and by the navigation."""

    methods: tuple[str, ...]
    purpose: Purpose


class StreamOutsideTransaction(Exception):
    """A streamed answer would read rows after its transaction and its trail are closed."""


def view(
    *methods: str, purpose: Purpose, verb: str = ""
) -> Callable[
    [Callable[Concatenate[AgentRequest, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """Serve a view under one purpose: sign-in, habilitation, role, transaction, trail.

    Refused (404) when no habilitation in force opens the purpose to the agent.
    """

    def decorate(
        serve: Callable[Concatenate[AgentRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @functools.wraps(serve)
        def served(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods and request.method != "HEAD":
                return HttpResponseNotAllowed(methods)
            # The lazy user is read here, before the role that could not read it is taken.
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            return _serve(request, serve, purpose, verb or serve.__name__, args, kwargs)

        served.declared = Declared(methods, purpose)  # type: ignore[attr-defined] -- for sweeps
        return served

    return decorate


def _serve(
    request: Any, serve: Any, purpose: Purpose, verb: str, args: Any, kwargs: Any
) -> HttpResponse:
    agent: Agent = request.user
    request.purpose = purpose
    agent.organisme  # noqa: B018 -- loaded now: the page shows it, the purpose's role cannot read it
    on = timezone.now().astimezone(PARIS).date()  # noqa: TID251 -- views read the clock
    openings = openings_of(agent, system=purpose.system, on=on)
    request.openings = openings
    roles = {o.role for o in openings}
    if not any(p == purpose and r in roles for s, r, p in role_purposes() if s == purpose.system):
        raise Refused(verb, targets=[str(v) for v in kwargs.values()])
    session = request.session.session_key or ""
    with enter(agent, purpose=purpose, openings=openings, session=session, on=on) as passage:
        request.passage = passage
        response: HttpResponse = serve(request, *args, **kwargs)
        if isinstance(response, StreamingHttpResponse):
            raise StreamOutsideTransaction(verb)
        passage.flush(verb)
    return response


def open_purposes(roles: Iterable[str], *, system: str) -> list[Purpose]:
    """Give the purposes that some roles open, in the order of the catalogue."""
    playing = set(roles)
    opened = {p for s, r, p in role_purposes() if s == system and r in playing}
    return [p for c in REGISTRY if c.system == system for p in c.purposes if p in opened]


def act(
    verb: str,
) -> Callable[[Callable[Concatenate[Passage, P], R]], Callable[Concatenate[Passage, P], R]]:
    """Make a service one act: all or nothing, with one line in the trail that names it.

    The service returns the row, or the rows, that it concerned. A `motif` argument is recorded.
    """

    def decorate(
        service: Callable[Concatenate[Passage, P], R],
    ) -> Callable[Concatenate[Passage, P], R]:
        @functools.wraps(service)
        def acted(passage: Passage, *args: P.args, **kwargs: P.kwargs) -> R:
            with transaction.atomic():
                result = service(passage, *args, **kwargs)
                trail.record(
                    verb,
                    system=passage.purpose.system,
                    subjects=passage.subjects | set(_subjects(result)),
                    fields=passage.fields,
                    motif=str(kwargs.get("motif", "")),
                )
                passage.subjects, passage.fields = set(), set()
                return result

        acted.verb = verb  # type: ignore[attr-defined] -- for sweeps
        return acted

    return decorate


def _subjects(result: object) -> Iterable[UUID]:
    if isinstance(result, models.Model):
        subject = REGISTRY.volet(result._meta.label).subject
        if subject:
            yield getattr(result, subject)
    elif isinstance(result, list | tuple):
        for row in result:
            yield from _subjects(row)
