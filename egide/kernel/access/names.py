"""Names of PostgreSQL roles: global to a cluster, so prefixed by the database's name."""

from egide.kernel.catalogue.declarations import Purpose

MAX_IDENTIFIER = 63


class RoleNameTooLong(Exception):
    """PostgreSQL would cut the name of a role silently, and two roles could become one."""


def purpose_role(database: str, purpose: Purpose) -> str:
    """Name the NOLOGIN role of a purpose in a database."""
    return _checked(f"{database}_{purpose.key}")


def web_role(database: str) -> str:
    """Name the login of a passage: it owns and inherits nothing, and alone it reads nothing."""
    return _checked(f"{database}_web")


def sign_in_role(database: str) -> str:
    """Name the login that knows agents and sessions, and that no purpose can become."""
    return _checked(f"{database}_signin")


def _checked(name: str) -> str:
    if len(name.encode()) > MAX_IDENTIFIER:
        message = f"{name}: over {MAX_IDENTIFIER} bytes; choose a shorter database name."
        raise RoleNameTooLong(message)
    return name
