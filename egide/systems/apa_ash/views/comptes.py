"""Screens of the bank accounts: find a file of one's services, enter its account."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.paiement import CompteForm
from egide.systems.apa_ash.forms.recherche import NomForm, read_search
from egide.systems.apa_ash.purposes import PAIEMENT
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.lot import compte_of, find_dossiers
from egide.systems.apa_ash.services.compte import save_compte


@view("GET", "POST", purpose=PAIEMENT, verb="chercher un compte bancaire")
def comptes(request: AgentRequest) -> HttpResponse:
    """Find a file by its number or the beginning of a name, which no address keeps."""
    form = NomForm(read_search(request))
    q = form.cleaned_data["q"] if form.is_valid() else ""
    found = find_dossiers(request.passage, q) if q else []
    context = {"form": form, "q": q, "dossiers": found}
    return render(request, "apa_ash/paiement/comptes.html", context)


@view("GET", "POST", purpose=PAIEMENT, verb="lire le compte bancaire")
def compte(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show and enter the account of one file."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    known = compte_of(passage, dossier)
    initial = {"titulaire": known.titulaire, "iban": known.iban} if known else {}
    form = CompteForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_compte(passage, dossier_id=pk, **form.cleaned_data)
        except ActeRefuse as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Compte enregistré : il servira au prochain fichier émis.")
            return redirect("apa_ash:compte", pk)
    context = {
        "crumbs": [("Comptes bancaires", reverse("apa_ash:comptes")), (dossier.numero, "")],
        "dossier": dossier,
        "identite": dossier.identite,
        "form": form,
        "compte": known,
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/paiement/compte.html", context, status=status)


urlpatterns = [
    path("paiement/comptes", comptes, name="comptes"),
    path("paiement/comptes/<uuid:pk>", compte, name="compte"),
]
