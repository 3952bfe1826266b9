"""« Domicile de secours »: contest the competence, pass the file on, record the answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms import secours as f
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.secours import COLUMNS, is_over, litige_rows, next_step
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.secours import EN_COURS, list_litiges
from egide.systems.apa_ash.services import secours as services
from egide.systems.apa_ash.services.droit_en_cours import droit_continue


@view("GET", "POST", purpose=INSTRUCTION, verb="suivre le domicile de secours")
def secours(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show where the competence stands, and do its next step."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    litiges = list_litiges(passage, dossier=dossier)
    running = next((row for row in litiges if row.etat in EN_COURS), None)
    asked = request.POST.get("etape", "")
    shown = _forms(request, step=next_step(running), asked=asked)
    form = shown.get(asked)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            ACTS[asked](passage, dossier_id=pk, **form.cleaned_data)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, DONE[asked])
            return redirect("apa_ash:secours", pk=pk)
    context = dossier_context(passage, dossier, tab="situation") | {
        "forms": shown,
        "asked": form,
        "running": running,
        "over": is_over(dossier),
        "open_right": droit_continue(dossier),
        "ours": dossier.departement_secours == passage.agent.organisme.departement,
        "columns": COLUMNS,
        "rows": litige_rows(litiges),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "apa_ash/dossiers/secours.html", context, status=status)


def _forms(request: AgentRequest, *, step: str, asked: str) -> dict[str, forms.Form]:
    """Give the forms of the step: what comes next, and the way out."""
    on = request.passage.on

    def sent(name: str) -> Any:  # noqa: ANN401 -- a query dict
        return request.POST if request.method == "POST" and asked == name else None

    if step == "contester":
        return {step: f.ContestationForm(sent(step))}
    form = f.TransmissionForm if step == "transmettre" else f.CompetenceForm
    initial = {"transmis_on": on, "repondu_on": on}
    return {
        step: form(sent(step), on=on, initial=initial),
        "abandonner": f.AbandonForm(sent("abandonner"), on=on),
    }


ACTS: dict[str, Callable[..., Any]] = {
    "contester": services.contest_secours,
    "transmettre": services.transmit_dossier,
    "repondre": services.record_reponse_secours,
    "abandonner": services.abandon_litige,
}
DONE = {
    "contester": "Contestation enregistrée : transmettez le dossier dans le mois.",
    "transmettre": "Transmission enregistrée : l’autre département a un mois pour répondre.",
    "repondre": "Réponse enregistrée.",
    "abandonner": "Contestation abandonnée : la procédure reprend où elle en était.",
}

urlpatterns = [
    path("instruction/dossiers/<uuid:pk>/domicile-de-secours", secours, name="secours"),
]
