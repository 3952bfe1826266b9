"""Serve pages to `bench_pages.py`: one order a line on the input, one answer a line."""

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import instance

CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def take_protections_off() -> None:
    """Enter a passage without a role, and record nothing."""
    from django.db import transaction

    from egide.kernel.access import passage as kernel
    from egide.kernel.access import views
    from egide.kernel.audit import trail

    @contextmanager
    def enter(agent, *, purpose, openings, session, on) -> Iterator[kernel.Passage]:  # noqa: ARG001
        here = tuple(o for o in openings if o.system == purpose.system)
        passage = kernel.Passage(agent=agent, purpose=purpose, openings=here, on=on)
        with transaction.atomic():
            token = kernel.CURRENT.set(passage)
            try:
                yield passage
            finally:
                kernel.CURRENT.reset(token)

    views.enter = enter
    trail.record = lambda *_args, **_options: None


class Pages:
    """A signed-in instructor who opens the list and the files, one after another."""

    def __init__(self) -> None:
        """Sign in, and find the address of some files."""
        from django.test import Client

        from egide.kernel.access.models import Agent

        self.client = Client()
        self.client.force_login(Agent.objects.get(identifiant="instructeur"))
        self.files = 0
        self.addresses: list[str] = []

    def open(self, page: str, *, size: int) -> float:
        """Open one page; give its seconds."""
        from django.urls import reverse

        from egide.systems.apa_ash.queries import dossiers

        dossiers.list_dossiers.__kwdefaults__["size"] = size
        where = reverse("apa_ash:dossiers")
        if page == "file":
            where = self._next_file(where)
        start = time.perf_counter()
        answer = self.client.get(where)
        seconds = time.perf_counter() - start
        if answer.status_code != 200:
            raise SystemExit(f"{where}: {answer.status_code}")
        return seconds

    def _next_file(self, listing: str) -> str:
        if not self.addresses:
            shown = self.client.get(listing).content.decode()
            self.addresses = re.findall(rf'href="({re.escape(listing)}/[0-9a-f-]{{36}})"', shown)
        self.files += 1
        return self.addresses[self.files % len(self.addresses)]


def answer(pages: Pages, order: dict) -> dict:
    """Do what an order asks."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    page, size = order["page"], order["size"]
    pages.open(page, size=size)
    if order.get("count"):
        with CaptureQueriesContext(connection) as seen:
            pages.open(page, size=size)
        return {"statements": sum(not q["sql"].startswith(CONTROL) for q in seen)}
    if order.get("explain"):
        plan: list[str] = []

        def explain(execute, statement, params, many, context):
            if 'FROM "apa_ash_identite"' in statement and "ORDER BY" in statement:
                cursor = context["cursor"].cursor
                cursor.execute("EXPLAIN " + statement, params)
                plan.extend(row[0] for row in cursor.fetchall())
            return execute(statement, params, many, context)

        with connection.execute_wrapper(explain):
            pages.open(page, size=size)
        return {"plan": plan}
    return {"seconds": pages.open(page, size=size)}


def main() -> None:
    """Answer until the input ends."""
    url, login = sys.argv[1:]
    instance.setup(url, login=login)
    if login == "owner":
        take_protections_off()
    from django.conf import settings

    settings.ALLOWED_HOSTS.append("testserver")
    pages = Pages()
    for line in sys.stdin:
        print(json.dumps(answer(pages, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
