"""What every page shows: the organisme, the purpose, the agent, the way around."""

from typing import Any

from django.http import HttpRequest

from egide.kernel.access.models import Agent


def page(request: HttpRequest) -> dict[str, Any]:
    """Give base.html its bearings; an anonymous visitor has none."""
    user = getattr(request, "user", None)
    if not isinstance(user, Agent):
        return {}
    return {
        "agent": user,
        "organisme": user.organisme,
        "finalite": getattr(getattr(request, "purpose", None), "label", ""),
        "nav": [],
    }
