"""The logins of the web process: tried before it serves, and all that it keeps of the owner's."""

import os
from typing import Any

import psycopg
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from egide.kernel.access.names import sign_in_role, web_role
from egide.kernel.access.secrets import login_password

# Where the database is, and how its identity is checked: nothing that says who connects.
KEPT = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "channel_binding": "PGCHANNELBINDING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


def place() -> dict[str, str]:
    """Give where the database is, without its owner: from the address, then from `PG*`."""
    address: dict[str, Any] = conninfo_to_dict(os.environ.get("DATABASE_URL", ""))
    named = {key: address.get(key) or os.environ.get(name, "") for key, name in KEPT.items()}
    return {key: str(value) for key, value in named.items() if value}


def forget_owner() -> None:
    """Leave to the process that follows an address without the owner's name nor password."""
    kept = make_conninfo("", **place())
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]
    os.environ["DATABASE_URL"] = kept


def closed() -> list[str]:
    """List the logins of the web process that cannot open a session as it will."""
    found = []
    where = place() | {"dbname": str(settings.DATABASES["default"]["NAME"])}
    for login in (web_role(where["dbname"]), sign_in_role(where["dbname"])):
        password = login_password(settings.SECRET_KEY, login=login)
        try:
            address = make_conninfo("", **where, user=login, password=password)
            with psycopg.connect(address) as opened:
                opened.execute("SELECT 1")
        except psycopg.Error as error:
            found.append(f"{login} : {str(error).strip()}")
    return found
