"""What PostgreSQL grants is what the catalogue says, column by column, and drift is told."""

import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from egide.kernel.access.compiler import drift, sync
from egide.kernel.access.names import purpose_role, web_role
from egide.kernel.access.policy import Action, declared_roles
from egide.kernel.catalogue.declarations import REGISTRY


def query(text, *params):
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cursor.fetchall() if cursor.description else []


CELLS = [
    pytest.param(volet, purpose, id=f"{volet.model}-{purpose.code}")
    for catalogue in REGISTRY
    for volet in catalogue.volets
    for purpose in catalogue.purposes
]


@pytest.mark.clause("APA-17", "APA-27")
@pytest.mark.parametrize(("volet", "purpose"), CELLS)
def test_each_purpose_holds_exactly_the_columns_of_the_catalogue(db, volet, purpose):
    model = apps.get_model(volet.model)
    role = purpose_role(connection.settings_dict["NAME"], purpose)
    wanted = {
        "SELECT": volet.readable(purpose),
        "INSERT": volet.insertable(purpose),
        "UPDATE": volet.updatable(purpose),
    }
    for field in model._meta.concrete_fields:
        for privilege, columns in wanted.items():
            ((held,),) = query(
                "SELECT has_column_privilege(%s, %s, %s, %s)",
                role,
                model._meta.db_table,
                field.column,
                privilege,
            )
            assert held == (field.attname in columns), (privilege, field.column)
    for privilege in ("DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"):
        ((held,),) = query(
            "SELECT has_table_privilege(%s, %s, %s)", role, model._meta.db_table, privilege
        )
        assert held == (privilege == "DELETE" and purpose in volet.deletes)


def test_every_table_of_a_system_forces_row_security(db):
    rows = query(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'apa_ash%%'"
        " AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    assert rows == []


def test_every_row_policy_is_evaluated_once_and_fails_closed(db):
    rows = query(
        "SELECT policyname, cmd, qual, with_check FROM pg_policies"
        " WHERE policyname LIKE 'purpose_%%'"
    )
    jobs = {f"purpose_{p.key}" for catalogue in REGISTRY for p in catalogue.purposes if p.job}
    assert rows and jobs
    for name, verb, qual, check in rows:
        if name in jobs:
            assert (verb, qual, check) == ("ALL", *["( SELECT access.is_job() AS is_job)"] * 2)
            continue
        assert (qual is None, check is None) == (verb == "INSERT", verb in {"SELECT", "DELETE"})
        for rows_reached in {qual, check} - {None}:
            assert "( SELECT access." in rows_reached
            assert "COALESCE" in rows_reached
            assert "IS NOT NULL" in rows_reached


@pytest.mark.clause("APA-42")
@pytest.mark.parametrize(("volet", "purpose"), [c for c in CELLS if not c.values[1].job])
def test_each_verb_that_a_purpose_holds_is_that_of_the_roles_who_have_it(db, volet, purpose):
    """Verb by verb: what is granted has a policy that names the roles, and no other has one."""
    table = apps.get_model(volet.model)._meta.db_table
    actions = {"SELECT": Action.READ}
    wanted = {
        verb: declared_roles(volet, purpose, actions.get(verb, Action.WRITE))
        for verb, granted in (
            ("SELECT", volet.readable(purpose)),
            ("INSERT", volet.insertable(purpose)),
            ("UPDATE", volet.updatable(purpose)),
            ("DELETE", purpose in volet.deletes),
        )
        if granted
    }
    assert all(wanted.values()), f"granted to a purpose, and to none of its roles: {wanted}"
    found = query(
        "SELECT cmd, coalesce(qual, with_check) FROM pg_policies WHERE tablename = %s"
        " AND roles = ARRAY[%s]::name[]",
        table,
        purpose_role(connection.settings_dict["NAME"], purpose),
    )
    assert {verb: re.findall(r"'(\w+)'::text", rows) for verb, rows in found} == wanted


def test_the_web_login_owns_nothing_inherits_nothing_and_reads_no_file(db):
    web = web_role(connection.settings_dict["NAME"])
    ((inherits, superuser, bypass),) = query(
        "SELECT rolinherit, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", web
    )
    assert not (inherits or superuser or bypass)
    for catalogue in REGISTRY:
        for volet in (v for v in catalogue.volets if not v.kernel):
            table = apps.get_model(volet.model)._meta.db_table
            assert query("SELECT has_any_column_privilege(%s, %s, 'SELECT')", web, table) == [
                (False,)
            ], table


def test_no_purpose_reads_a_password_or_a_session(db):
    for catalogue in REGISTRY:
        for purpose in catalogue.purposes:
            role = purpose_role(connection.settings_dict["NAME"], purpose)
            for table, column in (
                ("access_agent", "password"),
                ("django_session", "session_key"),
                ("django_session", "session_data"),
            ):
                assert query(
                    "SELECT has_column_privilege(%s, %s, %s, 'SELECT')", role, table, column
                ) == [(False,)]


def test_security_definer_functions_pin_their_search_path_and_are_closed_to_the_public(db):
    rows = query(
        "SELECT p.proname, p.proconfig::text,"
        " has_function_privilege('public', p.oid, 'EXECUTE') FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('access', 'audit')"
        " AND p.prosecdef"
    )
    assert rows
    for name, config, public in rows:
        assert "search_path=pg_catalog, pg_temp" in (config or ""), name
        assert not public, name


def test_a_compiled_database_has_no_drift(db):
    assert drift() == []


def test_every_process_gives_the_declarations_the_same_fingerprint(db):
    """Each process writes a set in its own order: drift would be told where there is none."""
    code = (
        "import django; django.setup();"
        "from egide.kernel.access.compiler.drift import declarations; print(declarations())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
        ).stdout
        for seed in "1234"
    }  # fmt: skip
    assert len(found) == 1


