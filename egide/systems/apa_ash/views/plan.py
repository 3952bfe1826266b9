"""The plan d'aide, built line by line against its ceiling, with the participation beside it."""

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.delais import first_of_next_month
from egide.rules.apa.domicile import opens_right
from egide.systems.apa_ash.forms.plan import (
    AideForm,
    EffetForm,
    RefusPrestataireForm,
    VarianteForm,
    said,
)
from egide.systems.apa_ash.policy import PLANS
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.plan import panel_context
from egide.systems.apa_ash.purposes import EVALUATION
from egide.systems.apa_ash.queries import plan as queries
from egide.systems.apa_ash.queries.dossier import check_of_file, open_dossier
from egide.systems.apa_ash.queries.evaluation import last_evaluation
from egide.systems.apa_ash.services import plan as services


@view("GET", purpose=EVALUATION, verb="lire le plan d’aide")
def evaluation_plan(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the plan of a file, or how to start one."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    current, former = queries.split_plans(queries.plans_of(passage, dossier))
    devis = queries.open_devis(passage, dossier=dossier, plan=current) if current else None
    evaluation = last_evaluation(passage, dossier)
    startable = current is None or current.etat not in services.IN_THE_MAKING
    effet_on = first_of_next_month(passage.on)
    initial = {"jeton": uuid.uuid4(), "effet_on": effet_on}
    context = dossier_context(passage, dossier, tab="plan") | {
        **panel_context(passage, devis=devis),
        "plans": former,
        "evaluation": evaluation,
        "start_form": EffetForm(initial=initial, on=passage.on, revises=services.revises(dossier))
        if startable
        and evaluation
        and opens_right(evaluation.gir, on=effet_on)
        and dossier.etat in services.TO_PLAN
        else None,
    }
    return render(request, "apa_ash/plan/plan.html", context)


@view("POST", purpose=EVALUATION, verb="préparer un plan d’aide")
def plan_creer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Start a draft."""
    dossier = open_dossier(request.passage, pk)
    form = EffetForm(request.POST, on=request.passage.on, revises=services.revises(dossier))
    if not form.is_valid():
        messages.error(request, said(form))
        return redirect("apa_ash:evaluation_plan", pk=pk)
    try:
        services.open_plan_aide(request.passage, dossier_id=pk, **form.cleaned_data)
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
    return redirect("apa_ash:evaluation_plan", pk=pk)


def _open(passage: Passage, pk: UUID, plan_pk: UUID) -> queries.Devis:
    dossier = open_dossier(passage, pk)
    plan = next((p for p in queries.plans_of(passage, dossier) if p.pk == plan_pk), None)
    if plan is None:
        raise Refused("lire PlanAide", targets=[str(plan_pk)])
    return queries.open_devis(passage, dossier=dossier, plan=plan)


def _panel(request: AgentRequest, pk: UUID, plan_pk: UUID) -> HttpResponse:
    """Answer an act: the whole panel to htmx, the page to a plain browser."""
    if not request.headers.get("HX-Request"):
        return redirect("apa_ash:evaluation_plan", pk=pk)
    devis = _open(request.passage, pk, plan_pk)
    context = panel_context(request.passage, devis=devis)
    response = render(request, "apa_ash/plan/_panel.html", context)
    response["HX-Retarget"], response["HX-Reswap"] = "#plan", "outerHTML"
    return response


def _aide(request: AgentRequest, devis: queries.Devis, *, ligne: UUID | None) -> HttpResponse:
    """Serve the entry of one line: its form, then the act."""
    pk, plan_pk = devis.plan.dossier_id, devis.plan.pk
    line = next((x for x in devis.lignes if x.id == ligne), None)
    if ligne is not None and line is None:
        raise Refused("lire LignePlan", targets=[str(ligne)])
    data = request.POST if request.method == "POST" else None
    form = AideForm(
        data,
        initial=_initial(line),
        services=queries.services_of(request.passage),
        tarif_url=reverse("apa_ash:plan_tarif"),
    )
    if data is not None and form.is_valid():
        try:
            services.write_aide(
                request.passage,
                plan_id=plan_pk,
                jeton=form.cleaned_data["jeton"],
                ligne_id=ligne,
                aide=form.aide,
            )
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            return _panel(request, pk, plan_pk)
    context: dict[str, Any] = {"form": form, "devis": devis, "line": line}
    template = "apa_ash/plan/_aide.html"
    if not request.headers.get("HX-Request"):
        dossier = open_dossier(request.passage, pk)
        context |= dossier_context(request.passage, dossier, tab="plan")
        template = "apa_ash/plan/aide.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _initial(line: queries.LigneDevis | None) -> dict[str, Any]:
    if line is None:
        return {"jeton": uuid.uuid4()}
    return {
        "jeton": line.id,
        "nature": line.nature,
        "mode": line.mode,
        "prestataire": str(line.prestataire_id or ""),
        "volume_mensuel": line.volume_mensuel,
        "unite": line.unite,
        "tarif": line.tarif,
    }


@view("GET", "POST", purpose=EVALUATION, verb="ajouter une aide au plan")
def plan_ajouter(request: AgentRequest, pk: UUID, plan_pk: UUID) -> HttpResponse:
    """Add a line to a draft."""
    return _aide(request, _open(request.passage, pk, plan_pk), ligne=None)


@view("GET", "POST", purpose=EVALUATION, verb="modifier une aide du plan")
def plan_modifier(request: AgentRequest, pk: UUID, plan_pk: UUID, ligne: UUID) -> HttpResponse:
    """Change a line of a draft."""
    return _aide(request, _open(request.passage, pk, plan_pk), ligne=ligne)


@view("POST", purpose=EVALUATION, verb="retirer une aide du plan")
def plan_retirer(request: AgentRequest, pk: UUID, plan_pk: UUID, ligne: UUID) -> HttpResponse:
    """Take a line out of a draft."""
    check_of_file(request.passage, PLANS, pk=plan_pk, dossier_id=pk)
    try:
        services.remove_aide(request.passage, plan_id=plan_pk, ligne_id=ligne)
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
        return redirect("apa_ash:evaluation_plan", pk=pk)
    return _panel(request, pk, plan_pk)


@view("POST", purpose=EVALUATION, verb="fixer la date d’effet du plan")
def plan_effet(request: AgentRequest, pk: UUID, plan_pk: UUID) -> HttpResponse:
    """Move the day from which a draft takes effect."""
    _open(request.passage, pk, plan_pk)
    form = EffetForm(request.POST, on=request.passage.on)
    if not form.is_valid():
        messages.error(request, said(form))
        return redirect("apa_ash:evaluation_plan", pk=pk)
    try:
        services.move_plan_aide(
            request.passage, plan_id=plan_pk, effet_on=form.cleaned_data["effet_on"]
        )
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
    return redirect("apa_ash:evaluation_plan", pk=pk)


@view("POST", purpose=EVALUATION, verb="enregistrer le refus du service prestataire")
def plan_refus_prestataire(request: AgentRequest, pk: UUID, plan_pk: UUID) -> HttpResponse:
    """Record on a draft that the person refused a service prestataire, or take it back."""
    _open(request.passage, pk, plan_pk)
    form = RefusPrestataireForm(request.POST)
    if not form.is_valid():
        messages.error(request, said(form))
        return redirect("apa_ash:evaluation_plan", pk=pk)
    refus_on = form.cleaned_data["refus_on"]
    try:
        services.record_refus_prestataire(request.passage, plan_id=plan_pk, refus_on=refus_on)
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
    else:
        done = "Refus écrit enregistré." if refus_on else "Refus retiré du plan."
        messages.success(request, done)
    return redirect("apa_ash:evaluation_plan", pk=pk)


@view("GET", purpose=EVALUATION, verb="lire le tarif d’un service")
def plan_tarif(request: AgentRequest) -> HttpResponse:
    """Give the tariff field, filled from the service that was chosen."""
    try:
        chosen = UUID(request.GET.get("prestataire", ""))
    except ValueError:
        chosen = None
    found = queries.service_of(request.passage, prestataire_id=chosen) if chosen else None
    form = AideForm(
        initial={"prestataire": chosen, "tarif": found.tarif_horaire if found else None},
        services=[found] if found else (),
        tarif_url="",
    )
    response = render(request, "apa_ash/plan/_tarif.html", {"form": form})
    response["HX-Trigger-After-Settle"] = "tarif-connu"
    return response


@view("POST", purpose=EVALUATION, verb="chiffrer une aide sans l’enregistrer")
def plan_apercu(request: AgentRequest, pk: UUID, plan_pk: UUID) -> HttpResponse:
    """Compute the plan with the line being typed; nothing is kept."""
    dossier = open_dossier(request.passage, pk)
    devis = _open(request.passage, pk, plan_pk)
    form = AideForm(request.POST, services=queries.services_of(request.passage), tarif_url="")
    typed = form.aide if form.is_valid() else None
    if typed is not None:
        devis = queries.with_aide(
            request.passage,
            dossier=dossier,
            devis=devis,
            aide=typed,
            ligne=form.cleaned_data["jeton"],
        )
    context = panel_context(request.passage, devis=devis) | {
        "essai": "aide en cours de saisie, non enregistrée" if typed else "",
    }
    return render(request, "apa_ash/plan/_chiffrage.html", context)


@view("GET", "POST", purpose=EVALUATION, verb="simuler une variante du plan")
def plan_variante(request: AgentRequest, pk: UUID, plan_pk: UUID) -> HttpResponse:
    """Try other volumes; nothing is kept."""
    dossier = open_dossier(request.passage, pk)
    devis = _open(request.passage, pk, plan_pk)
    data = request.POST if request.method == "POST" else None
    form = VarianteForm(data, lignes=devis.lignes)
    variante = devis
    if data is not None:
        form.is_valid()
        variante = queries.simulate(
            request.passage, dossier=dossier, plan=devis.plan, volumes=form.volumes
        )
    context = dossier_context(request.passage, dossier, tab="plan") | {
        **panel_context(request.passage, devis=variante),
        "base": devis,
        "form": form,
        "lines": [(line, form[f"volume_{line.id}"]) for line in variante.lignes],
    }
    live = request.headers.get("HX-Request") and data is not None
    template = "apa_ash/plan/_variante.html" if live else "apa_ash/plan/variante.html"
    return render(request, template, context)


OF_PLAN = "evaluation/dossiers/<uuid:pk>/plan/<uuid:plan_pk>"
urlpatterns = [
    path("evaluation/dossiers/<uuid:pk>/plan", evaluation_plan, name="evaluation_plan"),
    path("evaluation/dossiers/<uuid:pk>/plan/creer", plan_creer, name="plan_creer"),
    path(f"{OF_PLAN}/aides", plan_ajouter, name="plan_ajouter"),
    path(f"{OF_PLAN}/aides/<uuid:ligne>", plan_modifier, name="plan_modifier"),
    path(f"{OF_PLAN}/aides/<uuid:ligne>/retirer", plan_retirer, name="plan_retirer"),
    path(f"{OF_PLAN}/effet", plan_effet, name="plan_effet"),
    path(f"{OF_PLAN}/refus-prestataire", plan_refus_prestataire, name="plan_refus_prestataire"),
    path("evaluation/prestataires/tarif", plan_tarif, name="plan_tarif"),
    path(f"{OF_PLAN}/apercu", plan_apercu, name="plan_apercu"),
    path(f"{OF_PLAN}/variante", plan_variante, name="plan_variante"),
]
