"""The letters of a campaign: write them batch after batch, print them as one file."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel import notation
from egide.kernel.access.pages import read_page
from egide.kernel.access.passage import Refused
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.a_poster import PosteForm
from egide.systems.apa_ash.letters.liasse import bind
from egide.systems.apa_ash.presentation.campagne import job_courriers
from egide.systems.apa_ash.purposes import REVALORISATION
from egide.systems.apa_ash.queries.campagne import open_campagne
from egide.systems.apa_ash.queries.campagne_courriers import EtatCourriers, read_etat, read_part
from egide.systems.apa_ash.services.campagne_courriers import record_posted_part, write_batch


def courriers_context(campagne: Any, etat: EtatCourriers, *, on: date) -> dict[str, Any]:  # noqa: ANN401 -- a row
    """Give what the fragment of the letters shows."""
    form = PosteForm(initial={"poste_on": on})
    return {
        "campagne": campagne,
        "etat": etat,
        "envoi": job_courriers(campagne, etat),
        "depot": form,
    }


@view("POST", purpose=REVALORISATION, verb="écrire un lot de courriers de revalorisation")
def ecriture(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Write one batch; a page with htmx asks for the next, without it a button does."""
    htmx = request.headers.get("HX-Request")
    home = reverse("apa_ash:campagne", args=[pk])
    try:
        row = write_batch(request.passage, campagne_id=pk)
    except ActeRefuse as refused:
        messages.error(request, str(refused))
    else:
        etat = read_etat(request.passage, campagne=row)
        if etat.a_ecrire and htmx:
            context = courriers_context(row, etat, on=request.passage.on) | {"follow": True}
            return render(request, "apa_ash/campagne/courriers.html", context)
        if not etat.a_ecrire:
            messages.success(request, "Tous les courriers sont écrits : ils restent à imprimer.")
    return HttpResponse(headers={"HX-Redirect": home}) if htmx else redirect(home)


@view("GET", purpose=REVALORISATION, verb="imprimer les courriers d’une revalorisation")
def liasse(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the letters of one part as one PDF; nothing keeps a copy."""
    row = open_campagne(request.passage, pk=pk)
    part = read_page(request.GET.get("partie"))
    pdfs = read_part(request.passage, campagne=row, part=part)
    if not pdfs:
        raise Refused("imprimer des courriers", targets=[str(pk)])
    response = HttpResponse(bind(pdfs), content_type="application/pdf")
    name = f"courriers-{row.effet_on.isoformat()}-{part}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@view("POST", purpose=REVALORISATION, verb="noter postés les courriers d’une revalorisation")
def depot(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Note the letters of one part as posted, on a day."""
    open_campagne(request.passage, pk=pk)
    form, part = PosteForm(request.POST), read_page(request.POST.get("partie"))
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["poste_on"])))
        return redirect("apa_ash:campagne", pk=pk)
    day = form.cleaned_data["poste_on"]
    try:
        posted = record_posted_part(request.passage, campagne_id=pk, part=part, poste_on=day)
    except ActeRefuse as refused:
        messages.error(request, str(refused))
    else:
        told = notation.nombre_de(len(posted), "courrier noté posté")
        messages.success(request, f"{told} le {notation.jour(day)}.")
    return redirect("apa_ash:campagne", pk=pk)


urlpatterns = [
    path(
        "revalorisation/campagnes/<uuid:pk>/courriers",
        ecriture,
        name="campagne_courriers",
    ),
    path(
        "revalorisation/campagnes/<uuid:pk>/courriers.pdf",
        liasse,
        name="campagne_liasse",
    ),
    path("revalorisation/campagnes/<uuid:pk>/courriers/depot", depot, name="campagne_depot"),
]
