"""The trail as a Django application: it has no model, its tables are PostgreSQL's alone."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Name the application."""

    name = "egide.kernel.audit"
    label = "audit"
