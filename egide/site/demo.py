"""The demonstration of the instance: the data of its systems, and the accounts that open it."""

import os

from django.core.management import call_command
from django.db import ProgrammingError
from django.utils import timezone

from egide.kernel.offers import BaseOccupee, Demo
from egide.site import embedded
from egide.site.cli import CannotServe
from egide.site.systems import declared

PEOPLE = 1_000


def prepare() -> list[str]:
    """Bring the database to the declared form, load it, and give the lines that tell the accounts.

    A database made before a migration was rewritten has every migration and lacks a column.
    """
    try:
        call_command("migrate", verbosity=0)
        return load()
    except ProgrammingError as error:
        raise CannotServe(
            f"La base n’a pas la forme que cette version d’Égide attend : {error.args[0]}\n"
            "Si elle ne porte qu’une démonstration d’une autre version, arrêtez-la "
            f"(« egide stop »), supprimez {embedded.home() / 'postgres'} ou la base de "
            "DATABASE_URL, et recommencez."
        ) from error


def load() -> list[str]:
    """Load what is not there yet, and give the lines that tell the accounts."""
    return [line for demo in demos() for line in _load(demo)]


def _load(demo: Demo) -> list[str]:
    people = _people()
    try:
        created = demo.create(on=timezone.localdate(), people=people)
    except BaseOccupee as occupied:
        raise CannotServe(str(occupied)) from occupied
    counted = f"{people:,}".replace(",", "\u202f")
    width = max(len(name) for name, _ in demo.accounts)
    return [
        *([f"{demo.place} chargé : {counted} personnes inventées."] if created else []),
        f"Comptes de démonstration (mot de passe de tous : {demo.password})",
        *(f"  {name:<{width}}  {role}" for name, role in demo.accounts),
    ]


def demos() -> list[Demo]:
    """Give the demonstrations of the systems of this instance."""
    return declared("demo", "DEMO")


def _people() -> int:
    chosen = os.environ.get("EGIDE_DEMO_PEOPLE", str(PEOPLE))
    if not chosen.isdecimal() or not int(chosen):
        raise CannotServe(f"EGIDE_DEMO_PEOPLE : nombre de personnes attendu, trouvé « {chosen} ».")
    return int(chosen)
