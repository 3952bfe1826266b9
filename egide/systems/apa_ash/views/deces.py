"""The death of a person: confirmed before it is recorded, and undone by the head of the service."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.passage import Refused
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.decision import AnnulationForm, DecesForm
from egide.systems.apa_ash.presentation.decision import deces_consequences
from egide.systems.apa_ash.purposes import INSTRUCTION, Role
from egide.systems.apa_ash.services import annulation, fins
from egide.systems.apa_ash.services.silence import silence_due
from egide.systems.apa_ash.views.actes import open_acte


@view("GET", "POST", purpose=INSTRUCTION, verb="enregistrer un décès")
def deces(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Ask the day, show whom the death closes the file of, and record it once confirmed."""
    passage = request.passage
    situation, form, context = open_acte(request, pk, DecesForm)
    if form.is_bound and form.is_valid():
        try:
            fins.check_deces(situation, deces_on=form.day, on=passage.on)
            if not form.cleaned_data["confirme"]:
                excess = fins.trop_verse(passage, situation=situation, deces_on=form.day)
                due = silence_due(situation, effet_on=fins.due_until(form.day), on=passage.on)
                context |= deces_consequences(
                    situation, deces_on=form.day, excess=excess, silence=due
                )
                return render(request, "apa_ash/decision/deces.html", context)
            jeton = form.cleaned_data["jeton"]
            fins.record_deces(passage, jeton=jeton, dossier_id=pk, deces_on=form.day)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Décès enregistré. Le dossier est clos.")
            return redirect("apa_ash:decision", pk=pk)
    context |= {
        "titre": "Enregistrer un décès",
        "bouton": "Continuer",
        "explication": "Le droit s’achève au jour du décès ; ce qui a été versé au-delà est "
        "signalé au contrôle. Vous relirez avant de confirmer.",
    }
    return _acte(request, context, refused=bool(form.errors))


@view("GET", "POST", purpose=INSTRUCTION, verb="annuler un décès")
def annuler_deces(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Undo a death that was recorded by mistake."""
    passage = request.passage
    situation, form, context = open_acte(request, pk, AnnulationForm)
    if situation.dossier.service_id not in passage.services((Role.RESPONSABLE,)):
        raise Refused("annuler un décès", targets=[str(pk)])
    if form.is_bound and form.is_valid():
        try:
            annulation.cancel_deces(passage, dossier_id=pk, **form.cleaned_data)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Décès annulé : le dossier est rouvert tel qu’il était.")
            return redirect("apa_ash:decision", pk=pk)
    context |= {
        "titre": "Annuler le décès",
        "explication": "Le dossier et ses droits redeviennent ce qu’ils étaient avant "
        "l’enregistrement. Les indus ouverts par ce décès sont retirés s’ils ne sont pas "
        "remboursés, et leurs courriers sont dits sans objet : prévenez les destinataires.",
    }
    return _acte(request, context, refused=bool(form.errors))


def _acte(request: AgentRequest, context: dict[str, Any], *, refused: bool) -> HttpResponse:
    status = 422 if refused else 200
    return render(request, "apa_ash/decision/acte.html", context, status=status)


urlpatterns = [
    path("instruction/dossiers/<uuid:pk>/decision/deces", deces, name="deces"),
    path("instruction/dossiers/<uuid:pk>/deces/annuler", annuler_deces, name="annuler_deces"),
]
