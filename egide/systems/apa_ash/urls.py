"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

from egide.systems.apa_ash.views import (
    agenda,
    comptes,
    courriers,
    demandes,
    dossiers,
    evaluation,
    imports,
    journal,
    journee,
    paiements,
    personnes,
    plan,
    proposition,
)

app_name = "apa_ash"

urlpatterns: list[URLPattern] = [
    *journee.urlpatterns,
    *dossiers.urlpatterns,
    *demandes.urlpatterns,
    *personnes.urlpatterns,
    *agenda.urlpatterns,
    *evaluation.urlpatterns,
    *plan.urlpatterns,
    *proposition.urlpatterns,
    *courriers.urlpatterns,
    *journal.urlpatterns,
    *imports.urlpatterns,
    *comptes.urlpatterns,
    *paiements.urlpatterns,
]
