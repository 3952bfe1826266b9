"""Notifications of debts: the head of the service signs or sends back; control drops one."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.indus import AbandonForm, NotificationForm
from egide.systems.apa_ash.forms.signature import RenvoiForm
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.controle import debtor
from egide.systems.apa_ash.presentation.indus_a_signer import (
    COLUMNS,
    calcul_context,
    claim_rows,
    debiteur,
    is_mine,
    total,
)
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.indus import open_indu
from egide.systems.apa_ash.queries.indus_a_signer import (
    A_RETIRER,
    Notification,
    find_indus_a_signer,
)
from egide.systems.apa_ash.queries.retraits import Recalcul, owed_again
from egide.systems.apa_ash.services import indus_a_signer as services
from egide.systems.apa_ash.services.lettres_indu import retenue_of


@view("GET", "POST", purpose=INSTRUCTION, verb="lire une notification d’indus à signer")
def indus_a_signer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show what one letter would claim, and sign it."""
    found = find_indus_a_signer(request.passage, pk=pk)
    form = NotificationForm(request.POST or None)
    if request.method == "POST":
        # Who sends no total has read none.
        lu = form.cleaned_data["lu"] if form.is_valid() else Decimal(0)
        try:
            services.sign_indus(request.passage, indu_id=pk, lu=lu)
        except services.TotalChange as refusal:
            return _page(request, pk, found, RenvoiForm(), relire=str(refusal), status=422)
        except ActeRefuse as refusal:
            return _page(request, pk, found, RenvoiForm(), empechement=str(refusal), status=422)
        messages.success(request, _done(request.passage, found.indus))
        return redirect("apa_ash:a_signer")
    return _page(request, pk, found, RenvoiForm())


def _done(passage: Passage, found: list[Any]) -> str:
    calcul = owed_again(passage, dossier=found[0].dossier, claims=found)
    suite = "la retenue suivra" if calcul.prochain else "le comptable public réclame la somme"
    return f"Indu notifié\u00a0: le courrier est prêt, {suite}."


def _impediment(passage: Passage, found: list[Any], calcul: Recalcul) -> str:
    try:
        services.check_claim(passage, found=found, calcul=calcul)
    except ActeRefuse as refusal:
        return str(refusal)
    return ""


@view("POST", purpose=INSTRUCTION, verb="renvoyer une notification d’indus")
def indus_renvoi(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Send a notification back to the control, with what is to be taken up again."""
    found = find_indus_a_signer(request.passage, pk=pk)
    form = RenvoiForm(request.POST)
    if form.is_valid():
        try:
            services.return_indus(request.passage, indu_id=pk, motif=form.cleaned_data["motif"])
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Notification renvoyée au contrôle.")
            return redirect("apa_ash:a_signer")
    return _page(request, pk, found, form, status=422)


def _page(
    request: AgentRequest,
    pk: UUID,
    notification: Notification,
    form: RenvoiForm,
    *,
    empechement: str = "",
    relire: str = "",
    status: int = 200,
) -> HttpResponse:
    found = notification.indus
    dossier = found[0].dossier
    calcul = owed_again(
        request.passage, dossier=dossier, claims=found, indus=notification.du_dossier
    )
    context = dossier_context(request.passage, dossier, tab="decision") | {
        "pk": pk,
        "form": form,
        "empechement": empechement or _impediment(request.passage, found, calcul),
        "relire": relire,
        "signature": NotificationForm(initial={"lu": sum(indu.reste for indu in found)}),
        "mine": is_mine(request.passage, found),
        "debiteur": debiteur(found),
        "retenue": retenue_of(found, calcul=calcul, on=request.passage.on),
        "total": total(found),
        "propose_on": found[0].propose_on,
        "par": found[0].par,
        "columns": COLUMNS,
        "rows": claim_rows(found),
        **calcul_context(found, calcul=calcul),
    }
    return render(request, "apa_ash/signature/indus.html", context, status=status)


@view("POST", purpose=INSTRUCTION, verb=services.REPRENDRE)
def reclamation_reprise(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Take up again a claim that was written to somebody who died before it was posted."""
    try:
        found = services.recall_claim(request.passage, courrier_id=pk)
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
        return redirect("apa_ash:a_poster")
    messages.success(request, "Réclamation reprise\u00a0: signez-la, la lettre s’écrit à nouveau.")
    return redirect("apa_ash:indus_a_signer", found[0].pk)


@view("GET", "POST", purpose=CONTROLE, verb="abandonner un indu non notifié")
def indu_abandon(request: AgentRequest, pk: UUID, indu: UUID) -> HttpResponse:
    """Withdraw what was found and is not owed, before anybody was told."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    debt = open_indu(passage, dossier_id=pk, pk=indu)
    form = AbandonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        motif = form.cleaned_data["motif"]
        try:
            services.drop_indu(passage, dossier_id=pk, indu_id=indu, motif=motif)
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Indu abandonné\u00a0: personne n’en avait été averti.")
            return redirect("apa_ash:controle_dossier", pk)
    context = dossier_context(passage, dossier, tab="situation") | {
        "form": form,
        "indu": debt,
        "debiteur": debtor(debt, dead=dossier.identite.deces_on is not None),
        "retirable": debt.etat in A_RETIRER,
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/controle/abandon.html", context, status=status)


urlpatterns = [
    path("instruction/indus/<uuid:pk>", indus_a_signer, name="indus_a_signer"),
    path("instruction/indus/<uuid:pk>/renvoyer", indus_renvoi, name="indus_renvoi"),
    path(
        "instruction/courriers/<uuid:pk>/reprise", reclamation_reprise, name="reclamation_reprise"
    ),
    path(
        "controle/dossiers/<uuid:pk>/indus/<uuid:indu>/abandon", indu_abandon, name="indu_abandon"
    ),
]
