"""The authorisation matrix: who reaches which rows for which purpose, by both doors alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction

from egide.kernel.access.names import purpose_role
from egide.kernel.access.passage import Passage, enter, openings_of
from egide.kernel.access.policy import POLICIES, Action, Policy
from egide.kernel.catalogue.declarations import REGISTRY, Purpose, Scope
from egide.systems.apa_ash.purposes import PURPOSES, Role
from tests.personas import today
from tests.systems.apa_ash.departement import Departement

# One worker: each would load the demonstration.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("matrix")]

SYSTEM_POLICIES = [p for p in POLICIES if p.catalogue.system == "apa_ash"]
MATRIX = Path(__file__).with_name("matrix.txt")
LETTERS = {
    Role.INSTRUCTEUR: "i",
    Role.EVALUATEUR: "e",
    Role.AGENT_PAIEMENT: "p",
    Role.CONTROLEUR: "c",
    Role.RESPONSABLE: "r",
    Role.DPO: "d",
}
# Tables that the demonstration leaves empty: their policies are proven by the others' form alone.
EMPTY = {"Campagne", "FichierPaiement", "Import", "LigneCampagne"}


@contextmanager
def passing(agent, purpose) -> Iterator[Passage]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('egide.maintenance', 'off', true)")
        openings = openings_of(agent, on=today())
        with enter(agent, purpose=purpose, openings=openings, session="m", on=today()) as passage:
            yield passage
        transaction.set_rollback(True)


def door_1(policy: Policy, passage: Passage) -> set:
    return set(policy.rows(passage).values_list("pk", flat=True).concerning(passage.agent.pk))


def door_2(policy: Policy) -> set | None:
    """Read what SQL alone may read; None where the purpose has no column at all."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {policy.model._meta.db_table}")
            return {pk for (pk,) in cursor.fetchall()}
    except ProgrammingError as error:
        if "permission denied" not in str(error):
            raise
        return None


def everything(policy: Policy) -> dict:
    """Give (as the owner) every row with the place that holds it."""
    column = "service_id" if policy.volet.scope is Scope.SERVICE else "organisme_id"
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
        cursor.execute(f"SELECT id, {column} FROM {policy.model._meta.db_table}")
        return dict(cursor.fetchall())


def narrowed(policy: Policy, purpose: Purpose) -> set:
    """Give (as the owner) the rows that the catalogue leaves to a purpose, wherever they are."""
    only = policy.volet.only.get(purpose)
    rows = policy.model._base_manager.all()
    if only:
        rows = rows.filter(**{f"{only.column}__in": only.words})
    return set(rows.values_list("pk", flat=True))


def observed(departement: Departement, policy: Policy) -> str:
    """Play the whole row of a model; give it as the table writes it."""
    places = everything(policy)
    name = policy.model.__name__
    if name not in EMPTY:
        assert places, f"no row of {name}: the matrix would prove nothing"
    cells = []
    for purpose in PURPOSES:
        cell = ""
        for role, letter in LETTERS.items():
            cell += _played(departement, policy, purpose, role, letter, places)
        cells.append(cell or "·")
    return f"{name:<16} " + " ".join(f"{cell:<14}" for cell in cells).rstrip()


def _played(departement, policy, purpose, role, letter, places) -> str:
    by_organisme = policy.volet.scope is Scope.ORGANISME
    wall = departement.nord.organisme_id if by_organisme else departement.nord.pk
    mine = {pk for pk, place in places.items() if place == wall} & narrowed(policy, purpose)
    with passing(departement.agents[role, "nord"], purpose) as passage:
        first, second = door_1(policy, passage), door_2(policy)
        reads = policy.allowed(passage, Action.READ)
        writes = policy.allowed(passage, Action.WRITE)
    assert first == (second or set()), f"the doors disagree: {policy.model} {purpose.code} {role}"
    assert first == (mine if reads else set())
    with passing(departement.agents[role, "ailleurs"], purpose) as passage:
        assert door_1(policy, passage) == set()
        assert door_2(policy) in (set(), None)
    if not reads:
        return ""
    if not writes:
        _check_no_writes(departement, policy, purpose, departement.agents[role, "nord"], mine)
        return letter
    _check_writes(departement, policy, purpose, departement.agents[role, "nord"], places, mine)
    return letter.upper()


def _check_writes(departement, policy, purpose, agent, places, mine) -> None:
    """Write one row of the place and one beside it, by both doors: the first alone is reached."""
    theirs = sorted(set(places) - mine)
    rows = {pk: image(policy, pk) for pk in (*sorted(mine)[:1], *theirs[:1])}
    with passing(agent, purpose) as passage:
        writable = policy.rows(passage, action=Action.WRITE)
        assert set(writable.values_list("pk", flat=True).concerning(agent.pk)) == mine
        for pk, row in rows.items():
            for column in sorted(policy.volet.updatable(purpose))[:1]:
                assert reaches(UPDATE, policy, column, row) in (
                    {True, None} if pk in mine else {False}
                )
            columns = sorted(policy.volet.insertable(purpose))
            if columns:
                assert reaches(INSERT, policy, ", ".join(columns), row) in {pk in mine, None}


