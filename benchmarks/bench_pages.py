"""The list of files and the page of one file: statements, plans, and the price of the protections.

Two processes serve the same pages from two copies of one database, in turn:
- protected: the web login, the purpose's role, row policies, column grants, the trail;
- bare: the owner, row policies and triggers off, no role taken, nothing written to the trail.
The application is the same on both sides, sign-in, session and templates included.
"""

import json
import os
import statistics
import subprocess
import sys
import time

from benchmarks import instance

NAMES = ("egide_bench_pages", "egide_bench_bare")
SMALL, LARGE = 1_000, int(os.environ.get("EGIDE_BENCH_PEOPLE", "100000"))
SIZES = (10, 50, 200)
ROUNDS = 60
SERVICES = 10


class Side:
    """One process that serves pages and tells what they cost."""

    def __init__(self, url: str, *, login: str) -> None:
        """Start it on a database, as the owner or as the web login."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.page_server", url, login],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **order: object) -> dict:
        """Send an order, give its answer."""
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        """End the process and its connection."""
        self.process.stdin.close()
        self.process.wait(timeout=20)


def count(side: Side, *, people: int) -> None:
    """Print the statements of each page, and how the list is read."""
    for page, most, sizes in (("list", 12, SIZES), ("file", 15, (50,))):
        found = [side.ask(page=page, size=size, count=True) for size in sizes]
        counts = sorted({answer["statements"] for answer in found})
        kept = "tenu" if max(counts) <= most and len(counts) == 1 else "MANQUÉ"
        print(f"{people:>7} personnes, {page:<4} : {counts} ordres SQL, au plus {most} : {kept}")
    plan = side.ask(page="list", size=50, explain=True)["plan"]
    ordered = any("identite_noms" in line for line in plan)
    sorts = any("Sort" in line for line in plan)
    print(f"        lecture par l’index des noms : {ordered} ; tri : {sorts}")


def compare(protected: Side, bare: Side) -> None:
    """Print the medians of both sides, taken in turn, and their ratio."""
    for page in ("list", "file"):
        times: dict[str, list[float]] = {"protected": [], "bare": []}
        for round_number in range(ROUNDS + 10):
            for name, side in (("protected", protected), ("bare", bare)):
                took = side.ask(page=page, size=50)["seconds"]
                if round_number >= 10:  # the first rounds warm the caches
                    times[name].append(took)
        medians = {name: statistics.median(values) * 1000 for name, values in times.items()}
        ratio = medians["protected"] / medians["bare"]
        print(
            f"{page:<4} : {medians['protected']:.1f} ms protégée, {medians['bare']:.1f} ms nue, "
            f"rapport {ratio:.2f} (objectif : au plus 1,3)"
        )


def main() -> None:
    """Measure on databases that are dropped at the end."""
    base = instance.server_url()
    with instance.scratch(base, *NAMES) as names:
        urls = [instance.address(base, database=name) for name in names]
        instance.setup(urls[0])
        from django.core.management import call_command
        from django.db import connection

        from benchmarks.population import create_team, populate

        call_command("migrate", verbosity=0)
        services = create_team(services=SERVICES).services
        for first, last in ((1, SMALL), (SMALL + 1, LARGE)):
            start = time.perf_counter()
            populate(services, first=first, last=last)
            print(f"{last} personnes, en {time.perf_counter() - start:.1f} s")
            side = Side(urls[0], login="web")
            count(side, people=last)
            side.stop()
        connection.close()
        instance.copy(base, source=names[0], target=names[1])
        instance.unprotect(urls[1])
        sides = [Side(urls[0], login="web"), Side(urls[1], login="owner")]
        compare(*sides)
        for side in sides:
            side.stop()


if __name__ == "__main__":
    main()
