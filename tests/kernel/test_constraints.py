"""Each declared constraint refuses the row it was written against, and lets the next one in."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from egide.kernel.access.models import Service
from egide.kernel.refus import ActeRefuse, broken_constraint, is_id_taken, refusing
from egide.systems.apa_ash import models as m
from tests.kernel.constraint_rows import CASES, Scene

# What cannot be broken, a primary key being in it: it is there for others to refer to.
REFERRED_TO = {"dossier_and_service"}


class Told(ActeRefuse):
    """What a constraint refuses, said in French."""


def declared():
    return {
        constraint.name: model
        for label in ("apa_ash", "access")
        for model in apps.get_app_config(label).get_models()
        for constraint in model._meta.constraints
    }


def test_no_constraint_lacks_its_row_and_no_row_its_constraint():
    assert {name: case.model for name, case in CASES.items()} == {
        name: model for name, model in declared().items() if name not in REFERRED_TO
    }


@pytest.mark.parametrize("name", CASES)
def test_a_constraint_refuses_its_row_and_nothing_nearer(team, name):
    case, scene = CASES[name], Scene(team)
    if case.beside is not None:
        scene.make(case.model, **case.beside)
    for wrong in filter(None, (case.breaks, case.unknown)):
        broken = scene.build(case.model, **wrong)
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            broken.save()
        assert refused.value.__cause__.diag.constraint_name == name
    assert scene.make(case.model, **case.passes).pk


BOUND = [m for m in apps.get_app_config("apa_ash").get_models() if m._meta.model_name != "dossier"]
BOUND = [model for model in BOUND if any(f.name == "dossier" for f in model._meta.fields)]


@pytest.mark.parametrize("model", BOUND, ids=lambda model: model.__name__)
def test_a_row_stays_in_the_service_of_its_file(db, model):
    """Both columns refer to the file together: `dossier_and_service` is what they refer to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT confrelid::regclass::text, conindid::regclass::text, convalidated"
            " FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s",
            [model._meta.db_table, f"{model._meta.db_table}_same_service"],
        )
        assert cursor.fetchall() == [("apa_ash_dossier", "dossier_and_service", True)]


def test_a_row_of_another_service_than_its_file_is_refused(team):
    scene = Scene(team)
    for service, refused in ((team.nord, False), (team.sud, True)):
        scene.make(m.Demande, service=service)
        with transaction.atomic(), connection.cursor() as cursor:
            if refused:
                with pytest.raises(IntegrityError, match="apa_ash_demande_same_service"):
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                transaction.set_rollback(True)
            else:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    m.Demande.objects.filter(service=team.sud).delete()


@pytest.mark.parametrize(
    ("constraint", "told"),
    [("service_nom_unique", Told), ("service_nom", IntegrityError), ("", IntegrityError)],
)
def test_one_constraint_is_told_and_no_other(team, constraint, told):
    """Neither a name that begins alike, nor the message, which repeats the values typed."""
    with pytest.raises(told), transaction.atomic(), refusing(constraint, Told()):
        Service.objects.create(organisme=team.departement, nom=team.nord.nom)


@pytest.mark.parametrize("taken", [True, False])
def test_a_chosen_id_that_is_taken_is_told_apart(team, taken):
    row = {"pk": team.nord.pk, "nom": "Neuf"} if taken else {"nom": team.nord.nom}
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Service.objects.create(organisme=team.departement, **row)
    assert is_id_taken(error.value) is taken


def test_an_error_without_a_cause_names_no_constraint():
    assert broken_constraint(IntegrityError("x")) == ""
