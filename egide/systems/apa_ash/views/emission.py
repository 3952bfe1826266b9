"""The files of a run: issued once, the transfers later if need be, downloaded under trace."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from egide.kernel.access.views import AgentRequest, view
from egide.systems.apa_ash.forms.paiement import EmissionForm, SepaForm
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.services.emission import (
    download_fichier,
    issue_lot,
    issue_sepa,
    report_fichier,
)
from egide.systems.apa_ash.services.lot_refus import FichierAltere
from egide.systems.apa_ash.views.paiements import act_with_form


@view("POST", purpose=PAIEMENT, verb="émettre le fichier de paiement")
def emission(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Issue the files of a validated run, once."""
    return act_with_form(
        request,
        pk,
        EmissionForm(request.POST, on=request.passage.on),
        issue_lot,
        of="emission",
        done="Fichier émis : il ne changera plus. Chaque téléchargement est tracé.",
    )


@view("POST", purpose=PAIEMENT, verb="émettre le fichier de virements")
def virements(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Make the transfers of a run that was issued without them."""
    return act_with_form(
        request,
        pk,
        SepaForm(request.POST, on=request.passage.on),
        issue_sepa,
        of="emission",
        done="Fichier de virements émis\u00a0: il ne changera plus.",
    )


@view("POST", purpose=PAIEMENT, verb="télécharger le fichier de paiement")
def fichier(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give an issued file; an act, so that a link followed by mistake downloads nothing."""
    try:
        row = download_fichier(request.passage, fichier_id=pk)
    except FichierAltere as refused:
        row = report_fichier(request.passage, fichier_id=pk)
        messages.error(request, str(refused))
        return redirect("apa_ash:lot", row.lot_id)
    kind = "text/csv; charset=utf-8" if row.nom.endswith(".csv") else "application/xml"
    response = HttpResponse(bytes(row.contenu), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{row.nom}"'
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [
    path("paiement/lots/<uuid:pk>/emission", emission, name="lot_emission"),
    path("paiement/lots/<uuid:pk>/virements", virements, name="lot_virements"),
    path("paiement/fichiers/<uuid:pk>", fichier, name="paiement_fichier"),
]
