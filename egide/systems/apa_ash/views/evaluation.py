"""The file as the équipe médico-sociale works on it: situation, visit, AGGIR grid."""

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.aggir import ENTREES, ILLUSTRATIVES, ResultatAggir, evaluate, from_adverbes
from egide.rules.apa.domicile import opens_right
from egide.systems.apa_ash.forms.evaluation import (
    BESOINS,
    GrilleForm,
    VisiteForm,
    letters_so_far,
)
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.evaluation import (
    DernierConstat,
    read_constat,
    team_choices,
    view_of,
)
from egide.systems.apa_ash.services import evaluation as services
from egide.systems.apa_ash.services.visites import AutreVisite, day_to_grade, visite_to_come

MISSING_SHOWN = 3


@view("GET", purpose=EVALUATION, verb="lire le dossier pour l’évaluer")
def evaluation_dossier(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show what the team needs before and after a visit."""
    dossier = open_dossier(request.passage, pk)
    vue = view_of(request.passage, dossier)
    context = dossier_context(request.passage, dossier, tab="situation") | {
        "vue": vue,
        "visite_a_venir": any(visite.realisee_on is None for visite, _ in vue.visites),
        "can_visit": dossier.etat in services.TO_VISIT,
        "can_evaluate": dossier.etat in services.TO_EVALUATE,
        "compte_rendu": any(
            not opens_right(made.gir, on=made.faite_on) for made, _ in vue.evaluations[:1]
        ),
    }
    return render(request, "apa_ash/evaluation/dossier.html", context)


def _visite(request: AgentRequest, pk: UUID, *, back: str) -> HttpResponse:
    """Serve the planning of a visit, under the purpose of the caller."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    known = visite_to_come(passage, dossier)
    initial: dict[str, Any] = {"jeton": uuid.uuid4(), "evaluateur": str(passage.agent.pk)}
    if known is not None:
        initial |= {
            "prevue_on": known.prevue_on,
            "creneau": known.creneau,
            "evaluateur": str(known.evaluateur_id),
        }
    data = request.POST if request.method == "POST" else None
    team = team_choices(passage, dossier)
    form = VisiteForm(data, initial=initial, on=passage.on, team=team)
    if data is not None and form.is_valid():
        try:
            done = _write_visite(passage, pk, form.cleaned_data)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(back, pk=pk)
    context = dossier_context(passage, dossier, tab="situation") | {
        "form": form,
        "known": known,
        "back_url": reverse(back, args=[pk]),
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/evaluation/visite.html", context, status=status)


def _write_visite(passage: Passage, pk: UUID, data: dict[str, Any]) -> str:
    """Plan a visit or note that it took place, as was said, and tell what was done."""
    common = {
        "dossier_id": pk,
        "jeton": data["jeton"],
        "creneau": data["creneau"],
        "evaluateur_id": data["evaluateur"],
    }
    if data["faite"]:
        services.note_visite(passage, faite_on=data["prevue_on"], **common)
        return f"Visite faite le {notation.jour(data['prevue_on'])}."
    planned = services.plan_visite(passage, prevue_on=data["prevue_on"], **common)
    return f"Visite prévue le {notation.jour(planned.prevue_on)}."


@view("GET", "POST", purpose=EVALUATION, verb="planifier une visite")
def evaluation_visite(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Let the team plan or move its visit."""
    return _visite(request, pk, back="apa_ash:evaluation_dossier")


@view("GET", "POST", purpose=INSTRUCTION, verb="planifier une visite")
def visite(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Let instruction plan or move the visit of the team."""
    return _visite(request, pk, back="apa_ash:dossier")


@view("GET", "POST", purpose=EVALUATION, verb="remplir la grille AGGIR")
def aggir(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the grid in force and the one to fill, and save it in one act."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    data = request.POST if request.method == "POST" else None
    initial = {"jeton": uuid.uuid4(), "faite_on": day_to_grade(passage, dossier)}
    form = GrilleForm(data, initial=initial, on=passage.on)
    if data is not None and form.is_valid():
        try:
            evaluation = services.record_evaluation(
                passage,
                dossier_id=pk,
                jeton=form.cleaned_data["jeton"],
                faite_on=form.cleaned_data["faite_on"],
                autre_visite=form.cleaned_data["autre_visite"],
                adverbes=form.adverbes,
                constat=form.constat,
            )
        except AutreVisite as refusal:
            form.add_error("faite_on", str(refusal))
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Grille enregistrée : GIR {evaluation.gir}.")
            if not opens_right(evaluation.gir, on=evaluation.faite_on):
                messages.info(
                    request,
                    "En GIR 5 ou 6, pas de plan d’aide : le compte rendu de visite conseille la "
                    "personne, et le dossier part à la décision.",
                )
                return redirect("apa_ash:compte_rendu", pk=pk)
            return redirect("apa_ash:evaluation_plan", pk=pk)
    context = dossier_context(passage, dossier, tab="aggir") | {
        "form": form,
        "result": _result(form),
        **_told(read_constat(passage, dossier)),
        "can_evaluate": dossier.etat in services.TO_EVALUATE,
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/evaluation/aggir.html", context, status=status)


def _told(constat: DernierConstat) -> dict[str, Any]:
    """Give what the last visit found as the page shows it: the grid, and what weighs nothing."""
    letters = constat.grid.illustratives if constat.grid else {}
    return {
        "made": constat.made,
        "grid": constat.grid,
        "illustratives": [(ILLUSTRATIVES[name], letter) for name, letter in letters.items()],
        "besoins": [
            (label, text)
            for name, (label, _) in BESOINS.items()
            if (text := getattr(constat.besoins, name, ""))
        ],
    }


@view("POST", purpose=EVALUATION, verb="calculer un GIR sans l’enregistrer")
def aggir_calcul(request: AgentRequest) -> HttpResponse:
    """Give the letters and the GIR of what is filled so far; nothing is read or kept."""
    form = GrilleForm(request.POST, on=request.passage.on)
    form.is_valid()
    context = {"form": form, "result": _result(form), "live": True}
    return render(request, "apa_ash/evaluation/_gir.html", context)


def _result(form: GrilleForm) -> dict[str, Any]:
    """Give the GIR of a full grid, or what is missing; never the GIR of a part."""
    if not form.is_bound:
        return {"letters": letters_so_far({}, on=form.on), "left": len(ENTREES)}
    adverbes = form.adverbes
    missing = [str(form.fields[e].label) for e in ENTREES if e not in adverbes]
    resultat: ResultatAggir | None = None
    if not missing:
        resultat = evaluate(from_adverbes(adverbes, on=form.on))
    return {
        "letters": letters_so_far(adverbes, on=form.on),
        "missing": missing[:MISSING_SHOWN],
        "left": len(missing),
        "others": max(len(missing) - MISSING_SHOWN, 0),
        "resultat": resultat,
        "sommes": list(resultat.sommes.items()) if resultat else [],
    }


urlpatterns = [
    path("evaluation/dossiers/<uuid:pk>", evaluation_dossier, name="evaluation_dossier"),
    path("evaluation/dossiers/<uuid:pk>/visite", evaluation_visite, name="evaluation_visite"),
    path("evaluation/dossiers/<uuid:pk>/aggir", aggir, name="aggir"),
    path("evaluation/aggir/calcul", aggir_calcul, name="aggir_calcul"),
    path("instruction/dossiers/<uuid:pk>/visite", visite, name="visite"),
]
