"""The embedded PostgreSQL server of one checkout: where it keeps its state, start it, stop it."""

import hashlib
import os
from pathlib import Path
from typing import Final

from egide.site.embedded.host import ServerUnavailable, is_root
from egide.site.embedded.server import Server

__all__ = ["TESTS", "ServerUnavailable", "ensure", "home", "stop"]

CHECKOUT: Final = Path(__file__).resolve().parents[3]
TESTS: Final = "tests"  # the tests have a server of their own, below the home


def home() -> Path:
    """Return the directory that keeps this checkout's state: `EGIDE_HOME`, or one of its own."""
    if chosen := os.environ.get("EGIDE_HOME"):
        return Path(chosen).resolve()
    mark = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:10]
    if is_root():
        return Path("/var/lib/egide", mark)
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data, "egide", mark).resolve()


def ensure(home_dir: Path | None = None, *, durable: bool = True) -> str:
    """Return the owner's `DATABASE_URL` of a server that answers, started if need be.

    `durable=False` trades safety for speed when it starts the server: for tests only.
    """
    server = Server(home_dir or home(), durable=durable)
    if not server.ready():
        with server.lock():
            if not server.ready():
                server.start()
                server.create_database()
    return server.url


def stop(home_dir: Path | None = None) -> bool:
    """Stop the server of this home and tell whether one was running."""
    server = Server(home_dir or home(), durable=True)
    if not server.data.exists():
        return False
    with server.lock():
        return server.stop()
