"""What the functions of PostgreSQL look up: purposes of a role, subjects, separations."""

from itertools import permutations

from django.db import connection
from django.db.backends.utils import CursorWrapper

from egide.kernel.access.compiler.statements import subject_rows
from egide.kernel.access.names import purpose_role
from egide.kernel.access.policy import role_purposes
from egide.kernel.catalogue.declarations import REGISTRY


def keep_lookups(cursor: CursorWrapper) -> None:
    """Write the three tables anew."""
    _keep_role_purposes(cursor)
    _keep_subjects(cursor)
    _keep_separations(cursor)


def _keep_role_purposes(cursor: CursorWrapper) -> None:
    cursor.execute("DELETE FROM access.role_purpose")
    for system, role, purpose in sorted(
        role_purposes(), key=lambda row: (row[0], row[1], row[2].key)
    ):
        cursor.execute(
            "INSERT INTO access.role_purpose (system, role, purpose_role) VALUES (%s, %s, %s)",
            [system, role, purpose_role(str(connection.settings_dict["NAME"]), purpose)],
        )


def _keep_subjects(cursor: CursorWrapper) -> None:
    cursor.execute("DELETE FROM access.subject")
    cursor.executemany(
        "INSERT INTO access.subject (system, subject_table, wall) VALUES (%s, %s, %s)",
        subject_rows(),
    )


def _keep_separations(cursor: CursorWrapper) -> None:
    cursor.execute("DELETE FROM access.separation")
    cursor.executemany(
        "INSERT INTO access.separation (system, role, other) VALUES (%s, %s, %s)",
        [
            (catalogue.system, role, other)
            for catalogue in REGISTRY
            for separation in catalogue.separations
            for role, other in permutations(sorted(separation.roles))
        ],
    )
