"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

from egide.systems.apa_ash.views import (
    agenda,
    campagnes,
    comptes,
    courriers,
    decision,
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
    ressources,
)

app_name = "apa_ash"

urlpatterns: list[URLPattern] = [
    *agenda.urlpatterns,
    *campagnes.urlpatterns,
    *comptes.urlpatterns,
    *courriers.urlpatterns,
    *decision.urlpatterns,
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
    *ressources.urlpatterns,
]
