"""The addresses of the system; each declares its purpose."""

from django.urls import URLPattern

app_name = "apa_ash"

urlpatterns: list[URLPattern] = []
