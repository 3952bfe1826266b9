"""Door 1: no turn of Django's query language reads rows that the trail could not name."""

import asyncio

import pytest
from django.db.models import Count, F, Max, OuterRef, Subquery

from egide.kernel.access.rows import OutOfPurpose, UnplannedRead, UntracedRead
from egide.systems.apa_ash.models import Dossier, Identite, Nir
from egide.systems.apa_ash.policy import DOSSIERS, IDENTITES, NIRS
from egide.systems.apa_ash.purposes import INSTRUCTION
from tests import factories


@pytest.fixture
def file(team):
    factories.dossier(team.sud, nom="Morel")
    return factories.dossier(team.nord)


AROUND = {
    "all": lambda f: list(Nir.objects.all()),
    "get": lambda f: Nir.objects.get(dossier=f),
    "first": lambda f: Nir.objects.first(),
    "values": lambda f: list(Nir.objects.values("nir")),
    "values_list": lambda f: list(Nir.objects.values_list("nir", flat=True)),
    "iterator": lambda f: list(Nir.objects.iterator()),
    "in_bulk": lambda f: Nir.objects.in_bulk(),
    "get_or_create": lambda f: Nir.objects.get_or_create(dossier=f),
    "update_or_create": lambda f: Nir.objects.update_or_create(dossier=f),
    "dates": lambda f: list(Dossier.objects.dates("ouvert_on", "year")),
    "union": lambda f: list(Nir.objects.all().union(Nir.objects.all())),
    "aggregate": lambda f: Nir.objects.aggregate(Max("nir")),
    "raw": lambda f: list(Nir.objects.raw("SELECT id, nir FROM apa_ash_nir")),
    "explain": lambda f: Nir.objects.all().explain(),
    "reverse one": lambda f: f.nir,
    "reverse many": lambda f: list(f.demandes.all()),
    "refresh": lambda f: f.refresh_from_db(),
    "delete": lambda f: Dossier.objects.filter(pk=f.pk).delete(),
}


@pytest.mark.parametrize("read", AROUND.values(), ids=AROUND)
def test_rows_are_not_loaded_around_their_policy(team, file, entering, read):
    with entering(team.alice, INSTRUCTION) as passage:
        found = DOSSIERS.get(passage, pk=file.pk)
        with pytest.raises((UnplannedRead, OutOfPurpose)):
            read(found)


async def _aget(rows):
    return await rows.aget()


async def _aiterate(rows):
    return [row async for row in rows]


async def _astream(rows):
    return [row async for row in rows.aiterator()]


@pytest.mark.parametrize("read", [_aget, _aiterate, _astream])
def test_nor_without_blocking(team, file, entering, read):
    with entering(team.alice, INSTRUCTION), pytest.raises(UnplannedRead):
        asyncio.run(read(Nir.objects.all()))


def test_counts_of_ones_own_rows_are_free(team, file, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        assert DOSSIERS.rows(passage).count() == 1
        assert DOSSIERS.rows(passage).exists()
        assert DOSSIERS.rows(passage).aggregate(n=Count("pk")) == {"n": 1}
        assert Dossier.objects.count() == 1
        assert passage.subjects == set()


NAMING = {
    "values": lambda rows: rows.values("nir", "dossier_id"),
    "values by relation": lambda rows: rows.values("nir", "dossier"),
    "all values": lambda rows: rows.values(),
    "tuples": lambda rows: rows.values_list("nir", "dossier_id"),
    "named tuples": lambda rows: rows.values_list("nir", "dossier_id", named=True),
    "all tuples": lambda rows: rows.values_list(),
    "flat": lambda rows: rows.values_list("dossier_id", flat=True),
    "annotated before": lambda rows: rows.annotate(n=F("nir")).values_list("n", "dossier_id"),
    "models": lambda rows: rows,
    "union": lambda rows: rows.union(rows),
    "sliced": lambda rows: rows.order_by("pk")[:1],
    "streamed": lambda rows: rows.iterator(),
}


@pytest.mark.parametrize("select", NAMING.values(), ids=NAMING)
def test_rows_that_name_their_file_are_noted(team, file, entering, select):
    with entering(team.alice, INSTRUCTION) as passage:
        assert list(select(NIRS.rows(passage)))
        assert passage.subjects == {file.pk}


@pytest.mark.parametrize(
    "select",
    [
        lambda rows: rows.values("nir"),
        lambda rows: rows.values_list("nir", flat=True),
        lambda rows: rows.values_list("nir", "statut").distinct(),
        lambda rows: rows.annotate(n=F("nir")).values_list("n"),
        lambda rows: rows.values_list("dossier__numero"),
        lambda rows: rows.values("nir").alias(n=Count("pk")),
    ],
)
def test_rows_that_do_not_are_refused_before_they_are_read(team, file, entering, select):
    with entering(team.alice, INSTRUCTION) as passage:
        with pytest.raises(UntracedRead):
            list(select(NIRS.rows(passage)))
        assert list(select(NIRS.rows(passage)).concerning(file.pk))
        assert passage.subjects == {file.pk}


def test_columns_of_other_volets_are_noted_by_their_names(team, file, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        list(DOSSIERS.rows(passage).annotate(hidden=F("nir__nir")))
        assert "Nir.nir" in passage.fields
    with entering(team.alice, INSTRUCTION) as passage:
        list(DOSSIERS.rows(passage).values("pk", "identite__prenoms"))
        assert "Identite.prenoms" in passage.fields
    with entering(team.alice, INSTRUCTION) as passage:
        birth = Identite.objects.filter(dossier=OuterRef("pk")).values("naissance_on")
        list(DOSSIERS.rows(passage).annotate(born=Subquery(birth)))
        assert "Identite.naissance_on" in passage.fields
    with entering(team.alice, INSTRUCTION) as passage:
        DOSSIERS.rows(passage).aggregate(Max("identite__nom_naissance"))
        assert passage.fields


def test_a_relation_is_joined_by_a_policy_or_not_at_all(team, file, entering):
    with entering(team.alice, INSTRUCTION) as passage:
        assert list(DOSSIERS.rows(passage, identite=IDENTITES))
        with pytest.raises(UnplannedRead):
            list(DOSSIERS.rows(passage).select_related("nir"))
        with pytest.raises(UnplannedRead):
            list(DOSSIERS.rows(passage).prefetch_related("demandes"))


@pytest.mark.parametrize("turn", ["explain", "raw"])
def test_plans_and_sql_are_refused_even_to_a_policy(team, file, entering, turn):
    with entering(team.alice, INSTRUCTION) as passage, pytest.raises(UnplannedRead):
        rows = NIRS.rows(passage)
        rows.explain() if turn == "explain" else rows.raw("SELECT 1")
