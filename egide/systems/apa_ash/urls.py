"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

from egide.systems.apa_ash.views import (
    campagnes,
    courriers,
    demandes,
    dossiers,
    journal,
    journee,
    personnes,
)

app_name = "apa_ash"

urlpatterns: list[URLPattern] = [
    *journee.urlpatterns,
    *dossiers.urlpatterns,
    *demandes.urlpatterns,
    *personnes.urlpatterns,
    *courriers.urlpatterns,
    *journal.urlpatterns,
    *campagnes.urlpatterns,
]