TAMPERINGS = {
    "a wider grant": "GRANT SELECT ON apa_ash_nir TO {payment}",
    "a wider column": "GRANT SELECT (nir) ON apa_ash_nir TO {payment}",
    "a narrower grant": "REVOKE SELECT (nir) ON apa_ash_nir FROM {instruction}",
    "row security off": "ALTER TABLE apa_ash_nir DISABLE ROW LEVEL SECURITY",
    "row security not forced": "ALTER TABLE apa_ash_nir NO FORCE ROW LEVEL SECURITY",
    "a second policy": "CREATE POLICY open ON apa_ash_nir USING (true)",
    "a policy dropped": "DROP POLICY purpose_apa_ash_instruction ON apa_ash_nir",
    "a policy loosened": "ALTER POLICY purpose_apa_ash_instruction ON apa_ash_nir USING (true)",
    "the trail rewritable": "DROP TRIGGER append_only ON audit.trail",
    "writes unrecorded": "ALTER TABLE apa_ash_nir DISABLE TRIGGER record_update",
    "inheriting web": "ALTER ROLE {web} INHERIT",
    "a login that lets nothing run": "ALTER ROLE {web} SET statement_timeout = 1",
    "the same, in this database": "ALTER ROLE {web} IN DATABASE {name} SET statement_timeout = 1",
    "a login that shows what it runs": "ALTER ROLE {web} RESET track_activities",
    "a role more": "INSERT INTO access.role_purpose VALUES ('apa_ash', 'dpo', '{instruction}')",
    "a verb for one role more": (
        "ALTER POLICY purpose_apa_ash_instruction_insert ON apa_ash_gel"
        " WITH CHECK (array_position(COALESCE((SELECT access.services()), '{{}}'), service_id)"
        " IS NOT NULL)"
    ),
    "another key": "UPDATE access.signing_key SET inner_pad = outer_pad",
    "a partition opened": "GRANT SELECT ON {partition} TO {payment}",
    "a key to the file dropped": (
        "ALTER TABLE apa_ash_nir DROP CONSTRAINT apa_ash_nir_same_service"
    ),
    "a schema opened": "GRANT CREATE ON SCHEMA public TO {payment}",
    "tables to come opened": "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {payment}",
    "tables to come opened in a schema": (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA audit GRANT SELECT ON TABLES TO {payment}"
    ),
    "a function replaced": (
        "CREATE OR REPLACE FUNCTION access.services() RETURNS uuid[] LANGUAGE sql STABLE"
        " SECURITY DEFINER AS $$ SELECT array_agg(id) FROM public.access_service $$"
    ),
}


