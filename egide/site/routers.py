"""Keep sign-in on its own connection: no purpose can become the login that knows passwords."""

from typing import Any

from django.db.models import Model

from egide.kernel.access.passage import CURRENT

SIGN_IN_APPS = {"access", "auth", "axes", "contenttypes", "sessions"}


class SignInRouter:
    """Send sign-in, sessions and habilitations to `signin`, but for what a passage itself does."""

    def db_for_read(self, model: type[Model], **_: Any) -> str | None:
        """Choose the connection of a read."""
        if CURRENT.get() is None and model._meta.app_label in SIGN_IN_APPS:
            return "signin"
        return "default"

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        """Choose the connection of a write, as for a read."""
        return self.db_for_read(model, **hints)

    def allow_relation(self, _one: Model, _other: Model, **_: Any) -> bool:
        """Accept relations: it is one database, reached by two logins."""
        return True
