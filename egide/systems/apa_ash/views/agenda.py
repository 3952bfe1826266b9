"""The day of the équipe médico-sociale."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from egide.kernel.access.views import AgentRequest, view
from egide.systems.apa_ash.purposes import EVALUATION
from egide.systems.apa_ash.queries.agenda import agenda_of


@view("GET", purpose=EVALUATION, verb="lire l’agenda des évaluations")
def agenda(request: AgentRequest) -> HttpResponse:
    """Show the visits of the week, then what waits, the most urgent first."""
    context = {"agenda": agenda_of(request.passage), "on": request.passage.on}
    return render(request, "apa_ash/evaluation/agenda.html", context)


urlpatterns = [path("evaluation/agenda", agenda, name="agenda")]
