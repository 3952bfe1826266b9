"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

from egide.systems.apa_ash.views import (
    agenda,
    aidants,
    anomalies,
    campagne_courriers,
    campagnes,
    comptes,
    controle,
    courriers,
    deces,
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
    *campagne_courriers.urlpatterns,
    *campagnes.urlpatterns,
    *comptes.urlpatterns,
    *controle.urlpatterns,
    *courriers.urlpatterns,
    *deces.urlpatterns,  # before the acts, whose address is a word
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
