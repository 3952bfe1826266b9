"""Sessions whose key the database does not know: reading its table opens nobody's page."""

import base64
import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

LENGTH = 40  # of Django's own column: 240 of the 256 bits


def stored_key(session_key: str) -> str:
    """Give what the table keeps of a session's key: a SHA-256, as long as the column."""
    digest = hashlib.sha256(session_key.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:LENGTH]


class SessionStore(db.SessionStore):
    """Django's sessions in the database, found by the hash of their key."""

    @property
    def key_salt(self) -> str:
        """Bind what is signed to the key itself: copied to another row, it is worth nothing."""
        return f"egide.session.{self.session_key}"

    def load(self) -> dict[str, Any]:
        """Read the session of the key that the visitor holds."""
        key = self.session_key
        if key is None:
            return {}
        found = self._row(key)
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found.session_data)

    def _row(self, session_key: str) -> AbstractBaseSession | None:
        now = timezone.now()  # noqa: TID251 -- an expiry is read by the clock that wrote it
        return self.model.objects.filter(
            session_key=stored_key(session_key), expire_date__gt=now
        ).first()

    def exists(self, session_key: str) -> bool:
        """Tell whether a key is taken."""
        return self.model.objects.filter(session_key=stored_key(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """Make the row to save, under the hash of the key."""
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Remove a session by its key, or this one."""
        if key := session_key or self.session_key:
            self.model.objects.filter(session_key=stored_key(key)).delete()