@pytest.mark.parametrize("attack", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_each_tampering_is_told_and_the_next_compilation_mends_it(db, attack):
    name = connection.settings_dict["NAME"]
    purposes = {p.code: p for c in REGISTRY for p in c.purposes}
    ((partition,),) = query(
        "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
        " WHERE c.relkind = 'r' AND inhrelid::regclass::text LIKE 'audit.trail_%%' LIMIT 1"
    )
    query(
        attack.format(
            partition=partition,
            payment=purpose_role(name, purposes["paiement"]),
            instruction=purpose_role(name, purposes["instruction"]),
            web=web_role(name),
            name=name,
        )
    )
    assert drift() != []
    sync()
    assert drift() == []


MIGRATED = {
    "lot_paiement_second_agent": "ALTER TABLE apa_ash_lotpaiement DROP CONSTRAINT {}",
    "lot_paiement_one_a_month": "DROP INDEX {}",
    "droit_one_at_a_time": "ALTER TABLE apa_ash_droit DROP CONSTRAINT {}",
}


@pytest.mark.parametrize("constraint", MIGRATED)
def test_a_constraint_that_is_gone_is_told_even_after_a_compilation(db, constraint):
    """Compiling photographs what it finds: what migrations made, models alone can still ask for."""
    query(MIGRATED[constraint].format(constraint))
    assert any(constraint in line for line in drift())
    sync()
    (told,) = drift()
    assert constraint in told


def test_a_constraint_loosened_under_its_name_is_told(db):
    query("ALTER TABLE apa_ash_lotpaiement DROP CONSTRAINT lot_paiement_second_agent")
    query(
        "ALTER TABLE apa_ash_lotpaiement ADD CONSTRAINT lot_paiement_second_agent"
        " CHECK (true) NOT VALID"
    )
    assert any("lot_paiement_second_agent" in line for line in drift())


def test_a_month_more_is_no_drift_and_a_month_disarmed_is(db):
    query(
        "CREATE TABLE audit.trail_apa_ash_2099_01 PARTITION OF audit.trail_apa_ash"
        " FOR VALUES FROM ('2099-01-01') TO ('2099-02-01')"
    )
    assert drift() == []
    query("ALTER TABLE audit.trail_apa_ash_2099_01 DISABLE TRIGGER append_only")
    assert drift() != []


def test_the_figures_that_guards_compare_with_are_those_declared_and_drift_is_told(db):
    sync()
    declared = {
        (catalogue.system, figure.nom, figure.depuis, figure.valeur)
        for catalogue in REGISTRY
        for figure in catalogue.figures
    }
    assert declared == set(query("SELECT system, nom, depuis, valeur FROM access.figure"))
    assert drift() == []
    query("UPDATE access.figure SET valeur = valeur + 1000 WHERE nom = 'forfait'")
    assert any(line.startswith("figures :") and "forfait" in line for line in drift())


def test_a_purpose_asks_a_figure_of_its_day_and_writes_none(db):
    steps = [f for c in REGISTRY for f in c.figures if f.nom == "forfait"]
    last, before = sorted(steps, key=lambda f: f.depuis)[-1:-3:-1]
    asked = "SELECT access.figure_on('apa_ash', 'forfait', %s)"
    eve = last.depuis - timedelta(days=1)
    assert query(asked, last.depuis) == [(last.valeur,)]
    assert query(asked, eve) == [(before.valeur,)]
    assert query(asked, date(2001, 12, 31)) == [(None,)]
    reached = "SELECT has_any_column_privilege(oid, 'access.figure', 'SELECT, INSERT, UPDATE') FROM"
    roles = query(f"{reached} pg_roles WHERE starts_with(rolname, current_database() || '_')")
    assert set(roles) == {(False,)}
