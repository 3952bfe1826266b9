"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

from egide.systems.apa_ash.views import (
    comptes,
    controle,
    courriers,
    demandes,
    dossiers,
    journal,
    journee,
    paiements,
    personnes,
    prestataires,
    releves,
)

app_name = "apa_ash"

urlpatterns: list[URLPattern] = [
    *journee.urlpatterns,
    *dossiers.urlpatterns,
    *demandes.urlpatterns,
    *personnes.urlpatterns,
    *courriers.urlpatterns,
    *journal.urlpatterns,
    *paiements.urlpatterns,
    *comptes.urlpatterns,
    *controle.urlpatterns,
    *prestataires.urlpatterns,
    *releves.urlpatterns,
]
