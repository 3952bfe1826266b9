"""A second system with another subject: the kernel follows what its catalogue declares."""

import uuid
from contextlib import contextmanager

import pytest
from django.apps import AppConfig, apps
from django.db import connection, models
from django.db.utils import ProgrammingError

from egide.kernel import catalogue as catalogue_package
from egide.kernel.access.compiler import statements, sync
from egide.kernel.access.models import Organisme
from egide.kernel.access.names import purpose_role
from egide.kernel.access.passage import sign
from egide.kernel.access.policy import POLICIES, READ_WRITE, Allow, Policy, same_organisme
from egide.kernel.access.rows import PurposeBound, ServiceBound
from egide.kernel.catalogue.checks import check_catalogue
from egide.kernel.catalogue.declarations import (
    REGISTRY,
    Catalogue,
    Category,
    Purpose,
    Scope,
    Volet,
    lines,
)
from egide.systems.apa_ash.purposes import Role
from tests.personas import cast, grant

SOURCE = "règlement de l'essai"


def system(name, subject_scope):
    """Declare a system about boats: a boat, its mooring, behind a service or an organisme."""
    base = {Scope.SERVICE: ServiceBound, Scope.ORGANISME: PurposeBound}[subject_scope]
    wall = {Scope.SERVICE: "service", Scope.ORGANISME: "organisme"}[subject_scope]
    body = {"__module__": __name__, "Meta": type("Meta", (), {"app_label": name})}
    if subject_scope is Scope.ORGANISME:
        body["organisme"] = models.ForeignKey(Organisme, models.PROTECT, related_name="+")
    unique = models.UniqueConstraint(fields=["id", wall], name=f"{name}_and_wall")
    meta = type("Meta", (), {"app_label": name, "constraints": [unique]})
    boat = type("NavireMarchand", (base,), {**body, "Meta": meta})
    mooring = type(
        "Amarrage",
        (base,),
        {**body, "navire_marchand": models.ForeignKey(boat, models.CASCADE, related_name="+")},
    )
    purpose = Purpose(name, "essai", "essai", SOURCE)
    technical = {"reads": (purpose,), "writes": (purpose,), "scope": subject_scope}
    catalogue = Catalogue(
        system=name,
        label="Navires",
        purposes=(purpose,),
        subject=f"{name}.NavireMarchand",
        volets=(
            Volet(
                f"{name}.NavireMarchand",
                lines(Category.TECHNIQUE, SOURCE, f"id {wall}_id"),
                **technical,
            ),
            Volet(
                f"{name}.Amarrage",
                lines(Category.TECHNIQUE, SOURCE, f"id {wall}_id navire_marchand_id"),
                **technical,
            ),
        ),
    )
    return boat, mooring, catalogue, purpose


@contextmanager
def installed(name, subject_scope):
    """Register the system, create its tables and compile; forget it all afterwards."""
    boat, mooring, catalogue, purpose = system(name, subject_scope)
    config = AppConfig("egide.kernel.catalogue", catalogue_package)  # a package without sql/
    config.label, config.apps, config.models = name, apps, apps.all_models[name]
    policies = len(POLICIES)
    apps.app_configs[name] = config
    REGISTRY.register(catalogue)
    try:
        for model in (boat, mooring):
            Policy(
                model,
                catalogue,
                Allow(
                    Role.INSTRUCTEUR,
                    READ_WRITE,
                    purpose,
                    *([same_organisme] if subject_scope is Scope.ORGANISME else []),
                ),
            )
        with connection.schema_editor() as editor:
            editor.create_model(boat)
            editor.create_model(mooring)
        sync()
        sql("SELECT set_config('egide.maintenance', 'on', true)")
        yield boat, catalogue, purpose
    finally:
        del POLICIES[policies:]
        del REGISTRY._by_system[name]
        del apps.app_configs[name], apps.all_models[name]
        apps.clear_cache()


def sql(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def take(agent, purpose):
    role = purpose_role(connection.settings_dict["NAME"], purpose)
    passage = sign(agent.pk, session="essai", role=role)
    sql(
        "SELECT set_config('egide.maintenance', '', true), set_config('egide.passage', %s, true),"
        " set_config('role', %s, true)",
        passage,
        role,
    )


@pytest.mark.parametrize("scope", list(Scope))
def test_the_trail_and_the_walls_follow_the_declared_subject(maintenance, scope):
    name = f"navires_{scope.value}"
    with installed(name, scope) as (boat, catalogue, purpose):
        team = cast()
        assert list(check_catalogue(catalogue)) == []
        assert [v.subject for v in catalogue.volets] == ["id", "navire_marchand_id"]
        grant(team.alice, Role.INSTRUCTEUR, team.nord, by=team.admin, system=name)
        wall = {"service": (team.nord, team.sud), "organisme": (team.departement, team.voisin)}
        here, there = (boat.objects.create(**{scope.value: w}) for w in wall[scope.value])
        take(team.alice, purpose)
        line = "SELECT audit.record(%s, 'essai', %s, '{a}', '')"
        sql(line, name, [here.pk])
        sql("SAVEPOINT before")
        with pytest.raises(ProgrammingError, match="out of reach"):
            sql(line, name, [here.pk, there.pk])
        sql("ROLLBACK TO before")
        assert [r[4] for r in sql("SELECT * FROM audit.readers(%s)", here.pk)] == ["essai"]
        assert sql("SELECT * FROM audit.readers(%s)", there.pk) == []
        # A row of the second table is written in the trail under the boat that it refers to.
        sql(
            f"INSERT INTO {name}_amarrage (id, navire_marchand_id, {scope.value}_id)"
            " VALUES (%s, %s, %s)",
            uuid.uuid4(),
            here.pk,
            getattr(here, f"{scope.value}_id"),
        )
        sql("SELECT set_config('role', 'none', true)")
        assert sql("SELECT subjects FROM audit.change WHERE operation = 'INSERT' AND model = %s",
                   f"{name}.Amarrage") == [([here.pk],)]  # fmt: skip
        bound = [
            t.name for t in statements.tables(catalogue.volets) if [*statements.same_service(t)]
        ]
        assert bound == ([f"{name}_amarrage"] if scope is Scope.SERVICE else [])


def test_a_subject_that_no_model_is_stops_the_server():
    catalogue = Catalogue("apa_ash", "essai", (), (), subject="apa_ash.Navire")
    told = {message.id for message in check_catalogue(catalogue)}
    assert "catalogue.E009" in told


def test_a_system_about_nobody_names_no_subject():
    volet = Volet("essai.Bareme", lines(Category.TECHNIQUE, SOURCE, "id"), ())
    assert Catalogue("essai", "essai", (), (volet,)).volets[0].subject is None
