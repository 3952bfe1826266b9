"""« Aidant hospitalisé »: record a stay, its proof, decide on the relay, end it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.passage import Refused
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms import ponctuel as f
from egide.systems.apa_ash.forms.champs import ids_of
from egide.systems.apa_ash.policy import RELAIS, SIGNATAIRES
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.ponctuel import relais_rows
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries import ponctuel as queries
from egide.systems.apa_ash.queries.decision import load_situation
from egide.systems.apa_ash.queries.dossier import check_of_file, open_dossier
from egide.systems.apa_ash.queries.personnes import list_aidants
from egide.systems.apa_ash.queries.plan import services_of
from egide.systems.apa_ash.queries.silence import silence_in
from egide.systems.apa_ash.services import projets
from egide.systems.apa_ash.services import relais as services
from egide.systems.apa_ash.views.actes import take_step

PAGE = "apa_ash:relais"


@view("GET", purpose=INSTRUCTION, verb="suivre l’hospitalisation d’un aidant")
def relais(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the stays of the carers, what each was granted, and what may follow."""
    return _page(request, pk)


def _page(request: AgentRequest, pk: UUID, refused: forms.Form | None = None) -> HttpResponse:
    passage = request.passage
    situation = load_situation(passage, pk=pk)
    found = queries.list_relais(passage, dossier=situation.dossier)
    context = dossier_context(
        passage,
        situation.dossier,
        tab="decision",
        interruptions=situation.interruptions,
        silence=silence_in(situation, on=passage.on),
    )
    context["refused"] = refused
    context["rows"] = relais_rows(found, situation=situation, refused=refused)
    context["signe_ici"] = situation.dossier.service_id in passage.services(SIGNATAIRES)
    status = 422 if refused else 200
    return render(request, "apa_ash/decision/relais.html", context, status=status)


@view("GET", "POST", purpose=INSTRUCTION, verb="enregistrer l’hospitalisation d’un aidant")
def relais_nouveau(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record the stay of a carer."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    form = f.RelaisForm(
        request.POST or None,
        aidants=list_aidants(passage, dossier=dossier),
        services=services_of(passage),
        on=passage.on,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.record_relais(
                passage, dossier_id=pk, jeton=form.cleaned_data["jeton"], sejour=form.sejour
            )
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Hospitalisation de l’aidant enregistrée\u00a0: à décider.")
            return redirect(PAGE, pk=pk)
    context = dossier_context(passage, dossier, tab="decision") | {"form": form}
    status = 422 if form.errors else 200
    return render(request, "apa_ash/decision/relais_nouveau.html", context, status=status)


STEPS: dict[str, tuple[type[forms.Form], Callable[..., Any], str]] = {
    "justificatif": (f.JustificatifForm, services.prove_relais, "Justificatif enregistré."),
    "accord": (
        f.AccordRelaisForm,
        projets.propose_relais,
        "Accord du relais proposé à la signature.",
    ),
    "refus": (
        f.RefusRelaisForm,
        projets.propose_refus_relais,
        "Refus du relais proposé à la signature.",
    ),
    "sortie": (
        f.SortieRelaisForm,
        services.end_relais,
        "Sortie enregistrée\u00a0: le relais est clos.",
    ),
}


@view("POST", purpose=INSTRUCTION, verb="décider du relais d’un aidant")
def relais_etape(request: AgentRequest, pk: UUID, relais_pk: UUID, etape: str) -> HttpResponse:
    """Do the next step of one relay; what is refused comes back on the page of the stays."""
    if etape not in STEPS:
        raise Refused("décider du relais d’un aidant", targets=[str(relais_pk)])
    check_of_file(request.passage, RELAIS, pk=relais_pk, dossier_id=pk)
    form_class, run, done = STEPS[etape]
    return take_step(
        request,
        form_class(request.POST, auto_id=ids_of(relais_pk)),
        run,
        show=lambda refused: _page(request, pk, refused),
        done=done,
        page=PAGE,
        pk=pk,
        dossier_id=pk,
        relais_id=relais_pk,
    )


urlpatterns = [
    path("instruction/dossiers/<uuid:pk>/relais", relais, name="relais"),
    path("instruction/dossiers/<uuid:pk>/relais/nouveau", relais_nouveau, name="relais_nouveau"),
    path(
        "instruction/dossiers/<uuid:pk>/relais/<uuid:relais_pk>/<slug:etape>",
        relais_etape,
        name="relais_etape",
    ),
]
