"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

from egide.systems.apa_ash.views import (
    agenda,
    aidants,
    anomalies,
    campagnes,
    comptes,
    controle,
    courriers,
    decision,
    demandes,
    dossiers,
    emission,
    evaluation,
    imports,
    journal,
    journee,
    paiements,
    personnes,
    plan,
    prestataires,
    proposition,
    reaffectation,
    releves,
    ressources,
    secours,
)

app_name = "apa_ash"

urlpatterns: list[URLPattern] = [
    *agenda.urlpatterns,
    *aidants.urlpatterns,
    *anomalies.urlpatterns,
    *campagnes.urlpatterns,
    *comptes.urlpatterns,
    *controle.urlpatterns,
    *courriers.urlpatterns,
    *decision.urlpatterns,
    *demandes.urlpatterns,
    *dossiers.urlpatterns,
    *emission.urlpatterns,
    *evaluation.urlpatterns,
    *imports.urlpatterns,
    *journal.urlpatterns,
    *journee.urlpatterns,
    *paiements.urlpatterns,
    *personnes.urlpatterns,
    *plan.urlpatterns,
    *prestataires.urlpatterns,
    *proposition.urlpatterns,
    *reaffectation.urlpatterns,
    *releves.urlpatterns,
    *ressources.urlpatterns,
    *secours.urlpatterns,
]
