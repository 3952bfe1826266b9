"""The slips of an issued run: the services that it pays, and the table that each is sent."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel import notation
from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.queries.bordereaux import list_services_paid
from egide.systems.apa_ash.queries.lot import open_lot
from egide.systems.apa_ash.services.bordereaux import write_slip


@view("GET", purpose=PAIEMENT, verb="lire les bordereaux d’un lot")
def bordereaux(request: AgentRequest, pk: UUID) -> HttpResponse:
    """List the services that a run paid, with a way to the slip of each."""
    passage = request.passage
    lot = open_lot(passage, pk)
    context = {
        "lot": lot,
        "rows": list_services_paid(passage, lot=lot),
        "mois": notation.mois_court(lot.mois),
        "crumbs": [
            ("Paiements", reverse("apa_ash:lots")),
            (
                f"Lot {notation.de(notation.mois_court(lot.mois))}",
                reverse("apa_ash:lot", args=[pk]),
            ),
            ("Bordereaux", ""),
        ],
    }
    return render(request, "apa_ash/paiement/bordereaux.html", context)


@view("POST", purpose=PAIEMENT, verb="éditer le bordereau d’un service")
def bordereau(request: AgentRequest, pk: UUID, prestataire: UUID) -> HttpResponse:
    """Give the slip of a service; an act, so that a link followed by mistake tells nothing."""
    try:
        contenu = write_slip(request.passage, lot_id=pk, prestataire_id=prestataire)
    except ActeRefuse as refused:
        messages.error(request, str(refused))
        return redirect("apa_ash:lot", pk)
    response = HttpResponse(contenu, content_type="text/csv; charset=utf-8")
    name = f"bordereau-apa-{pk.hex[:8]}-{prestataire.hex[:8]}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [
    path("paiement/lots/<uuid:pk>/bordereaux", bordereaux, name="lot_bordereaux"),
    path("paiement/lots/<uuid:pk>/bordereaux/<uuid:prestataire>", bordereau, name="lot_bordereau"),
]
