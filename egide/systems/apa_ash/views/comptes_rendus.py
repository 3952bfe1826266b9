"""The report of a visit that no plan follows."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.domicile import opens_right
from egide.systems.apa_ash.forms.evaluation import CompteRenduForm
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.purposes import EVALUATION
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.evaluation import read_constat
from egide.systems.apa_ash.services.compte_rendu import send_compte_rendu


@view("GET", "POST", purpose=EVALUATION, verb="envoyer le compte rendu de visite")
def compte_rendu(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the advice of the last visit, and send it to the person."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    constat = read_constat(passage, dossier)
    made, besoins = constat.made, constat.besoins
    data = request.POST if request.method == "POST" else None
    form = CompteRenduForm(data, initial={"conseils": besoins.conseils if besoins else ""})
    if data is not None and form.is_valid():
        try:
            send_compte_rendu(passage, dossier_id=pk, conseils=form.cleaned_data["conseils"])
        except ActeRefuse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Compte rendu prêt : le courrier est au dossier.")
            return redirect("apa_ash:evaluation_dossier", pk=pk)
    context = dossier_context(passage, dossier, tab="situation") | {
        "form": form,
        "made": made,
        "besoins": besoins,
        "plan_attendu": made is not None and opens_right(made.gir, on=made.faite_on),
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/evaluation/compte_rendu.html", context, status=status)


urlpatterns = [
    path("evaluation/dossiers/<uuid:pk>/compte-rendu", compte_rendu, name="compte_rendu"),
]
