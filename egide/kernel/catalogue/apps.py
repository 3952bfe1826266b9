"""The catalogue as a Django application: it brings the checks that stop an undeclared column."""

from django.apps import AppConfig
from django.core.checks import register

from egide.kernel.catalogue.checks import check_columns


class CatalogueConfig(AppConfig):
    """Register the system checks."""

    name = "egide.kernel.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        """Refuse to start while a column lacks its line."""
        register(check_columns)
