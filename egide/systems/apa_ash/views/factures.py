"""The invoices of what is not monthly: what was granted, what is left, enter and withdraw."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.champs import ids_of
from egide.systems.apa_ash.forms.ponctuel import FactureForm, RetraitFactureForm
from egide.systems.apa_ash.policy import FACTURES
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.ponctuel import (
    OUVERTE_COLUMNS,
    facture_rows,
    ouverte_rows,
)
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries.dossier import check_of_file, open_dossier
from egide.systems.apa_ash.queries.factures import list_factures
from egide.systems.apa_ash.queries.ponctuel import list_ouvertes
from egide.systems.apa_ash.services import factures as services
from egide.systems.apa_ash.views.actes import take_step


@view("GET", "POST", purpose=CONTROLE, verb="suivre les factures d’un dossier")
def factures(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show what was granted upon invoices, and enter one."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    ouvertes = list_ouvertes(passage, dossier=dossier, on=passage.on)
    form = FactureForm(request.POST or None, ouvertes=ouvertes, on=passage.on)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_facture(
                passage,
                dossier_id=pk,
                jeton=form.cleaned_data["jeton"],
                cible_id=form.cleaned_data["cible"],
                depense=form.depense,
            )
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Facture enregistrée\u00a0: elle sera payée au prochain lot.")
            return redirect("apa_ash:factures", pk=pk)
    return _page(request, dossier, ouvertes, form)


def _page(
    request: AgentRequest,
    dossier: Any,  # noqa: ANN401 -- a file, whose model screens do not name
    ouvertes: Sequence[Any],
    form: FactureForm,
    *,
    refused: RetraitFactureForm | None = None,
) -> HttpResponse:
    passage = request.passage
    context = dossier_context(passage, dossier, tab="factures") | {
        "form": form,
        "refused": refused,
        "ouvertes": ouvertes,
        "columns": OUVERTE_COLUMNS,
        "rows": ouverte_rows(ouvertes),
        "factures": facture_rows(list_factures(passage, dossier=dossier), refused=refused),
    }
    status = 422 if form.errors or refused else 200
    return render(request, "apa_ash/controle/factures.html", context, status=status)


@view("POST", purpose=CONTROLE, verb="retirer une facture")
def facture_retirer(request: AgentRequest, pk: UUID, facture: UUID) -> HttpResponse:
    """Withdraw an invoice entered by mistake, with the reason."""
    passage = request.passage
    check_of_file(passage, FACTURES, pk=facture, dossier_id=pk)

    def show(refused: RetraitFactureForm) -> HttpResponse:
        dossier = open_dossier(passage, pk)
        ouvertes = list_ouvertes(passage, dossier=dossier, on=passage.on)
        form = FactureForm(ouvertes=ouvertes, on=passage.on)
        return _page(request, dossier, ouvertes, form, refused=refused)

    return take_step(
        request,
        RetraitFactureForm(request.POST, auto_id=ids_of(facture)),
        services.withdraw_facture,
        show=show,
        done="Facture retirée.",
        page="apa_ash:factures",
        pk=pk,
        facture_id=facture,
    )


urlpatterns = [
    path("controle/dossiers/<uuid:pk>/factures", factures, name="factures"),
    path(
        "controle/dossiers/<uuid:pk>/factures/<uuid:facture>/retirer",
        facture_retirer,
        name="facture_retirer",
    ),
]
