"""The Décision tab: simulate, decide, follow; and one page for each act."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel import notation
from egide.kernel.access.passage import Refused
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.versement import effet_suspension
from egide.systems.apa_ash.forms.simulation import SimulationForm, initial_simulation
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.attente import awaited, notice_of
from egide.systems.apa_ash.presentation.decision import decision_context, feuille_sums
from egide.systems.apa_ash.presentation.ressources import tell_old_ressources
from egide.systems.apa_ash.presentation.signature_arret import tell_beyond
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.queries.decision import (
    Situation,
    load_situation,
    read_hypotheses,
    simulate,
)
from egide.systems.apa_ash.queries.silence import silence_in
from egide.systems.apa_ash.services import (
    decisions,
    droits,
    effet,
    silence,
    trop_verses,
)
from egide.systems.apa_ash.views.actes import open_acte
from egide.systems.apa_ash.views.decisions_possibles import ACTES, FIN, FORFAIT, TARDIF


@view("GET", purpose=INSTRUCTION, verb="lire les décisions")
def decision(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the simulation, the acts that are possible, and the history of the file."""
    passage = request.passage
    situation = load_situation(passage, pk=pk)
    asked = "effet_on" in request.GET
    form = SimulationForm(
        request.GET if asked else None,
        initial=initial_simulation(situation, on=passage.on),
    )
    context = dossier_context(
        passage,
        situation.dossier,
        tab="decision",
        interruptions=situation.interruptions,
        silence=silence_in(situation, on=passage.on),
    )
    context |= awaited(passage, situation)
    context |= decision_context(
        situation,
        on=passage.on,
        heads=situation.dossier.service_id in passage.services((Role.RESPONSABLE,)),
        proposed={told.ordre for told in context["a_signer"]},
        warned=context["mise_en_demeure"] is not None,
    )
    context |= _simulation(situation, form, asked=asked)
    return render(
        request, "apa_ash/decision/decision.html", context, status=422 if form.errors else 200
    )


def _simulation(situation: Situation, form: SimulationForm, *, asked: bool) -> dict[str, Any]:
    """Compute under the hypotheses typed, or under those of the file once it has a plan.

    An empty plan gives nothing to compute: the legal threshold would read as a refusal.
    """
    hypotheses = None
    if asked and form.is_valid():
        hypotheses = form.hypotheses()
    elif not asked and situation.plan and situation.etablies:
        hypotheses = read_hypotheses(situation, effet_on=form.initial["effet_on"])
    feuille = None
    if hypotheses and hypotheses.plan_mensuel:
        feuille = simulate(situation.dossier, hypotheses=hypotheses)
    return {
        "form": form,
        "evaluated": bool(situation.plan or situation.evaluation),
        "plan_vide": bool(hypotheses and not hypotheses.plan_mensuel),
        "feuille": feuille,
        "sheet": feuille.lines() if feuille else (),
        "sums": feuille_sums(feuille) if feuille else [],
    }


@view("GET", "POST", purpose=INSTRUCTION, verb="préparer une décision")
def acte(request: AgentRequest, pk: UUID, code: str) -> HttpResponse:
    """Show the page of one act, and do it."""
    passage = request.passage
    entry = ACTES.get(code)
    if entry is None:
        raise Refused("préparer une décision", targets=[str(pk)])
    situation, form, context = open_acte(request, pk, entry.form)
    if code == FORFAIT and silence.is_late(situation, on=passage.on):
        return redirect("apa_ash:acte_decision", pk=pk, code=TARDIF)
    if form.is_bound and form.is_valid():
        try:
            made = entry.run(passage, dossier_id=pk, **form.cleaned_data)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, entry.fait)
            if code == FIN:
                _warn(request, situation, made)
            return redirect("apa_ash:decision", pk=pk)
    context |= {"titre": entry.titre, "explication": entry.explication}
    if code in BEFORE:
        context |= BEFORE[code](request, situation)
    return render(
        request, "apa_ash/decision/acte.html", context, status=422 if form.errors else 200
    )


def _warn(request: AgentRequest, situation: Situation, projet: Any) -> None:  # noqa: ANN401 -- a row
    """Tell what is paid already beyond the last day that was proposed, known once it is."""
    paid = trop_verses.paid_from(request.passage, situation)
    beyond = trop_verses.beyond_end(paid, situation, fin_on=projet.effet_on)
    for line in tell_beyond(beyond, of="du dernier jour"):
        messages.warning(request, line)


def _accord(request: AgentRequest, situation: Situation) -> dict[str, Any]:
    """Show before signing what would be granted, or why nothing can be."""
    event = effet.read_evenement(situation, on=request.passage.on)
    effet_on = event.effet_on if event else request.passage.on
    try:
        feuille = decisions.check_accord(situation, effet_on=effet_on, on=request.passage.on)
    except ActeRefuse as refusal:
        return {"empechement": str(refusal)}
    paid = trop_verses.paid_from(request.passage, situation)
    beyond = trop_verses.beyond_revision(paid, situation, feuille=feuille)
    return {
        "feuille": feuille,
        "evenement": event and notation.insecable(event.motif),
        "autre_plan": event and event.plan != situation.plan,
        "sheet": feuille.lines(),
        "sums": feuille_sums(feuille),
        "avance": droits.avance_versee(situation, until=effet_on),
        "anciennes": tell_old_ressources(situation, on=effet_on),
        "au_dela": tell_beyond(beyond, of="du droit abaissé"),
    }


def _rejet(request: AgentRequest, situation: Situation) -> dict[str, Any]:
    """Say before a ground is chosen what holds every refusal back."""
    try:
        silence.check_silence(situation, effet_on=request.passage.on, on=request.passage.on)
    except ActeRefuse as refusal:
        return {"empechement": str(refusal)}
    return {}


def _recall(request: AgentRequest, situation: Situation) -> dict[str, Any]:
    """Recall the notice that runs: what is put right, or suspended, has its ground."""
    return {"mise_en_demeure": notice_of(request.passage, situation)}


def _suspension(request: AgentRequest, situation: Situation) -> dict[str, Any]:
    """Tell beside the notice what is paid already for the days that would be suspended."""
    effet_on = effet_suspension(request.passage.on)
    paid = trop_verses.paid_from(request.passage, situation)
    beyond = trop_verses.beyond_suspension(paid, situation, effet_on=effet_on)
    told = tell_beyond(beyond, of="de la suspension")
    return _recall(request, situation) | {"au_dela": told}


# What is read before an act is done, beside its form.
BEFORE: Mapping[str, Callable[[AgentRequest, Situation], dict[str, Any]]] = {
    "accord": _accord,
    "rejet": _rejet,
    "regularisation": _recall,
    "suspension": _suspension,
}

urlpatterns = [
    path("instruction/dossiers/<uuid:pk>/decision", decision, name="decision"),
    path("instruction/dossiers/<uuid:pk>/decision/<slug:code>", acte, name="acte_decision"),
]
