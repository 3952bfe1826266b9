"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

from egide.systems.apa_ash.views import comptes, paiements

app_name = "apa_ash"

urlpatterns: list[URLPattern] = [*paiements.urlpatterns, *comptes.urlpatterns]
