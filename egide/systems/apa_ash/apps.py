"""The system as a Django application: its declarations are registered when it is ready."""

from importlib import import_module

from django.apps import AppConfig


class SystemConfig(AppConfig):
    """Register the catalogue and the policies of APA and ASH."""

    name = "egide.systems.apa_ash"
    label = "apa_ash"
    verbose_name = "APA et ASH"

    def ready(self) -> None:
        """Load the declarations."""
        import_module("egide.systems.apa_ash.policy")
