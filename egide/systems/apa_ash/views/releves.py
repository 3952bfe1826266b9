"""The screen that takes in hours and invoices, and tells each defect by its place."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel import notation
from egide.kernel.access.views import AgentRequest, view
from egide.systems.apa_ash.fichiers.defauts import FichierRefuse
from egide.systems.apa_ash.fichiers.releves import Nature
from egide.systems.apa_ash.forms.releves import RelevesForm
from egide.systems.apa_ash.purposes import CONTROLE
from egide.systems.apa_ash.queries.imports import OF_RELEVES, list_imports
from egide.systems.apa_ash.services.fichiers import DejaImporte
from egide.systems.apa_ash.services.releves import import_releves


@view("GET", "POST", purpose=CONTROLE, verb="lire les imports d’heures et de factures")
def releves(request: AgentRequest) -> HttpResponse:
    """List the files taken in; take one in, whole, or tell its defects."""
    services = {o.service_id: o.service for o in request.passage.openings}
    form = RelevesForm(request.POST or None, request.FILES or None, services=services)
    context: dict[str, Any] = {
        "crumbs": [("Contrôle", reverse("apa_ash:controle")), ("Imports", "")],
        "form": form,
        "services": services,
    }
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            taken = import_releves(
                request.passage,
                service_id=data["service"],
                nature=Nature(data["nature"]),
                contenu=data["fichier"].read(),
            )
        except FichierRefuse as refused:
            context |= {"defauts": refused.defauts, "total": refused.total}
            context["nom"] = data["fichier"].name
        except DejaImporte as already:
            messages.warning(request, str(already))
            return redirect("apa_ash:releves")
        else:
            messages.success(request, f"{notation.nombre_de(taken.lignes, 'relevé importé')}.")
            if not taken.a_verifier:
                return redirect("apa_ash:releves")
            context |= {"a_verifier": taken.a_verifier, "nom": data["fichier"].name}
    context["imports"] = list_imports(request.passage, natures=OF_RELEVES)
    status = 422 if form.errors or "defauts" in context else 200
    return render(request, "apa_ash/controle/releves.html", context, status=status)


urlpatterns = [path("controle/imports", releves, name="releves")]
