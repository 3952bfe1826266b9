"""The page « Conformité »: each clause, what proves it, and where it stands."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from egide.kernel.access.models import Agent
from egide.kernel.access.passage import openings_of
from egide.kernel.conformity.report import STATUSES, for_page


@require_GET
@login_required
def conformite(request: HttpRequest) -> HttpResponse:
    """Show the clauses of the active systems, all or those of one state; no personal data."""
    if isinstance(request.user, Agent):
        # No purpose is taken here: the navigation alone needs what the agent may open.
        request.openings = openings_of(  # type: ignore[attr-defined]  # as AgentRequest has it
            request.user, on=timezone.localdate()
        )
    wanted = request.GET.get("etat", "")
    state = wanted if wanted in STATUSES else ""
    report = for_page()
    for system in report["systemes"]:
        system["lignes"] = [
            line for line in system["lignes"] if not state or line["statut"] == state
        ]
    return render(request, "conformite.html", report | {"choices": _choices(state), "state": state})


def _choices(state: str) -> list[dict[str, Any]]:
    everything = {"label": "Toutes", "etat": "", "current": not state}
    return [
        everything,
        *({"label": s.capitalize(), "etat": s, "current": s == state} for s in STATUSES),
    ]
