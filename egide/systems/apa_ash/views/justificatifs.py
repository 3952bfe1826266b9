"""« Demander les justificatifs »: asked from a file, awaited on a list, noted when they come."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel import notation
from egide.kernel.access.pages import read_page
from egide.kernel.access.passage import Passage
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.champs import form_of, ids_of
from egide.systems.apa_ash.forms.justificatifs import ArriveeForm, DemandeJustificatifsForm
from egide.systems.apa_ash.policy import JUSTIFICATIFS
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.courriers import control_letters
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries.courriers import list_courriers
from egide.systems.apa_ash.queries.dossier import check_of_file, open_dossier
from egide.systems.apa_ash.queries.justificatifs import (
    list_awaited,
    list_justificatifs,
    list_services,
)
from egide.systems.apa_ash.services import justificatifs as services
from egide.systems.apa_ash.views.actes import take_step


@view("GET", purpose=CONTROLE, verb="lire les justificatifs attendus")
def justificatifs_attendus(request: AgentRequest) -> HttpResponse:
    """Show what is awaited, the earliest deadline first."""
    page = read_page(request.GET.get("page"))
    rows, more = list_awaited(request.passage, page=page)
    context = {
        "crumbs": [("Contrôle", reverse("apa_ash:controle")), ("Justificatifs attendus", "")],
        "rows": rows,
        "on": request.passage.on,
        "page": page + 1 if more else 0,
    }
    return render(request, "apa_ash/controle/justificatifs_attendus.html", context)


@view("GET", "POST", purpose=CONTROLE, verb="demander des justificatifs")
def justificatifs(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show what was asked about a file, and ask."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    form = _ask_form(passage, dossier, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = services.request_justificatifs(
                passage,
                dossier_id=pk,
                jeton=form.cleaned_data["jeton"],
                prestataire_id=form.cleaned_data["prestataire"],
                periode=form.periode,
            )
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            due = notation.jour(asked.attendue_on)
            messages.success(request, f"Courrier prêt\u00a0: justificatifs attendus le {due}.")
            return redirect("apa_ash:justificatifs", pk=pk)
    return _page(request, dossier, form)


def _ask_form(
    passage: Passage,
    dossier: Any,  # noqa: ANN401 -- a file, whose model screens do not name
    posted: QueryDict | None = None,
) -> DemandeJustificatifsForm:
    known = list_services(passage, dossier=dossier)
    return DemandeJustificatifsForm(posted, services=known, on=passage.on)


def _page(
    request: AgentRequest,
    dossier: Any,  # noqa: ANN401 -- likewise
    form: DemandeJustificatifsForm,
    *,
    refused: ArriveeForm | None = None,
) -> HttpResponse:
    passage = request.passage
    context = dossier_context(passage, dossier, tab="justificatifs") | {
        "form": form,
        "refused": refused,
        "rows": [
            (row, form_of(row.pk, ArriveeForm, refused=refused, initial={"recue_on": passage.on}))
            for row in list_justificatifs(passage, dossier=dossier)
        ],
        **control_letters(list_courriers(passage, dossier=dossier), dossier=dossier),
    }
    status = 422 if form.errors or refused else 200
    return render(request, "apa_ash/controle/justificatifs.html", context, status=status)


@view("POST", purpose=CONTROLE, verb="noter l’arrivée de justificatifs")
def justificatifs_recus(request: AgentRequest, pk: UUID, demande: UUID) -> HttpResponse:
    """Note that proofs came."""
    passage = request.passage
    check_of_file(passage, JUSTIFICATIFS, pk=demande, dossier_id=pk)

    def show(refused: ArriveeForm) -> HttpResponse:
        dossier = open_dossier(passage, pk)
        return _page(request, dossier, _ask_form(passage, dossier), refused=refused)

    return take_step(
        request,
        ArriveeForm(request.POST, auto_id=ids_of(demande)),
        services.receive_justificatifs,
        show=show,
        done="Justificatifs reçus\u00a0: plus rien n’est attendu.",
        page="apa_ash:justificatifs",
        pk=pk,
        demande_id=demande,
    )


urlpatterns = [
    path("controle/justificatifs", justificatifs_attendus, name="justificatifs_attendus"),
    path("controle/dossiers/<uuid:pk>/justificatifs", justificatifs, name="justificatifs"),
    path(
        "controle/dossiers/<uuid:pk>/justificatifs/<uuid:demande>/recus",
        justificatifs_recus,
        name="justificatifs_recus",
    ),
]
