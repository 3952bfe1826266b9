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
    *agenda.urlpatterns,
    *comptes.urlpatterns,
    *courriers.urlpatterns,
    *demandes.urlpatterns,
    *dossiers.urlpatterns,
    *evaluation.urlpatterns,
    *imports.urlpatterns,
    *journal.urlpatterns,
    *journee.urlpatterns,
    *paiements.urlpatterns,
    *personnes.urlpatterns,
    *plan.urlpatterns,
    *proposition.urlpatterns,
]
