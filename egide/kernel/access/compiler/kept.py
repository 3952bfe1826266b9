"""What the doors read of the declarations: rows of small tables, written at each compilation."""

from itertools import permutations

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from egide.kernel.access.catalogue import PROTEGER
from egide.kernel.access.compiler.statements import subject_rows
from egide.kernel.access.names import purpose_role
from egide.kernel.access.policy import role_purposes
from egide.kernel.catalogue.declarations import REGISTRY


def database() -> str:
    """Name the database: it prefixes its roles."""
    return str(connection.settings_dict["NAME"])


def purpose_roles(*, jobs: bool = True) -> list[str]:
    """Name the roles of the purposes; without jobs, those that the site may become."""
    purposes = [p for catalogue in REGISTRY for p in catalogue.purposes]
    return [purpose_role(database(), p) for p in purposes if jobs or not p.job]


def keep_declared(cursor: CursorWrapper) -> None:
    """Write them all again."""
    _keep_role_purposes(cursor)
    _keep_subjects(cursor)
    _keep_separations(cursor)
    _keep_jobs(cursor)
    _keep_figures(cursor)
    _open_answers(cursor)


def _open_answers(cursor: CursorWrapper) -> None:
    """Let the purposes that a system names ask what its owner's functions answer."""
    for answer in (answer for catalogue in REGISTRY for answer in catalogue.answers):
        roles = [sql.Identifier(purpose_role(database(), p)) for p in answer.purposes]
        cursor.execute(
            sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(
                sql.SQL(answer.function), sql.SQL(", ").join(roles)
            )
        )


def _keep_figures(cursor: CursorWrapper) -> None:
    """Let the guards of each system compare with the dated figures of its law, and with no copy."""
    cursor.execute("DELETE FROM access.figure")
    cursor.executemany(
        "INSERT INTO access.figure (system, nom, depuis, valeur) VALUES (%s, %s, %s, %s)",
        [
            (catalogue.system, figure.nom, figure.depuis, figure.valeur)
            for catalogue in REGISTRY
            for figure in catalogue.figures
        ],
    )
    everyone = sql.SQL(", ").join(map(sql.Identifier, purpose_roles(jobs=False)))
    cursor.execute(
        sql.SQL("GRANT EXECUTE ON FUNCTION access.figure_on(text, text, date) TO {}").format(
            everyone
        )
    )


def _keep_jobs(cursor: CursorWrapper) -> None:
    """Let jobs write what they destroyed, and the delegate read it."""
    jobs = sorted(set(purpose_roles()) - set(purpose_roles(jobs=False)))
    cursor.execute("DELETE FROM access.job")
    cursor.executemany("INSERT INTO access.job VALUES (%s)", [[role] for role in jobs])
    everyone = sql.SQL(", ").join(map(sql.Identifier, purpose_roles()))
    cursor.execute(
        sql.SQL("GRANT EXECUTE ON FUNCTION access.is_job(), access.today() TO {}").format(everyone)
    )
    for role in map(sql.Identifier, jobs):
        cursor.execute(
            sql.SQL("GRANT USAGE ON SCHEMA public, access, retention TO {}").format(role)
        )
        cursor.execute(sql.SQL("GRANT INSERT ON retention.destruction TO {}").format(role))
    cursor.execute(
        sql.SQL("GRANT EXECUTE ON FUNCTION retention.reports(), audit.last_runs() TO {}").format(
            sql.Identifier(purpose_role(database(), PROTEGER))
        )
    )


def _keep_role_purposes(cursor: CursorWrapper) -> None:
    cursor.execute("DELETE FROM access.role_purpose")
    for system, role, purpose in sorted(
        role_purposes(), key=lambda row: (row[0], row[1], row[2].key)
    ):
        cursor.execute(
            "INSERT INTO access.role_purpose (system, role, purpose_role) VALUES (%s, %s, %s)",
            [system, role, purpose_role(database(), purpose)],
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
