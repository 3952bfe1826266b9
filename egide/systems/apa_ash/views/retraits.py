"""Withdrawals: control asks, the head of the service decides what was never owed (L. 134-2)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.retraits import (
    DecisionRetraitForm,
    DemandeRetraitForm,
    SortRetrait,
)
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.controle import debtor
from egide.systems.apa_ash.presentation.remises import COLUMNS, is_asked, is_own, remise_rows
from egide.systems.apa_ash.presentation.retraits import withdrawal_facts
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION
from egide.systems.apa_ash.queries import remises as queries
from egide.systems.apa_ash.queries.retraits import Calcul, compute_du, open_claim
from egide.systems.apa_ash.services import retraits as services


@view("GET", "POST", purpose=CONTROLE, verb="demander le retrait d’un indu")
def retrait(request: AgentRequest, pk: UUID, indu: UUID) -> HttpResponse:
    """Show what is owed now of a debt, what was asked and decided, and record a request."""
    passage = request.passage
    debt, indus = open_claim(passage, dossier_id=pk, pk=indu)
    dossier = debt.dossier
    form = DemandeRetraitForm(request.POST or None, on=passage.on)
    if request.method == "POST" and form.is_valid():
        try:
            services.request_retrait(
                passage,
                jeton=form.cleaned_data["jeton"],
                dossier_id=pk,
                indu_id=indu,
                demande=form.demande,
            )
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Retrait demandé\u00a0: le responsable du service le décide.")
            return redirect("apa_ash:retrait", pk, indu)
    retraits = queries.list_remises(passage, indu=debt, nature=queries.RETRAIT)
    calcul = compute_du(passage, dossier=dossier, indu=debt, indus=indus)
    context = _shown(passage, dossier, debt, calcul) | {
        "form": form,
        "retirable": debt.etat in queries.RETIRABLES and calcul.du < debt.du,
        "attendu": is_asked(retraits),
        "columns": COLUMNS,
        "rows": remise_rows(retraits),
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/controle/retrait.html", context, status=status)


@view("GET", "POST", purpose=INSTRUCTION, verb="décider le retrait d’un indu")
def retrait_decision(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show a request with its debt calculated again, and decide it."""
    passage = request.passage
    asked = queries.find_demandee(passage, pk=pk, nature=queries.RETRAIT)
    form = DecisionRetraitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            told = _decide(passage, pk, form)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, told)
            return redirect("apa_ash:a_signer")
    return _decision(request, asked, form)


def _decide(passage: Passage, pk: UUID, form: DecisionRetraitForm) -> str:
    data = form.cleaned_data
    if data["sort"] == SortRetrait.REFUS:
        services.refuse_retrait(passage, remise_id=pk, motif=data["motif"])
        return "Indu maintenu\u00a0: le courrier est prêt."
    services.grant_retrait(passage, remise_id=pk, motif=data["motif"], lu=data["lu"])
    return "Indu retiré\u00a0: le courrier est prêt."


def _decision(
    request: AgentRequest,
    asked: Any,  # noqa: ANN401 -- a request with its debt, which screens do not name
    form: DecisionRetraitForm,
) -> HttpResponse:
    passage, indu = request.passage, asked.indu
    # The request comes with its file and who the file is about.
    dossier = asked.dossier
    calcul = compute_du(passage, dossier=dossier, indu=indu)
    if form.is_bound:
        # What is decided next is what this page shows, not what was read before.
        shown = request.POST.copy()
        shown["lu"] = str(calcul.du)
        form.data = shown
    form.initial["lu"] = calcul.du
    context = _shown(passage, dossier, indu, calcul) | {
        "form": form,
        "retrait": asked,
        "mine": is_own(passage, asked),
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/signature/retrait.html", context, status=status)


def _shown(
    passage: Passage,
    dossier: Any,  # noqa: ANN401 -- rows, which screens do not name
    indu: Any,  # noqa: ANN401 -- likewise
    calcul: Calcul,
) -> dict[str, Any]:
    return dossier_context(passage, dossier, tab="situation", interruptions=()) | {
        "indu": indu,
        "debiteur": debtor(indu, dead=dossier.identite.deces_on is not None),
        "facts": withdrawal_facts(indu, verse=calcul.verse, du=calcul.du),
    }


urlpatterns = [
    path("controle/dossiers/<uuid:pk>/indus/<uuid:indu>/retrait", retrait, name="retrait"),
    path("instruction/retraits/<uuid:pk>", retrait_decision, name="retrait_decision"),
]
