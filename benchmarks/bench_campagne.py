"""The January campaign on 40,000 beneficiaries, against the same writes in hand-written SQL.

Ours: simulation, launch (which computes again) and every batch, as the web login, under the role of
the purpose, with row policies, column grants, the trail and the differences of writes.
By hand: the owner, on a copy with row policies and the trail's triggers off, in one transaction,
writes the same rows, from a table of amounts already computed: the lines of the campaign, the
decisions, the end of the old rights, the new rights.
"""

import os
import uuid
from datetime import date

import psycopg

from benchmarks import instance
from benchmarks.work import Worker, timed

PEOPLE = int(os.environ.get("EGIDE_BENCH_PEOPLE", "40000"))
LETTERS = 500
EFFET = date(2026, 1, 1)
NAMES = ("egide_bench_campagne", "egide_bench_main")

GIVEN = (
    "CREATE TABLE computed AS SELECT * FROM apa_ash_lignecampagne",
    "TRUNCATE apa_ash_lignecampagne",
    "ANALYZE",
)
BY_HAND = (
    "INSERT INTO apa_ash_lignecampagne SELECT * FROM computed",
    """INSERT INTO apa_ash_decision (id, service_id, dossier_id, nature, prise_on, effet_on, motif,
           deja_verse, prise_par_id)
       SELECT l.id, l.service_id, l.dossier_id, 'revalorisation', date '2026-01-01',
           date '2026-01-01', 'Revalorisation au 1er janvier 2026 (CASF L. 232-4)', 0,
           c.lancee_par_id
       FROM apa_ash_lignecampagne l JOIN apa_ash_campagne c ON c.id = l.campagne_id""",
    """UPDATE apa_ash_droit d SET periode = daterange(lower(d.periode), date '2026-01-01')
       FROM apa_ash_lignecampagne l WHERE l.droit_id = d.id""",
    """INSERT INTO apa_ash_droit (id, service_id, dossier_id, decision_id, periode, gir, couple,
           ressources_mensuelles, plan_mensuel, taux_participation, participation, apa, forfait)
       SELECT l.id, d.service_id, d.dossier_id, l.id, daterange(date '2026-01-01', NULL), d.gir,
           d.couple, d.ressources_mensuelles, d.plan_mensuel, l.taux_apres,
           l.participation_apres, l.apa_apres, false
       FROM apa_ash_lignecampagne l JOIN apa_ash_droit d ON d.id = l.droit_id""",
    "UPDATE apa_ash_lignecampagne SET applique = true",
)


def by_hand(url: str) -> float:
    """Time the hand-written writes on an unprotected copy."""
    instance.unprotect(url)
    with psycopg.connect(url) as owner:
        for statement in GIVEN:
            owner.execute(statement)
        owner.commit()

        def write() -> None:
            for statement in BY_HAND:
                owner.execute(statement)
            owner.commit()

        return timed(write)[0]


def apply_all(head: Worker, *, pk: uuid.UUID) -> tuple[float, list[float]]:
    """Launch a campaign and apply its batches; give the time of each."""
    from egide.systems.apa_ash.services import campagnes as acts

    launched, campagne = timed(lambda: head.act(acts.launch_campagne, campagne_id=pk))
    batches = []
    while campagne.etat != "terminee":
        took, campagne = timed(lambda: head.act(acts.apply_batch, campagne_id=pk))
        batches.append(took)
    return launched, batches


def print_letters(head: Worker, *, pk: uuid.UUID) -> tuple[float, float]:
    """Write the letters of 500 lines, then bind them; give both times."""
    from egide.systems.apa_ash.letters.liasse import bind
    from egide.systems.apa_ash.queries.campagne import open_campagne
    from egide.systems.apa_ash.queries.campagne_courriers import read_part
    from egide.systems.apa_ash.services.campagne_courriers import write_batch

    written, campagne = timed(lambda: head.act(write_batch, campagne_id=pk, size=LETTERS))
    assert campagne.notifies == LETTERS, campagne.notifies

    def bound(passage: object) -> bytes:
        row = open_campagne(passage, pk=pk)
        return bind(read_part(passage, campagne=row, part=1))

    return written, timed(lambda: head.act(bound))[0]


def measure(base: str, *, names: list[str]) -> None:
    """Make the database, lead the campaign, write by hand on a copy, print."""
    url = instance.address(base, database=names[0])
    instance.setup(url)
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.population import create_team, populate

    call_command("migrate", verbosity=0)
    (service,), _, agent, _ = create_team(services=1)
    took, _ = timed(lambda: populate([service], first=1, last=PEOPLE))
    print(f"{PEOPLE} bénéficiaires, créés en {took:.1f} s")
    from egide.systems.apa_ash.purposes import REVALORISATION
    from egide.systems.apa_ash.services import campagnes as acts

    head, pk = Worker(agent, purpose=REVALORISATION), uuid.uuid4()
    simulated, _ = timed(
        lambda: head.act(acts.simulate_campagne, jeton=pk, service_id=service.pk, effet_on=EFFET)
    )
    connection.close()
    instance.copy(base, source=names[0], target=names[1])
    hand = by_hand(instance.address(base, database=names[1]))
    launched, batches = apply_all(head, pk=pk)
    letters = print_letters(head, pk=pk)
    connection.close()
    report(simulated, launched=launched, batches=batches, hand=hand)
    print(f"{LETTERS} courriers      {letters[0]:6.2f} s   rendus et gardés en un lot")
    print(f"{LETTERS} en un PDF      {letters[1]:6.2f} s")


def report(simulated: float, *, launched: float, batches: list[float], hand: float) -> None:
    """Print the times and their ratios."""
    total = simulated + launched + sum(batches)
    print(f"simulation        {simulated:6.2f} s")
    print(f"lancement         {launched:6.2f} s   (recalcule tout, écrit ce qui a changé)")
    print(f"application       {sum(batches):6.2f} s   en {len(batches)} lots")
    print(f"campagne entière  {total:6.2f} s   objectif : moins de 30 s")
    print(f"SQL à la main     {hand:6.2f} s   mêmes écritures, sans protection ni trace")
    print(f"rapport, application seule  {sum(batches) / hand:5.2f}")
    print(f"rapport, campagne entière   {total / hand:5.2f}   objectif : au plus 3")


def main() -> None:
    """Measure in a database that is dropped at the end."""
    base = instance.server_url()
    with instance.scratch(base, *NAMES) as names:
        measure(base, names=names)


if __name__ == "__main__":
    main()
