"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

from egide.systems.apa_ash.views import agenda, evaluation, plan, proposition

app_name = "apa_ash"

urlpatterns: list[URLPattern] = [
    *agenda.urlpatterns,
    *evaluation.urlpatterns,
    *plan.urlpatterns,
    *proposition.urlpatterns,
]
