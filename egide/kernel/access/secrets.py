"""Secrets of the instance: read from a private file, and derived, never written in settings."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path


def read_or_create_secret(path: Path) -> str:
    """Give the secret kept in `path`, created for this account alone (0600) when absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    secret = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
    return secret


def login_password(secret_key: str, *, login: str) -> str:
    """Derive the password of a login, so that one secret is kept and not three."""
    return hmac.new(
        secret_key.encode(), f"egide.login.{login}".encode(), hashlib.sha256
    ).hexdigest()
