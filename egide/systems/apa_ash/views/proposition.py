"""The proposal that is sent and the answer that comes back, under two purposes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms import plan as forms
from egide.systems.apa_ash.policy import PLANS
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.plan import panel_context
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from egide.systems.apa_ash.queries import plan as queries
from egide.systems.apa_ash.queries.dossier import check_of_file, open_dossier
from egide.systems.apa_ash.queries.evaluation import last_evaluation
from egide.systems.apa_ash.queries.ressources import find_droit_ouvert
from egide.systems.apa_ash.services import proposition as services

DONE = {
    forms.ACCORD: "Accord enregistré : le dossier part à la décision.",
    forms.OBSERVATIONS: "Observations enregistrées : une proposition définitive est à préparer.",
    forms.REFUS: "Refus enregistré : la demande est réputée refusée et le courrier est écrit.",
    forms.SILENCE: "Silence constaté : la demande est réputée refusée et le courrier est écrit.",
}


@view("POST", purpose=EVALUATION, verb="envoyer la proposition de plan")
def plan_envoyer(request: AgentRequest, pk: UUID, plan_pk: UUID) -> HttpResponse:
    """Send the proposal."""
    check_of_file(request.passage, PLANS, pk=plan_pk, dossier_id=pk)
    try:
        services.propose_plan_aide(request.passage, plan_id=plan_pk)
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Proposition envoyée : la personne a dix jours pour répondre.")
    return redirect("apa_ash:evaluation_plan", pk=pk)


def _answer(request: AgentRequest, plan_pk: UUID, form: forms.ReponseForm) -> None:
    """Run the act that the answer calls for."""
    passage, data = request.passage, form.cleaned_data
    day = data["reponse_on"]
    match data["reponse"]:
        case forms.ACCORD:
            services.accept_plan_aide(passage, plan_id=plan_pk, reponse_on=day)
        case forms.OBSERVATIONS:
            services.record_observations(
                passage, plan_id=plan_pk, reponse_on=day, observations=data["observations"]
            )
        case forms.REFUS:
            services.refuse_plan_aide(passage, plan_id=plan_pk, reponse_on=day)
        case _:
            services.refuse_by_silence(passage, plan_id=plan_pk, recue_on=day)


def _reponse(
    request: AgentRequest, pk: UUID, plan_pk: UUID, *, back: str, done: str = ""
) -> HttpResponse:
    passage = request.passage
    dossier = open_dossier(passage, pk)
    check_of_file(passage, PLANS, pk=plan_pk, dossier_id=pk)
    data = request.POST if request.method == "POST" else None
    form = forms.ReponseForm(data, initial={"reponse_on": passage.on})
    if data is not None and form.is_valid():
        try:
            _answer(request, plan_pk, form)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, DONE[form.cleaned_data["reponse"]])
            return redirect(done or back, pk=pk)
    context = dossier_context(passage, dossier, tab="plan", interruptions=()) | {
        "form": form,
        "back_url": reverse(back, args=[pk]),
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/plan/reponse.html", context, status=status)


@view("GET", "POST", purpose=EVALUATION, verb="enregistrer la réponse de la personne")
def evaluation_reponse(request: AgentRequest, pk: UUID, plan_pk: UUID) -> HttpResponse:
    """Let the team record the answer."""
    return _reponse(request, pk, plan_pk, back="apa_ash:evaluation_plan")


@view("GET", "POST", purpose=INSTRUCTION, verb="enregistrer la réponse de la personne")
def plan_reponse(request: AgentRequest, pk: UUID, plan_pk: UUID) -> HttpResponse:
    """Let instruction record the answer."""
    return _reponse(request, pk, plan_pk, back="apa_ash:plan", done="apa_ash:dossier")


@view("GET", purpose=INSTRUCTION, verb="lire le plan d’aide")
def plan(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the plan to instruction, which changes none of its lines."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    current, former = queries.split_plans(queries.plans_of(passage, dossier))
    devis = queries.open_devis(passage, dossier=dossier, plan=current) if current else None
    context: dict[str, Any] = dossier_context(passage, dossier, tab="plan", interruptions=()) | {
        **panel_context(passage, devis=devis),
        "plans": former,
        "evaluation": last_evaluation(passage, dossier),
        "droit": find_droit_ouvert(passage, dossier=dossier),
    }
    return render(request, "apa_ash/plan/plan.html", context)


OF_PLAN = "dossiers/<uuid:pk>/plan/<uuid:plan_pk>"
urlpatterns = [
    path(f"evaluation/{OF_PLAN}/envoyer", plan_envoyer, name="plan_envoyer"),
    path(f"evaluation/{OF_PLAN}/reponse", evaluation_reponse, name="evaluation_reponse"),
    path("instruction/dossiers/<uuid:pk>/plan", plan, name="plan"),
    path(f"instruction/{OF_PLAN}/reponse", plan_reponse, name="plan_reponse"),
]
