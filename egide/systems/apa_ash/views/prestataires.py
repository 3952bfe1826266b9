"""Screens of the services that help at home."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash.forms.controle import PrestataireForm, ReglementForm
from egide.systems.apa_ash.presentation.controle import REGLEMENT_COLUMNS, reglement_rows
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries.prestataire import list_prestataires, open_prestataire
from egide.systems.apa_ash.queries.service_fait import list_reglements, read_reglements
from egide.systems.apa_ash.services.prestataire import Fiche, choose_reglement, save_prestataire

FIELDS = ("nom", "siret", "finess", "adresse", "tarif_horaire", "iban", "actif")


@view("GET", purpose=CONTROLE, verb="lire les prestataires")
def prestataires(request: AgentRequest) -> HttpResponse:
    """List the services of the organisme."""
    passage = request.passage
    reglements, mois = read_reglements(passage), passage.on.replace(day=1)
    rows = [(p, reglements.service_fait(p.pk, mois=mois)) for p in list_prestataires(passage)]
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


@view("POST", purpose=CONTROLE, verb="choisir le mode de règlement d’un prestataire")
def reglement(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say how a service is paid from a month to come."""
    form = ReglementForm(request.POST)
    row = open_prestataire(request.passage, pk)
    if form.is_valid():
        data = form.cleaned_data
        try:
            choose_reglement(
                request.passage, prestataire_id=pk, mode=data["mode"], depuis=data["depuis"]
            )
        except ActeRefuse as refusal:
            form.add_error("depuis", str(refusal))
        else:
            messages.success(request, "Mode de règlement enregistré.")
            return redirect("apa_ash:prestataire", pk)
    initial = {name: getattr(row, name) for name in FIELDS}
    return _page(request, PrestataireForm(initial=initial), pk=pk, reglement=form)


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
    following = next_month(request.passage.on)
    return _page(request, form, pk=pk, reglement=ReglementForm(initial={"depuis": following}))


def _page(
    request: AgentRequest, form: PrestataireForm, *, pk: UUID | None, reglement: ReglementForm
) -> HttpResponse:
    here = "Modification" if pk else "Nouveau"
    context: dict[str, Any] = {
        "crumbs": [("Prestataires", reverse("apa_ash:prestataires")), (here, "")],
        "form": form,
        "created": pk is None,
    }
    if pk is not None:
        rows = list_reglements(request.passage, prestataire_id=pk)
        context |= {
            "pk": pk,
            "reglement": reglement,
            "reglement_columns": REGLEMENT_COLUMNS,
            "reglements": reglement_rows(rows, on=request.passage.on),
        }
    status = 422 if form.errors or reglement.errors else 200
    return render(request, "apa_ash/controle/prestataire.html", context, status=status)


urlpatterns = [
    path("controle/prestataires", prestataires, name="prestataires"),
    path("controle/prestataires/nouveau", nouveau_prestataire, name="prestataire_nouveau"),
    path("controle/prestataires/<uuid:pk>", prestataire, name="prestataire"),
    path("controle/prestataires/<uuid:pk>/reglement", reglement, name="prestataire_reglement"),
]
