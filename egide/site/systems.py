"""The systems of this instance, and what each declares under a name; Django is not needed."""

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

ACTIVE = tuple(os.environ.get("EGIDE_SYSTEMS", "apa_ash").split())


def declared(module: str, attribute: str) -> list[Any]:
    """Give what each system declares in a module of its package; a system may have none."""
    places = [f"egide.systems.{system}.{module}" for system in ACTIVE]
    return [getattr(import_module(place), attribute) for place in places if find_spec(place)]
