"""What every page shows: the organisme, the purpose, the agent, the way around."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from egide.kernel.access.models import Agent
from egide.kernel.access.navigation import NAVIGATION, Entry
from egide.kernel.access.passage import Opening
from egide.kernel.access.views import open_purposes


def page(request: HttpRequest) -> dict[str, Any]:
    """Give base.html its bearings; an anonymous visitor has none."""
    user = getattr(request, "user", None)
    if not isinstance(user, Agent):
        return {}
    return {
        "agent": user,
        "organisme": user.organisme,
        "finalite": getattr(getattr(request, "purpose", None), "label", ""),
        "nav": navigation(getattr(request, "openings", ()), path=request.path),
        "foot": [("Conformité", reverse("conformite"))],
    }


def navigation(openings: Iterable[Opening], *, path: str) -> list[dict[str, Any]]:
    """List what the agent's habilitations open, with the current entry marked."""
    opened = open_purposes(openings)
    entries = [(e, reverse(e.url_name)) for e in _entries() if e.purpose in opened]
    urls = [url for _, url in entries]
    # A page beside those of the menu belongs to the first entry of its folder.
    folders = ((url, url.rpartition("/")[0]) for url in urls)
    beside = (url for url, folder in folders if folder and path.startswith(f"{folder}/"))
    current = max((url for url in urls if path.startswith(url)), key=len, default=next(beside, ""))
    return [{"label": e.label, "url": url, "current": url == current} for e, url in entries]


@cache
def _entries() -> tuple[Entry, ...]:
    systems = (import_module(f"egide.systems.{name}.navigation") for name in settings.SYSTEMS)
    return (*(entry for system in systems for entry in system.NAVIGATION), *NAVIGATION)