def _check_no_writes(departement, policy, purpose, agent, mine) -> None:
    """Who reads where another role of the purpose writes meets a row policy, not a screen."""
    row = image(policy, min(mine))
    updatable, insertable = policy.volet.updatable(purpose), policy.volet.insertable(purpose)
    with passing(agent, purpose):
        if updatable:
            assert reaches(UPDATE, policy, min(updatable), row) is False
        if insertable:
            assert reaches(INSERT, policy, ", ".join(sorted(insertable)), row) is False
        if purpose in policy.volet.deletes:
            assert reaches(DELETE, policy, "", row) is False


# The row is given back as it is: what is asked is whether the statement comes through the wall.
UPDATE = (
    "UPDATE {0} SET {1} = r.{1} FROM jsonb_populate_record(NULL::{0}, %s) r WHERE {0}.id = r.id"
)
INSERT = "INSERT INTO {0} ({1}) SELECT {1} FROM jsonb_populate_record(NULL::{0}, %s)"
DELETE = "DELETE FROM {0} USING jsonb_populate_record(NULL::{0}, %s) r WHERE {0}.id = r.id"


def image(policy: Policy, pk: object) -> str:
    """Photograph a row as the owner."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('egide.maintenance', 'on', true)")
        cursor.execute(
            f"SELECT to_jsonb(t)::text FROM {policy.model._meta.db_table} t WHERE id = %s", [pk]
        )
        return cursor.fetchone()[0]


def reaches(statement: str, policy: Policy, columns: str, row: str) -> bool | None:
    """Tell whether a write comes through the wall; None where a trigger stops it on the way.

    A key that is taken already is looked at behind the wall: meeting it is coming through.
    """
    text = statement.format(policy.model._meta.db_table, columns)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(text, [row])
            return cursor.rowcount == 1
    except IntegrityError as error:
        return None if "apa_ash:" in str(error) else True
    except ProgrammingError as error:
        if "row-level security policy" not in str(error):
            raise
        return False


def table() -> dict[str, str]:
    lines = MATRIX.read_text(encoding="utf-8").splitlines()
    return {line.split()[0]: line for line in lines if line and not line.startswith("#")}


@pytest.mark.clause("APA-17", "APA-23", "APA-42")
@pytest.mark.parametrize("policy", SYSTEM_POLICIES, ids=lambda p: p.model.__name__)
def test_both_doors_open_what_the_table_says_and_no_more(departement, policy):
    assert observed(departement, policy).split() == table()[policy.model.__name__].split()


def test_the_table_has_a_row_for_each_model_and_no_other():
    assert set(table()) == {m.__name__ for m in apps.get_app_config("apa_ash").get_models()}
    assert set(table()) == {p.model.__name__ for p in SYSTEM_POLICIES}


def test_nobody_reads_a_file_to_oversee(departement):
    for policy in SYSTEM_POLICIES:
        assert not any(allow.role == Role.DPO for allow in policy.allows)


ROW_POLICIES = [
    pytest.param(policy, purpose, id=f"{policy.model.__name__}-{purpose.code}")
    for policy in SYSTEM_POLICIES
    for purpose in PURPOSES
    if policy.volet.readable(purpose) and policy.model.__name__ not in EMPTY
]


@pytest.mark.parametrize(("policy", "purpose"), ROW_POLICIES)
def test_each_row_policy_is_missed_when_it_goes(departement, policy, purpose):
    """A proof by removal: dropped, loosened or unforced, what SQL reads is no longer the same."""
    roles = [a.role for a in policy.allows if a.purpose == purpose]
    table_name, name = policy.model._meta.db_table, f"purpose_{purpose.key}"
    role = purpose_role(connection.settings_dict["NAME"], purpose)
    agent = departement.agents[roles[0], "nord"]

    def seen(mutation: str) -> set | None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or nothing can be altered
                cursor.execute(mutation or "SELECT 1")
            with passing(agent, purpose):
                found = door_2(policy)
            transaction.set_rollback(True)
        return found

    before = seen("")
    assert before
    assert seen(f"DROP POLICY {name} ON {table_name}") == set()
    assert seen(f'REVOKE SELECT (id) ON {table_name} FROM "{role}"') is None
    everywhere = set(everything(policy))
    for opening in (
        f"ALTER POLICY {name} ON {table_name} USING (true)",
        f"ALTER TABLE {table_name} DISABLE ROW LEVEL SECURITY",
        f"CREATE POLICY second ON {table_name} USING (true)",
    ):
        assert seen(opening) == everywhere
    if policy.volet.scope is Scope.SERVICE:
        assert before < everywhere


def test_every_policy_has_a_catalogue():
    for policy in POLICIES:
        assert any(policy.catalogue is catalogue for catalogue in REGISTRY)
