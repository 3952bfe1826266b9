"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

from egide.systems.apa_ash.views import (
    courriers,
    demandes,
    dossiers,
    imports,
    journal,
    journee,
    personnes,
    ressources,
)

app_name = "apa_ash"

urlpatterns: list[URLPattern] = [
    *journee.urlpatterns,
    *dossiers.urlpatterns,
    *demandes.urlpatterns,
    *personnes.urlpatterns,
    *courriers.urlpatterns,
    *journal.urlpatterns,
    *imports.urlpatterns,
    *ressources.urlpatterns,
]
