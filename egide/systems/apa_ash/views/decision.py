"""The Décision tab: simulate, decide, follow; and one page for each act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
from egide.systems.apa_ash.forms import decision as forms
from egide.systems.apa_ash.forms.simulation import SimulationForm, initial_simulation
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.attente import awaited, notice_of
from egide.systems.apa_ash.presentation.decision import decision_context, feuille_sums
from egide.systems.apa_ash.presentation.signature_arret import tell_beyond
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.queries.decision import (
    Situation,
    load_situation,
    read_hypotheses,
    simulate,
)
from egide.systems.apa_ash.services import (
    arrets,
    decisions,
    droits,
    effet,
    forfaits,
    projets,
    regularisations,
    revisions,
    silence,
    suspensions,
    trop_verses,
)
from egide.systems.apa_ash.views.actes import open_acte

FORFAIT, TARDIF, FIN = "forfait", "forfait-tardif", "fin"


@dataclass(frozen=True, slots=True)
class Acte:
    """An act as its page shows it: title, what it does, form, service, and what was done."""

    titre: str
    explication: str
    form: type[forms.ActeForm]
    run: Callable[..., Any]
    fait: str


ACTES = {
    "accord": Acte(
        "Proposer un accord",
        "Quelqu’un d’autre signe : la décision est prise et notifiée ce jour-là, et le droit "
        "s’ouvre alors, ou à la date d’effet qui est proposée. Le droit en cours et le "
        "forfait s’achèvent la veille. Le courrier est produit à la signature.",
        forms.AccordForm,
        projets.propose_accord,
        "Accord proposé à la signature.",
    ),
    "rejet": Acte(
        "Proposer un rejet",
        "Seuls les motifs que le dossier établit sont proposés. Quelqu’un d’autre signe, et le "
        "courrier est alors produit. Un droit déjà ouvert continue.",
        forms.RejetForm,
        projets.propose_rejet,
        "Rejet proposé à la signature.",
    ),
    FORFAIT: Acte(
        "Constater le forfait tacite",
        "Deux mois se sont écoulés depuis le dossier complet sans décision : la moitié du plafond "
        "du GIR 1 est due jusqu’à la décision expresse (CASF L. 232-14 et R. 232-29).",
        forms.ActeForm,
        forfaits.grant_forfait_tacite,
        "Forfait tacite ouvert. Le courrier est prêt.",
    ),
    TARDIF: Acte(
        "Proposer le forfait tacite",
        "La demande a été enregistrée ou accusée tardivement, ou le forfait remonte à un mois "
        "passé : quelqu’un d’autre signe. Le forfait reste dû depuis le lendemain des deux mois "
        "(CASF L. 232-14 et R. 232-29).",
        forms.ActeForm,
        projets.propose_forfait_tacite,
        "Forfait tacite proposé à la signature.",
    ),
    "urgence": Acte(
        "Proposer l’urgence",
        "L’urgence est attestée : le forfait est dû depuis la demande, quel que soit le jour de la "
        "signature (CASF L. 232-12 et R. 232-29). La proposition passe en tête des décisions à "
        "signer.",
        forms.ActeForm,
        projets.propose_urgence,
        "Attribution en urgence proposée à la signature.",
    ),
    "revision": Acte(
        "Ouvrir une révision",
        "Des éléments nouveaux changent la situation : l’instruction reprend, le droit en cours "
        "continue jusqu’à la nouvelle décision (CASF R. 232-28).",
        forms.RevisionForm,
        revisions.request_revision,
        "Révision ouverte. Le droit en cours continue.",
    ),
    "mise-en-demeure": Acte(
        "Mettre en demeure",
        "Par lettre recommandée avec avis de réception : la personne a un mois pour régulariser "
        "(CASF R. 232-16).",
        forms.MiseEnDemeureForm,
        suspensions.send_mise_en_demeure,
        "Mise en demeure prête : postez-la en recommandé avec avis de réception, puis notez-la "
        "postée.",
    ),
    "regularisation": Acte(
        "Constater la régularisation",
        "La personne a répondu : la mise en demeure prend fin, sans suspension. Une suspension qui "
        "attend sa signature n’est plus possible (CASF R. 232-16).",
        forms.RegularisationForm,
        regularisations.record_regularisation,
        "Régularisation constatée : la mise en demeure a pris fin.",
    ),
    "suspension": Acte(
        "Proposer la suspension",
        "Un mois après la réception de la mise en demeure, par décision motivée. Quelqu’un d’autre "
        "signe : le versement s’arrête au 1er du mois qui suit cette signature, qui notifie (CASF "
        "R. 232-16).",
        forms.SuspensionForm,
        arrets.propose_suspension,
        "Suspension proposée à la signature : le versement continue jusque-là.",
    ),
    "reprise": Acte(
        "Rétablir le versement",
        "Le versement reprend au 1er du mois de la régularisation (CASF R. 232-16).",
        forms.RepriseForm,
        suspensions.resume_droit,
        "Versement rétabli.",
    ),
    FIN: Acte(
        "Proposer la fin du droit",
        "Renonciation, départ vers un autre département, ou GIR 5 ou 6 après révision. Quelqu’un "
        "d’autre signe, et le courrier est alors produit. En cas de désaccord sur le domicile de "
        "secours, ouvrez sa page depuis la situation du dossier (CASF L. 122-4).",
        forms.FinForm,
        arrets.propose_fin,
        "Fin du droit proposée à la signature : le droit continue jusque-là.",
    ),
}


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
        passage, situation.dossier, tab="decision", interruptions=situation.interruptions
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
