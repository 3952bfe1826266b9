"""`@view` and `@act`: a declared method and purpose, one transaction, one line in the trail."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from egide.kernel.access.models import Agent, Organisme
from egide.kernel.access.passage import Opening, Passage, Refused, enter, openings_of
from egide.kernel.access.policy import role_purposes
from egide.kernel.audit import trail
from egide.kernel.catalogue.declarations import REGISTRY, Purpose

P = ParamSpec("P")
R = TypeVar("R")

PARIS = ZoneInfo("Europe/Paris")
# The parameter of searches: a name, which no address repeats.
NEVER_KEPT = "q"


class AgentRequest(HttpRequest):
    """A request whose agent is known and whose passage is open."""

    user: Agent
    passage: Passage
    purpose: Purpose
    openings: tuple[Opening, ...]
    organisme: Organisme
    on: date


@dataclass(frozen=True, slots=True)
class Declared:
    """What a view declared: read by the sweeps and by the navigation."""

    methods: tuple[str, ...]
    purpose: Purpose


DECLARED: dict[Callable[..., HttpResponse], Declared] = {}


class StreamOutsideTransaction(Exception):
    """A streamed answer would read rows after its transaction and its trail are closed."""


Serve = Callable[Concatenate[AgentRequest, P], HttpResponse]
Served = Callable[Concatenate[HttpRequest, P], HttpResponse]


def view(*methods: str, purpose: Purpose, verb: str = "") -> Callable[[Serve[P]], Served[P]]:
    """Serve a view under one purpose: sign-in, habilitation, role, transaction, trail.

    Refused (404) when no habilitation in force opens the purpose to the agent.
    """

    def decorate(serve: Serve[P]) -> Served[P]:
        named = verb or serve.__name__

        @functools.wraps(serve)
        def served(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            # HEAD is a GET without its body; on an act it would be a POST without its token.
            asked = "GET" if request.method == "HEAD" else request.method
            if asked not in methods:
                return HttpResponseNotAllowed(methods)
            # The lazy user is read here, before the role that could not read it is taken.
            if not request.user.is_authenticated:
                return _ask_to_sign_in(request, methods)
            agent_request = cast("AgentRequest", request)
            _admit(agent_request, purpose, verb=named, targets=kwargs.values())
            with enter(
                agent_request.user,
                purpose=purpose,
                openings=agent_request.openings,
                session=request.session.session_key or "",
                on=agent_request.on,
            ) as passage:
                agent_request.passage = passage
                response = serve(agent_request, *args, **kwargs)
                if response.streaming:
                    raise StreamOutsideTransaction(named)
                passage.flush(named)
            return response

        DECLARED[served] = Declared(methods, purpose)
        return cast("Served[P]", served)

    return decorate


def _ask_to_sign_in(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    """Lead to the sign-in and back; a fragment stays as it is, with what was typed around it."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    # An act has no page of its own to come back to.
    return redirect_to_login(_return_address(request) if "GET" in methods else "/")


def _return_address(request: HttpRequest) -> str:
    """Give where to come back to after the sign-in, without a name that was looked for."""
    if NEVER_KEPT not in request.GET:
        return request.get_full_path()
    kept = request.GET.copy()
    del kept[NEVER_KEPT]
    here = request.get_full_path().partition("?")[0]
    return f"{here}?{kept.urlencode()}" if kept else here


def _admit(
    request: AgentRequest, purpose: Purpose, *, verb: str, targets: Iterable[object]
) -> None:
    """Load what the purpose's role could not read, and refuse who holds no habilitation for it."""
    request.purpose = purpose
    request.organisme = request.user.organisme
    request.on = timezone.now().astimezone(PARIS).date()  # noqa: TID251 -- views read the clock
    request.openings = openings_of(request.user, on=request.on)
    if purpose not in open_purposes(request.openings):
        raise Refused(verb, targets=[str(target) for target in targets])


def open_purposes(openings: Iterable[Opening]) -> list[Purpose]:
    """Give the purposes that some openings allow, in the order of the catalogues."""
    playing = {(o.system, o.role) for o in openings}
    opened = {purpose for system, role, purpose in role_purposes() if (system, role) in playing}
    return [p for c in REGISTRY for p in c.purposes if p in opened]


Service = Callable[Concatenate[Passage, P], R]


# Every act by its function: the sweeps read it, to prove one line of the trail for each.
ACTS: dict[Callable[..., object], str] = {}


def act(verb: str) -> Callable[[Service[P, R]], Service[P, R]]:
    """Make a service one act: all or nothing, with one line in the trail that names it.

    The service returns the row, or the rows, that it concerned. A `motif` argument is recorded.
    """

    def decorate(service: Service[P, R]) -> Service[P, R]:
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

        ACTS[acted] = verb
        return cast("Service[P, R]", acted)

    return decorate


def _subjects(result: object) -> Iterable[UUID]:
    if isinstance(result, models.Model):
        subject = REGISTRY.volet(result._meta.label).subject
        if subject:
            yield getattr(result, subject)
    elif isinstance(result, list | tuple):
        for row in result:
            yield from _subjects(row)
