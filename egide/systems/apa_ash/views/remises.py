"""Remissions: control asks, the head of the service decides (CASF L. 232-25)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.remises import DecisionRemiseForm, DemandeRemiseForm, Sort
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.controle import debtor
from egide.systems.apa_ash.presentation.indus import is_awaited
from egide.systems.apa_ash.presentation.remises import (
    COLUMNS,
    calculation,
    is_asked,
    is_own,
    remise_rows,
)
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION
from egide.systems.apa_ash.queries import remises as queries
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.indus import open_indu
from egide.systems.apa_ash.services import remises as services
from egide.systems.apa_ash.services.lettres_remise import estimate_retenue


@view("GET", "POST", purpose=CONTROLE, verb="demander la remise d’un indu")
def remise(request: AgentRequest, pk: UUID, indu: UUID) -> HttpResponse:
    """Show what was asked of a debt and decided, and record a request."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    debt = open_indu(passage, dossier_id=pk, pk=indu)
    form = DemandeRemiseForm(request.POST or None, on=passage.on)
    if request.method == "POST" and form.is_valid():
        try:
            services.request_remise(
                passage,
                jeton=form.cleaned_data["jeton"],
                dossier_id=pk,
                indu_id=indu,
                demande=form.demande,
            )
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Remise demandée\u00a0: le responsable du service la décide.")
            return redirect("apa_ash:remise", pk, indu)
    remises = queries.list_remises(passage, indu=debt, nature=queries.REMISE)
    context = dossier_context(passage, dossier, tab="situation") | {
        "form": form,
        "indu": debt,
        "debiteur": debtor(debt, dead=dossier.identite.deces_on is not None),
        "notifie": is_awaited(debt),
        "attendue": is_asked(remises),
        "columns": COLUMNS,
        "rows": remise_rows(remises),
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/controle/remise.html", context, status=status)


@view("GET", "POST", purpose=INSTRUCTION, verb="décider la remise d’un indu")
def remise_decision(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show a request with the calculation of its debt, and decide it."""
    passage = request.passage
    asked = queries.find_demandee(passage, pk=pk, nature=queries.REMISE)
    form = DecisionRemiseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            told = _decide(passage, pk, form)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, told)
            return redirect("apa_ash:a_signer")
    return _decision(request, asked, form)


def _decide(passage: Passage, pk: UUID, form: DecisionRemiseForm) -> str:
    motif = form.cleaned_data["motif"]
    if form.cleaned_data["sort"] == Sort.REFUS:
        services.refuse_remise(passage, remise_id=pk, motif=motif)
        return "Remise refusée\u00a0: le courrier est prêt."
    services.grant_remise(passage, remise_id=pk, motif=motif, montant=form.montant_remis)
    return "Remise accordée\u00a0: le courrier est prêt."


def _decision(
    request: AgentRequest,
    asked: Any,  # noqa: ANN401 -- a request with its debt, which screens do not name
    form: DecisionRemiseForm,
) -> HttpResponse:
    passage = request.passage
    dossier, indu = asked.dossier, asked.indu
    context = dossier_context(passage, dossier, tab="decision") | {
        "form": form,
        "remise": asked,
        "indu": indu,
        "debiteur": debtor(indu, dead=dossier.identite.deces_on is not None),
        "mine": is_own(passage, asked),
        "facts": calculation(
            indu,
            verse=queries.read_verse(passage, indu=indu),
            releve=queries.find_releve(passage, indu=indu),
            retenue=estimate_retenue(passage, dossier=dossier, indu=indu),
        ),
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/signature/remise.html", context, status=status)


urlpatterns = [
    path("controle/dossiers/<uuid:pk>/indus/<uuid:indu>/remise", remise, name="remise"),
    path("instruction/remises/<uuid:pk>", remise_decision, name="remise_decision"),
]
