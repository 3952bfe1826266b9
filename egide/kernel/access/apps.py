"""Access as a Django application: its migrations end with the compilation of the declarations."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """Compile after migrating, once the last application has its tables."""

    name = "egide.kernel.access"
    label = "access"
    verbose_name = "Accès"

    def ready(self) -> None:
        """Declare the kernel's own tables; listen to Django's end of migration."""
        import_module("egide.kernel.access.habilitations.policies")
        last = [config for config in apps.get_app_configs() if config.models_module][-1]
        post_migrate.connect(_compile, sender=last, dispatch_uid="egide.compile")


def _compile(**_: Any) -> None:
    from egide.kernel.access.compiler import sync  # noqa: PLC0415 -- models are ready only now

    sync()
