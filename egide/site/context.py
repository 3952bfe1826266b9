"""What every page shows: the organisme, the purpose, the agent, the way around."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from egide.kernel.access.models import Agent
from egide.kernel.access.views import open_purposes
from egide.systems.apa_ash.navigation import NAVIGATION


def page(request: HttpRequest) -> dict[str, Any]:
    """Give base.html its bearings; an anonymous visitor has none."""
    user = getattr(request, "user", None)
    if not isinstance(user, Agent):
        return {}
    return {
        "agent": user,
        "organisme": user.organisme,
        "finalite": getattr(getattr(request, "purpose", None), "label", ""),
        "nav": navigation(request),
        "foot": [("Conformité", reverse("conformite"))],
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """List what the agent's habilitations open, with the current entry marked."""
    opened = {purpose.key for purpose in open_purposes(getattr(request, "openings", ()))}
    entries = [(e, reverse(e.url_name)) for e in NAVIGATION if e.purpose_key in opened]
    inside = [url for _, url in entries if request.path.startswith(url)]
    current = max(inside, key=len, default="")
    return [{"label": e.label, "url": url, "current": url == current} for e, url in entries]
