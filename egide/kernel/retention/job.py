"""The transaction of a job, under the role of its purpose: no session of the site takes it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from egide.kernel.access.names import purpose_role
from egide.kernel.retention.declarations import Schedule


@contextmanager
def working_as(schedule: Schedule) -> Iterator[CursorWrapper]:
    """Open a transaction of the owner's session under the role of the job, and leave it."""
    role = purpose_role(str(connection.settings_dict["NAME"]), schedule.purpose)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('egide.maintenance', 'on', true)",
            [role],
        )
        yield cursor
        # A nested transaction does not give them back by itself.
        cursor.execute(
            "SELECT set_config('role', 'none', true), set_config('egide.maintenance', 'off', true)"
        )
