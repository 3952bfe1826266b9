"""Every key of the systems stays behind its wall: of one file, of one service, of one organisme."""

import json
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import Error, IntegrityError, connection, transaction

from egide.kernel.access.compiler.keys import keys_of
from egide.kernel.access.compiler.statements import tables
from egide.kernel.access.models import Agent, Organisme, Service
from egide.kernel.catalogue.declarations import REGISTRY
from egide.systems.apa_ash.models.dossier import Dossier
from egide.systems.apa_ash.purposes import Role
from tests.kernel.attacks.test_signed import OTHERS
from tests.kernel.constraint_rows import Scene
from tests.personas import grant

TABLES = [t for t in tables(v for c in REGISTRY for v in c.volets) if not t.volet.kernel]
KEYS = [key for table in TABLES for key in keys_of(table)]
OF_A_FILE = [pytest.param(k, id=k.same_file) for k in KEYS if k.file is not None]
WALLED = [pytest.param(k, id=f"{k.table.name}.{k.column}") for k in KEYS if k.file is None]

# What a row needs besides, for the key to be filled at all.
BESIDE = {
    "apa_ash_facture.relais_id": {"aide": None},
    "apa_ash_projetdecision.relais_id": {"nature": "relais"},
    "apa_ash_relais.decision_id": {"etat": "refuse"},
    "apa_ash_ressources.avant_id": {"en_vigueur": False},
}
# Columns that name an agent of the service: a trigger holds them, the others name who writes.
APPOINTED = {("apa_ash.Dossier", "instructeur_id"), ("apa_ash.Visite", "evaluateur_id")}


def sql(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def field(key):
    return key.column.removesuffix("_id")


def beside(key):
    return BESIDE.get(f"{key.table.name}.{key.column}", {})


def another(scene):
    """Make the scene of another file of the same service."""
    other = Scene(scene.team)
    other.__dict__ |= {"dossier": scene.other, "prestataire": scene.prestataire}
    return other


def test_no_key_is_left_out():
    """A new reference is bound by the compiler, or to a file, a service, an organisme, an agent."""
    for table in TABLES:
        model = apps.get_model(table.volet.model)
        bound = {key.column for key in keys_of(table)}
        named = {f.attname: f.related_model for f in model._meta.concrete_fields if f.is_relation}
        for column, target in named.items():
            if target in {Dossier, Service, Organisme}:  # `same_service`, and the row policies
                continue
            if target is Agent:
                label = table.volet.model
                told = column in table.volet.authors or column in OTHERS.get(label, set())
                assert told or (label, column) in APPOINTED, (label, column)
                continue
            assert column in bound, (table.volet.model, column)


@pytest.mark.clause("APA-42")
@pytest.mark.parametrize("key", OF_A_FILE)
def test_a_key_does_not_cross_from_one_file_to_another(team, key):
    """Not even for the owner of the tables: the service is the same, the person is not."""
    scene = Scene(team)
    model, target = (apps.get_model(t.volet.model) for t in (key.table, key.target))
    for where, crosses in ((scene, False), (another(scene), True)):
        with transaction.atomic():
            sql("SET CONSTRAINTS ALL DEFERRED")
            named = where.make(target)
            scene.make(model, **beside(key), **{field(key): named})
            if crosses:
                with pytest.raises(IntegrityError, match=key.same_file), transaction.atomic():
                    sql("SET CONSTRAINTS ALL IMMEDIATE")
            else:
                sql("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
        scene = Scene(team)


def leave_walls_alone(table):
    """Leave a table the trigger of its walls and no other of ours."""
    for (name,) in sql(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
        " AND tgname NOT LIKE 'within_its_wall%%'", table,
    ):  # fmt: skip
        sql(f"ALTER TABLE {table} DISABLE TRIGGER {name}")


@pytest.fixture
def everywhere(team):
    """Give nora every role in the north and in the south: she sees what she may not cross to."""
    for role in Role:
        if role is not Role.DPO:
            grant(team.nora, role, team.nord, team.sud, by=team.admin)
    return team


@pytest.mark.clause("APA-42")
@pytest.mark.parametrize("key", WALLED)
def test_a_key_does_not_cross_the_wall_of_its_row(everywhere, entering, key):
    """Proven by removal as well: without the trigger, the same row comes through."""
    team, scene = everywhere, Scene(everywhere)
    model, target = (apps.get_model(t.volet.model) for t in (key.table, key.target))
    near = scene.make(target, **({} if key.wall == "service_id" else {"siret": "00000000000007"}))
    far = Scene(team).make(target, **there(key, team))
    row = scene.make(model, **beside(key), **{field(key): near})
    ((image,),) = sql(f"SELECT to_jsonb(t)::text FROM {key.table.name} t WHERE id = %s", row.pk)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    leave_walls_alone(key.table.name)
    if not any(key.column in key.table.volet.updatable(p) for p in key.table.volet.purposes()):
        sql(f"DELETE FROM {key.table.name}")  # or the same row would be there twice
    tried = 0
    for removed in (False, True):
        if removed:
            for verb in ("insert", "update"):
                sql(f"DROP TRIGGER IF EXISTS within_its_wall_{verb} ON {key.table.name}")
        for purpose in {p for p in key.table.volet.purposes() if not p.job}:
            with entering(team.nora, purpose):
                for pk, comes_through in ((near.pk, True), (far.pk, removed)):
                    found = {write(image, pk) for write in writes(key, purpose)}
                    assert found <= {comes_through}, purpose
                    tried += len(found)
    assert tried


def writes(key, purpose):
    """Give the ways in which a purpose may fill the key: each tells whether it came through."""
    table, volet = key.table.name, key.table.volet
    beside_it = {"mois": "2026-10-01"} if table == "apa_ash_prestation" else {}
    columns = ", ".join(sorted(volet.insertable(purpose)))
    if columns:
        yield lambda image, pk: attempt(
            f"INSERT INTO {table} ({columns}) SELECT {columns}"
            f" FROM jsonb_populate_record(NULL::{table}, %s::jsonb || %s::jsonb)",
            image,
            json.dumps({"id": str(uuid4()), key.column: str(pk)} | beside_it),
        )
    if key.column in volet.updatable(purpose):
        yield lambda image, pk: attempt(
            f"UPDATE {table} SET {key.column} = %s WHERE id = %s", pk, json.loads(image)["id"]
        )


def there(key, team):
    """Place the row that is named behind another wall, that nora sees if it is of a service."""
    if key.wall == "service_id":
        return {"service": team.sud}
    return {"organisme": team.voisin, "siret": "00000000000008"}


def attempt(query, *values):
    """Tell whether a statement comes through the wall."""
    try:
        with transaction.atomic():
            sql(query, *values)
            transaction.set_rollback(True)
    except Error as refused:
        assert refused.__cause__.diag.constraint_name == "key_within_its_wall", refused
        return False
    return True
