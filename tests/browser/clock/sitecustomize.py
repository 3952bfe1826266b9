"""The day of the server that browsers visit: set back to one whose figures are verified.

Python imports this file of itself in the server and in what the server becomes. Only the clock that
views read is moved: PostgreSQL and the passages signed for it keep the true one.
"""

import os
from datetime import UTC, datetime, time, timedelta

from django.utils import timezone

_true = timezone.now
# From noon on: an evening of winter is the next day in summer time.
_NOON = datetime.combine(
    datetime.fromisoformat(os.environ["EGIDE_BROWSER_DAY"]), time(12), tzinfo=UTC
)
_BACK: timedelta = _true() - _NOON

timezone.now = lambda: _true() - _BACK
