"""The aids of a plan that are paid upon invoices: added to a draft, taken away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.passage import Refused
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.ponctuel import PonctuelleForm
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.plan import excess_said
from egide.systems.apa_ash.purposes import EVALUATION
from egide.systems.apa_ash.queries import plan as queries
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.services import ponctuelles as services


@view("GET", "POST", purpose=EVALUATION, verb="ajouter une aide ponctuelle au plan")
def ponctuelle_ajouter(request: AgentRequest, pk: UUID, plan_pk: UUID) -> HttpResponse:
    """Add an aid paid upon invoices to a draft."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    plan = next((p for p in queries.plans_of(passage, dossier) if p.pk == plan_pk), None)
    if plan is None:
        raise Refused("lire PlanAide", targets=[str(plan_pk)])
    form = PonctuelleForm(request.POST or None, services=queries.services_of(passage))
    if request.method == "POST" and form.is_valid():
        try:
            aide = services.add_ponctuelle(
                passage,
                plan_id=plan_pk,
                jeton=form.cleaned_data["jeton"],
                prevision=form.prevision,
            )
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            devis = queries.open_devis(passage, dossier=dossier, plan=plan)
            retenable = devis.ponctuel.retenable(aide) if devis.ponctuel else aide.montant
            if retenable < aide.montant:
                messages.warning(request, excess_said(retenable))
            else:
                messages.success(request, "Aide ponctuelle ajoutée au plan.")
            return redirect("apa_ash:evaluation_plan", pk=pk)
    devis = queries.open_devis(passage, dossier=dossier, plan=plan)
    context = dossier_context(passage, dossier, tab="plan") | {"form": form, "devis": devis}
    status = 422 if form.errors else 200
    return render(request, "apa_ash/plan/ponctuelle.html", context, status=status)


@view("POST", purpose=EVALUATION, verb="retirer une aide ponctuelle du plan")
def ponctuelle_retirer(request: AgentRequest, pk: UUID, plan_pk: UUID, aide: UUID) -> HttpResponse:
    """Take an aid paid upon invoices out of a draft."""
    try:
        services.remove_ponctuelle(request.passage, plan_id=plan_pk, aide_id=aide)
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Aide ponctuelle retirée du plan.")
    return redirect("apa_ash:evaluation_plan", pk=pk)


OF_PLAN = "evaluation/dossiers/<uuid:pk>/plan/<uuid:plan_pk>/ponctuelles"
urlpatterns = [
    path(OF_PLAN, ponctuelle_ajouter, name="ponctuelle_ajouter"),
    path(f"{OF_PLAN}/<uuid:aide>/retirer", ponctuelle_retirer, name="ponctuelle_retirer"),
]
