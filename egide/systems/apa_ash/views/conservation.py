"""« Conservation »: until when a file is kept, what holds it, and the hold of its destruction."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.passage import Refused
from egide.kernel.access.people import names_of
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.conservation import GelForm, LeveeForm
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.queries.conservation import Conservation, read_conservation
from egide.systems.apa_ash.retention import ACTIVE, ARCHIVE
from egide.systems.apa_ash.services import conservation as services

ACTS: dict[str, tuple[type[forms.Form], Callable[..., Any], str]] = {
    "geler": (GelForm, services.freeze_dossier, "Dossier gelé."),
    "lever": (LeveeForm, services.lift_gel, "Gel levé."),
}


@view("GET", "POST", purpose=INSTRUCTION, verb="lire la conservation d’un dossier")
def conservation(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the days and the reasons; the head of the service holds the file, or lets it go."""
    found = read_conservation(request.passage, pk=pk)
    headed = found.dossier.service_id in request.passage.services((Role.RESPONSABLE,))
    if request.method == "POST" and not headed:
        raise Refused("geler la conservation d’un dossier", targets=[str(pk)])
    step = "lever" if found.gel else "geler"
    form_class, do, done = ACTS[step]
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            do(request.passage, dossier_id=pk, **form.cleaned_data)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("apa_ash:conservation", pk=pk)
    context = dossier_context(request.passage, found.dossier, tab="situation")
    context |= _shown(found) | {"form": form if headed else None, "etape": step}
    status = 422 if form.errors else 200
    return render(request, "apa_ash/dossiers/conservation.html", context, status=status)


def _shown(found: Conservation) -> dict[str, Any]:
    gel = found.gel
    return {
        "until": found.until,
        "until_source": ACTIVE.source,
        "archived_until": found.archived_until,
        "archived_source": ARCHIVE.end.source,
        "reasons": found.reasons,
        "gel": gel,
        "gel_par": "".join(names_of([gel.pose_par_id]).values()) if gel else "",
    }


urlpatterns = [
    path("instruction/dossiers/<uuid:pk>/conservation", conservation, name="conservation"),
]
