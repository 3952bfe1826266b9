"""Screens of the services that help at home."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.controle import PrestataireForm
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries.prestataire import list_prestataires, open_prestataire
from egide.systems.apa_ash.services.prestataire import Fiche, save_prestataire

FIELDS = ("nom", "siret", "finess", "adresse", "tarif_horaire", "iban", "actif")


@view("GET", purpose=CONTROLE, verb="lire les prestataires")
def prestataires(request: AgentRequest) -> HttpResponse:
    """List the services of the organisme."""
    rows = list_prestataires(request.passage)
    return render(request, "apa_ash/controle/prestataires.html", {"prestataires": rows})


@view("GET", "POST", purpose=CONTROLE, verb="créer un prestataire")
def nouveau_prestataire(request: AgentRequest) -> HttpResponse:
    """Create a service."""
    return _form(request, PrestataireForm(request.POST or None), pk=None)


@view("GET", "POST", purpose=CONTROLE, verb="modifier un prestataire")
def prestataire(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Change a service."""
    row = open_prestataire(request.passage, pk)
    initial = {name: getattr(row, name) for name in FIELDS}
    return _form(request, PrestataireForm(request.POST or None, initial=initial), pk=pk)


def _form(request: AgentRequest, form: PrestataireForm, *, pk: UUID | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            save_prestataire(
                request.passage,
                prestataire_id=pk or data["jeton"],
                fiche=Fiche(**{name: data[name] for name in FIELDS}),
            )
        except ActeRefuse as refusal:
            form.add_error("siret", str(refusal))
        else:
            messages.success(request, "Prestataire enregistré.")
            return redirect("apa_ash:prestataires")
    status = 422 if form.errors else 200
    context = {"form": form, "created": pk is None}
    return render(request, "apa_ash/controle/prestataire.html", context, status=status)


urlpatterns = [
    path("controle/prestataires", prestataires, name="prestataires"),
    path("controle/prestataires/nouveau", nouveau_prestataire, name="prestataire_nouveau"),
    path("controle/prestataires/<uuid:pk>", prestataire, name="prestataire"),
]
