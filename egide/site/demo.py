"""The demonstration of the instance: the data of its systems, and the accounts that open it."""

import os

from django.utils import timezone

from egide.site.cli import CannotServe
from egide.systems.apa_ash.demo import COMPTES, PASSWORD, BaseOccupee, create_demo

PEOPLE = 1_000


def load() -> list[str]:
    """Load the demonstration unless it is there, and give the lines that tell its accounts."""
    people = _people()
    try:
        created = create_demo(on=timezone.localdate(), people=people)
    except BaseOccupee as occupied:
        raise CannotServe(str(occupied)) from occupied
    counted = f"{people:,}".replace(",", "\u202f")
    first = f"Département de démonstration chargé : {counted} personnes inventées."
    listed, password = accounts()
    width = max(len(name) for name, _ in listed)
    return [
        *([first] if created else []),
        f"Comptes de démonstration (mot de passe de tous : {password})",
        *(f"  {name:<{width}}  {role}" for name, role in listed),
    ]


def accounts() -> tuple[list[tuple[str, str]], str]:
    """Give the accounts with what they do, and the password of them all."""
    return [(c.identifiant, f"{c.fonction}{_where(c.services)}") for c in COMPTES], PASSWORD


def _where(services: str) -> str:
    return {"N": ", Autonomie Nord", "S": ", Autonomie Sud"}.get(services, "")


def _people() -> int:
    chosen = os.environ.get("EGIDE_DEMO_PEOPLE", str(PEOPLE))
    if not chosen.isdecimal() or not int(chosen):
        raise CannotServe(f"EGIDE_DEMO_PEOPLE : nombre de personnes attendu, trouvé « {chosen} ».")
    return int(chosen)
