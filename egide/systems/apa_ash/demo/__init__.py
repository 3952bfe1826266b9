"""A synthetic département in which every state of a file is met, made of invented people only."""

from datetime import date, timedelta

from django.db import connection, transaction

from egide.kernel.access.models import Organisme
from egide.kernel.offers import BaseOccupee, Demo
from egide.rules.apa.arrieres import previous_month
from egide.rules.apa.montants import is_provisional
from egide.systems.apa_ash.demo.cases import draw_cases
from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.demo.emission import issue_past_runs
from egide.systems.apa_ash.demo.files import draw_course, open_file
from egide.systems.apa_ash.demo.grids import draw_grids
from egide.systems.apa_ash.demo.letters import Post
from egide.systems.apa_ash.demo.on_invoices import OnInvoices
from egide.systems.apa_ash.demo.payments import open_ledger, pay
from egide.systems.apa_ash.demo.renewals import Renewals, Withdrawals
from egide.systems.apa_ash.demo.rights import decide
from egide.systems.apa_ash.demo.signatures import Signatures
from egide.systems.apa_ash.demo.team import COMPTES, PASSWORD, SIREN, create_team
from egide.systems.apa_ash.demo.world import World
from egide.systems.apa_ash.models import CompteurDossier

__all__ = ["COMPTES", "DEMO", "PASSWORD", "BaseOccupee", "create_demo"]

SEED = "Égide"
# Months of past: the oldest case, and far more than an arrear may go back.
PASSE = 44
BATCH = 2_000


def create_demo(*, on: date, people: int) -> bool:
    """Create the département in one transaction; tell false if it is there already."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL egide.maintenance = 'on'")
            # Two commands started at once: the second waits, then finds the work done.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('egide.demo'))")
        if Organisme.objects.filter(siren=SIREN).exists():
            return False
        if Organisme.objects.exists():
            raise BaseOccupee(
                "Cette base contient déjà un organisme : le département de démonstration n’y est "
                "pas chargé. Indiquez une base vide par DATABASE_URL."
            )
        _fill(on=on, people=people)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return True


def _fill(*, on: date, people: int) -> None:
    chance = Chance(SEED)
    team = create_team(chance, on=on)
    world = World(
        on=on,
        chance=chance,
        past=Chance(f"{SEED}, histoire"),
        team=team,
        grids=draw_grids(chance),
        anchor=_verified(on),
        debut_on=previous_month(on, back=PASSE),
    )
    world.rows.extend(team.prestataires)
    world.rows.extend(team.reglements)
    ledger = open_ledger(world, debut_on=world.debut_on)
    post, factures = Post(on=on), OnInvoices(Chance(f"{SEED}, factures"))
    signatures = Signatures(Chance(f"{SEED}, signatures"))
    renewals = Renewals(Chance(f"{SEED}, nouvelles demandes"))
    withdrawals = Withdrawals(Chance(f"{SEED}, désistements"))
    courses = [draw_course(world, case) for case in draw_cases(chance, count=people)]
    # A file is numbered when it is opened.
    for index, course in enumerate(sorted(courses, key=lambda course: course.opened_on)):
        service = team.services[0 if chance.whole(1, 20) <= 11 else 1]  # noqa: PLR2004 -- 55 %
        file = open_file(world, course=course, service=service)
        rights = decide(file)
        pay(ledger, rights)
        factures.add(rights)
        signatures.add(rights)
        post.write(rights)
        renewals.add(rights)
        withdrawals.add(rights)
        if index % BATCH == BATCH - 1:
            world.rows.insert()
    world.rows.extend(
        CompteurDossier(id=chance.uuid(), organisme=team.organisme, annee=year, dernier=last)
        for year, last in world.numbers.items()
    )
    world.rows.insert()
    issue_past_runs(team)


def _verified(on: date) -> date:
    """Give the last day whose figures may be notified: no decision is dated after it."""
    while is_provisional(on):
        on = on.replace(month=1, day=1) - timedelta(days=1)
    return on


_SERVICES = {"N": ", Autonomie Nord", "S": ", Autonomie Sud"}
DEMO = Demo(
    place="Département de démonstration",
    create=create_demo,
    accounts=tuple(
        (compte.identifiant, f"{compte.fonction}{_SERVICES.get(compte.services, '')}")
        for compte in COMPTES
    ),
    password=PASSWORD,
)
