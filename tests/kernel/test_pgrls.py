"""An outside judge of the compiled database: pgrls."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db import connection
from psycopg.conninfo import make_conninfo

from egide.kernel.catalogue.declarations import REGISTRY

SYSTEM_TABLES = {apps.get_model(v.model)._meta.db_table for c in REGISTRY for v in c.volets}
KERNEL = {apps.get_model(v.model)._meta.db_table for c in REGISTRY for v in c.volets if v.kernel}
DEFINERS = {
    "access.agent", "access.colleagues", "access.figure_on",
    "access.files_of_same_person", "access.holder",
    "access.is_job", "access.keep_habilitation", "access.names_of", "access.openings",
    "access.organismes", "access.reaches", "access.services", "access.statement",
    "audit.check_system", "audit.fieldset_of", "audit.last_runs", "audit.readers", "audit.record",
    "audit.record_account", "audit.record_refusal", "audit.record_write", "retention.reports",
    "apa_ash.keep_nir_once",
}  # fmt: skip


def is_kernel_sign_in(place):
    """The login of sign-in sees the kernel's own tables, and no purpose can become it."""
    return place in {f"public.{table}.sign_in" for table in KERNEL}


# What the judge says of every house, and why it stands in ours: anything else falls.
EXPLAINED = {
    # Tables that the doors read themselves are granted to no purpose: there is nothing to filter.
    "SEC001": lambda place: place.removeprefix("public.") not in SYSTEM_TABLES,
    # The doors read who is habilitated as the owner (see `Volet.kernel`).
    "SEC002": lambda place: place.removeprefix("public.") in KERNEL,
    # Upkeep and jobs ask who the session is, sign-in nothing: no agent becomes any of them.
    "SEC005": lambda place: place.endswith((".sign_in", ".owner_maintenance", "_purge")),
    "SEC008": is_kernel_sign_in,
    "SEC028": is_kernel_sign_in,
    "SEC038": is_kernel_sign_in,
    # The triggers write the trail, or refuse: each attack on them is a test (attacks/).
    "SEC013": lambda place: place.removeprefix("public.").split(".")[0] in SYSTEM_TABLES,
    # Each of them is named: a new one is added here with a test of its guard.
    "SEC014": lambda place: place in DEFINERS,
    # Rows stay visible so that the screen says why; the check is in WITH CHECK.
    "SEC031": lambda place: place == "public.access_habilitation.never_own_update",
    # The kind of a letter narrows what the index of its file has found already.
    "PERF003": lambda place: place.startswith(
        (
            "public.apa_ash_courrier.purpose_apa_ash_controle",
            "public.apa_ash_courrier.purpose_apa_ash_evaluation",
        )
    ),
    # The first door filters on the index, the policy only checks (benchmarks/).
    "PERF004": lambda _place: True,
}


def address():
    database = connection.settings_dict
    return make_conninfo(
        dbname=database["NAME"], user=database["USER"], password=database["PASSWORD"] or None,
        host=database["HOST"] or None, port=database["PORT"] or None,
    )  # fmt: skip


def unexplained():
    """Run the lint on the database of the tests and keep what has no reason."""
    result = subprocess.run(
        [str(Path(sys.executable).with_name("pgrls")), "lint", "--database-url", address(),
         "--schemas", "public,access,audit,retention,archive,apa_ash", "--format", "json"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.stdout, result.stderr
    found = [v for v in json.loads(result.stdout)["violations"] if v["severity"] != "info"]
    assert {v["rule_id"] for v in found} >= {"SEC001", "SEC014"}  # it did look
    return {
        (v["rule_id"], v["location"])
        for v in found
        if not EXPLAINED.get(v["rule_id"], lambda _place: False)(v["location"])
    }


PLANTED = {
    "an open policy": ("CREATE POLICY open ON apa_ash_nir USING (true)",
                       "DROP POLICY open ON apa_ash_nir", "public.apa_ash_nir.open"),
    "row security off": ("ALTER TABLE apa_ash_nir DISABLE ROW LEVEL SECURITY",
                         "ALTER TABLE apa_ash_nir ENABLE ROW LEVEL SECURITY",
                         "public.apa_ash_nir"),
    "a function of the owner's": (
        "CREATE FUNCTION access.all_nir() RETURNS text LANGUAGE sql SECURITY DEFINER RETURN ''",
        "DROP FUNCTION access.all_nir()", "access.all_nir"),
}  # fmt: skip


def test_an_outside_judge_finds_nothing_that_has_no_reason(db):
    assert unexplained() == set()


@pytest.mark.parametrize("defect", PLANTED.values(), ids=PLANTED)
def test_and_tells_a_defect(db, defect):
    plant, mend, place = defect
    with psycopg.connect(address(), autocommit=True) as owner:
        owner.execute(plant)
        try:
            told = unexplained()
        finally:
            owner.execute(mend)
    assert place in {where for _, where in told}
