"""To whom the letters of an estate go: recorded after a death, replaced, taken away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.successions import SuccessionForm
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.personnes import find_succession
from egide.systems.apa_ash.services import successions as services


@view("GET", "POST", purpose=INSTRUCTION, verb="enregistrer le correspondant d’une succession")
def succession(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show to whom the letters of the estate go, and change it."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    known = find_succession(passage, dossier=dossier)
    initial = {name: getattr(known, name) for name in SuccessionForm.base_fields} if known else {}
    form = SuccessionForm(request.POST or None, initial=initial, on=passage.on)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_succession(passage, dossier_id=pk, correspondant=form.correspondant)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Les courriers de la succession partiront à cette adresse.")
            return redirect("apa_ash:succession", pk=pk)
    context = dossier_context(passage, dossier, tab="decision") | {"form": form, "known": known}
    status = 422 if form.errors else 200
    return render(request, "apa_ash/decision/succession.html", context, status=status)


@view("POST", purpose=INSTRUCTION, verb="retirer le correspondant d’une succession")
def succession_retirer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Take away who was recorded by mistake."""
    try:
        services.remove_succession(request.passage, dossier_id=pk)
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Correspondant retiré.")
    return redirect("apa_ash:succession", pk=pk)


urlpatterns = [
    path("instruction/dossiers/<uuid:pk>/succession", succession, name="succession"),
    path(
        "instruction/dossiers/<uuid:pk>/succession/retirer",
        succession_retirer,
        name="succession_retirer",
    ),
]
