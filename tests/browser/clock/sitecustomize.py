"""The day of the server that browsers visit: set back to one whose figures are verified.

Python imports this file of itself in the server and in what the server becomes. Only the clock that
views read is moved: PostgreSQL and the passages signed for it keep the true one.
"""

import os
from datetime import date, timedelta

from django.utils import timezone

_true = timezone.now
_BACK: timedelta = _true().date() - date.fromisoformat(os.environ["EGIDE_BROWSER_DAY"])

timezone.now = lambda: _true() - _BACK
