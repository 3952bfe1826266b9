"""Letters of a file: the list, and each PDF as it left."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from egide.kernel.access.views import AgentRequest, view
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.courriers import instruction_letters
from egide.systems.apa_ash.purposes import CONTROLE, INSTRUCTION
from egide.systems.apa_ash.queries.annulation import list_annulations, list_claims
from egide.systems.apa_ash.queries.courriers import list_courriers, open_courrier
from egide.systems.apa_ash.queries.dossier import open_dossier


@view("GET", purpose=INSTRUCTION, verb="lire la liste des courriers")
def courriers(request: AgentRequest, pk: UUID) -> HttpResponse:
    """List the letters of a file."""
    dossier = open_dossier(request.passage, pk)
    annulations = list_annulations(request.passage, dossier=dossier)
    letters = instruction_letters(
        list_courriers(request.passage, dossier=dossier),
        dossier=dossier,
        annulations=annulations,
        claims=list_claims(request.passage, dossier=dossier) if annulations else (),
    )
    context = dossier_context(request.passage, dossier, tab="courriers") | letters
    return render(request, "apa_ash/courriers/list.html", context)


@view("GET", purpose=INSTRUCTION, verb="lire un courrier")
def courrier(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one letter in the browser; nothing keeps a copy."""
    return _pdf(request, pk)


@view("GET", purpose=CONTROLE, verb="lire un courrier du contrôle")
def controle_courrier(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one letter that the control wrote; another looks absent."""
    return _pdf(request, pk)


def _pdf(request: AgentRequest, pk: UUID) -> HttpResponse:
    row = open_courrier(request.passage, pk=pk)
    response = HttpResponse(bytes(row.pdf), content_type="application/pdf")
    # The name tells nothing of the person: it would stay in the history of downloads.
    response["Content-Disposition"] = f'inline; filename="courrier-{row.cree_on.isoformat()}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [
    path("instruction/dossiers/<uuid:pk>/courriers", courriers, name="courriers"),
    path("instruction/courriers/<uuid:pk>.pdf", courrier, name="courrier"),
    path("controle/courriers/<uuid:pk>.pdf", controle_courrier, name="controle_courrier"),
]
