"""The assembly as a Django application: base templates, static files, template tags."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Name the application."""

    name = "egide.site"
    label = "site"
