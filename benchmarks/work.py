"""An act of an agent, led as a screen leads it, and the time that it takes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Give the seconds that a call takes, and what it returns."""
    start = time.perf_counter()
    found = run()
    return time.perf_counter() - start, found


def today() -> date:
    """Give the day of the house, which is that of Paris."""
    from django.utils import timezone

    return timezone.localdate()


@dataclass(frozen=True)
class Worker:
    """An agent under one purpose; each act is a passage of its own: a request, without its page."""

    agent: Any
    purpose: Any

    def act(self, service_act: Callable[..., Any], **arguments: Any) -> Any:
        """Do one act, in one transaction."""
        from egide.kernel.access.passage import enter, openings_of

        on = today()
        openings = openings_of(self.agent, on=on)
        with enter(
            self.agent, purpose=self.purpose, openings=openings, session="mesure", on=on
        ) as passage:
            return service_act(passage, **arguments)
