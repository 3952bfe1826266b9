"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

from egide.systems.apa_ash.views import (
    agenda,
    courriers,
    demandes,
    dossiers,
    evaluation,
    imports,
    journal,
    journee,
    personnes,
    plan,
    proposition,
)

app_name = "apa_ash"

urlpatterns: list[URLPattern] = [
    *agenda.urlpatterns,
    *courriers.urlpatterns,
    *demandes.urlpatterns,
    *dossiers.urlpatterns,
    *evaluation.urlpatterns,
    *imports.urlpatterns,
    *journal.urlpatterns,
    *journee.urlpatterns,
    *personnes.urlpatterns,
    *plan.urlpatterns,
    *proposition.urlpatterns,
]
