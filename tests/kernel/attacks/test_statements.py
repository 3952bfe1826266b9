"""Attacks by statements: files of the server, objects of one's own, oracles, the trail."""

import psycopg
import pytest
from psycopg import errors

from egide.kernel.access.catalogue import HABILITER
from egide.systems.apa_ash.purposes import CONTROLE, EVALUATION, INSTRUCTION, PAIEMENT
from tests.kernel.attacks.conftest import EVERY_PURPOSE

pytestmark = pytest.mark.django_db

DENIED = (
    errors.InsufficientPrivilege,
    errors.UndefinedFunction,
    errors.UndefinedTable,
    errors.FeatureNotSupported,
    errors.UndefinedFile,
)


def rows(opened, query, *params):
    return opened.execute(query, params or None).fetchall()


REFUSED = {
    "copy to a file": "COPY apa_ash_dossier (id) TO '/var/tmp/x'",
    "copy to a program": "COPY apa_ash_dossier (id) TO PROGRAM 'cat'",
    "copy from a file": "COPY apa_ash_dossier (id) FROM '/etc/passwd'",
    "copy a column out of purpose": "COPY apa_ash_nir (nir) TO STDOUT",
    "read a file": "SELECT pg_read_file('/etc/passwd')",
    "list a folder": "SELECT pg_ls_dir('/')",
    "import an object": "SELECT lo_import('/etc/passwd')",
    "export an object": "SELECT lo_export(1, '/var/tmp/x')",
    "another server": "SELECT dblink('dbname=postgres', 'SELECT 1')",
    "an extension": "CREATE EXTENSION dblink",
    "a table": "CREATE TABLE mine (x int)",
    "a table as": "CREATE TABLE mine AS SELECT id FROM apa_ash_dossier",
    "a temporary table": "CREATE TEMP TABLE apa_ash_nir (nir text)",
    "a temporary table as": "CREATE TEMP TABLE mine AS SELECT id FROM apa_ash_dossier",
    "select into": "SELECT id INTO TEMP mine FROM apa_ash_dossier",
    "a view": "CREATE VIEW mine AS SELECT id FROM apa_ash_dossier",
    "a temporary view": "CREATE TEMP VIEW mine AS SELECT id FROM apa_ash_dossier",
    "a materialized view": "CREATE MATERIALIZED VIEW mine AS SELECT id FROM apa_ash_dossier",
    "a function": "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a temporary function": "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS ''",
    "an operator": "CREATE OPERATOR public.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = uuid_eq)",
    "a shadow of the catalogue": "CREATE FUNCTION pg_catalog.f() RETURNS int LANGUAGE sql AS ''",
    "a schema": "CREATE SCHEMA mine",
    "a function of the doors": (
        "CREATE OR REPLACE FUNCTION access.services() RETURNS uuid[] LANGUAGE sql AS 'SELECT NULL'"
    ),
    "a role": "CREATE ROLE mine",
    "a membership": "GRANT pg_read_all_data TO CURRENT_USER",
    "a grant": "GRANT SELECT ON apa_ash_nir TO PUBLIC",
    "a policy": "CREATE POLICY mine ON apa_ash_dossier USING (true)",
    "a policy dropped": "DROP POLICY purpose_apa_ash_paiement ON apa_ash_dossier",
    "row security off": "ALTER TABLE apa_ash_dossier DISABLE ROW LEVEL SECURITY",
    "owner": "ALTER TABLE apa_ash_dossier OWNER TO CURRENT_USER",
    "a trigger": (
        "CREATE TRIGGER mine AFTER INSERT ON apa_ash_dossier"
        " EXECUTE FUNCTION audit.record_write()"
    ),
    "triggers off": "ALTER TABLE apa_ash_indu DISABLE TRIGGER ALL",
    "a rule": "CREATE RULE mine AS ON SELECT TO apa_ash_dossier DO INSTEAD SELECT 1",
    "truncate": "TRUNCATE apa_ash_dossier CASCADE",
    "a reference": "CREATE TEMP TABLE mine (d uuid REFERENCES apa_ash_dossier (id))",
    "a lock": "LOCK TABLE apa_ash_dossier IN ACCESS EXCLUSIVE MODE",
    "statistics of columns": "SELECT stavalues1 FROM pg_statistic",
    "passwords of roles": "SELECT rolpassword FROM pg_authid",
    "the signing key": "SELECT * FROM access.signing_key",
    "who may what": "INSERT INTO access.role_purpose VALUES ('apa_ash', 'dpo', CURRENT_USER)",
    "who is asking": "SELECT * FROM access.statement()",
    "openings": "SELECT * FROM access.openings()",
    "sessions": "SELECT session_data FROM django_session",
    "agents": "SELECT password FROM access_agent",
    "read the trail": "SELECT * FROM audit.trail",
    "read a partition": "SELECT * FROM audit.trail_apa_ash",
    "read the changes": "SELECT * FROM audit.change",
    "write the trail": "INSERT INTO audit.trail (system, purpose, verb, outcome)"
    " VALUES ('apa_ash', 'x', 'x', 'fait')",
    "delete one's trail": "DELETE FROM audit.trail WHERE agent_id = access.agent()",
    "update one's trail": "UPDATE audit.trail SET verb = 'rien'",
    "empty the trail": "TRUNCATE audit.trail",
    "drop the trail": "DROP TABLE audit.trail",
    "a refusal of one's own making": "SELECT audit.record_refusal('apa_ash', 'x', '{}')",
    "partitions": "SELECT audit.keep_partitions('{x}')",
    "the trail of another system": "SELECT audit.record('access', 'x', '{}', '{}', '')",
    "a whole row out of purpose": "SELECT d FROM apa_ash_droit d",
    "a row as json out of purpose": "SELECT to_jsonb(d) FROM apa_ash_droit d",
    "a filter out of purpose": "SELECT id FROM apa_ash_droit WHERE ressources_mensuelles > 0",
    "an order out of purpose": "SELECT id FROM apa_ash_droit ORDER BY ressources_mensuelles",
    "a join out of purpose": "SELECT 1 FROM apa_ash_dossier d JOIN apa_ash_nir n ON n.id = d.id",
    "a returning out of purpose": (
        "UPDATE apa_ash_indu SET etat = etat RETURNING (SELECT nir FROM apa_ash_nir)"
    ),
    "a write out of purpose": "UPDATE apa_ash_droit SET apa = 9999",
}  # fmt: skip


@pytest.mark.parametrize("attack", REFUSED.values(), ids=REFUSED)
def test_a_statement_outside_the_purpose_is_refused(house, attack):
    with house.inside("paul", PAIEMENT) as opened, pytest.raises(psycopg.Error) as refused:
        opened.execute(attack)
    assert isinstance(refused.value, DENIED), type(refused.value)


@pytest.mark.parametrize("purpose", EVERY_PURPOSE, ids=lambda p: p.key)
def test_no_role_makes_an_object_that_outlives_it(house, purpose):
    agent = {"evaluation": "chloe", "paiement": "paul", "controle": "carole"}.get(
        purpose.code, "remi"
    )
    for name in ("a temporary table", "a view", "a function", "a temporary function", "a schema"):
        with house.inside(agent, purpose) as opened, pytest.raises(errors.InsufficientPrivilege):
            opened.execute(REFUSED[name])


ORACLES = [
    "SELECT 1 FROM apa_ash_identite WHERE 1 / (length(nom_naissance) - 5) > 0",
    "SELECT 1 FROM apa_ash_identite WHERE (nom_naissance || 'x')::int > 0",
    "SELECT 1 FROM apa_ash_identite WHERE prenoms LIKE 'P%' AND 1 / (length(prenoms) - 8) > 0",
    "SELECT 1 FROM apa_ash_nir WHERE nir::numeric / 0 > 0",
]


@pytest.mark.parametrize("oracle", ORACLES)
def test_an_error_tells_nothing_of_rows_behind_the_policy(house, oracle):
    """Morel of the south has five letters: were her row computed, the division would fail."""
    with house.web() as opened:
        house.take(opened, "nora", INSTRUCTION)  # no habilitation: no row at all may be computed
        assert rows(opened, oracle) == []


def test_the_message_of_an_error_quotes_no_row(house):
    attacks = [
        "UPDATE apa_ash_identite SET deces_on = '1800-01-01'",
        "UPDATE apa_ash_nir SET statut = 'absent'",
        (
            "INSERT INTO apa_ash_nir SELECT gen_random_uuid(), dossier_id, nir, statut, verifie_on,"
            " verifie_aupres, anciens, service_id FROM apa_ash_nir"
        ),
        (
            "INSERT INTO apa_ash_identite (id, service_id, dossier_id, nom_naissance, nom_usage,"
            " prenoms, sexe, naissance_on, naissance_lieu, nom_normalise,"
            " naissance_normalisee) SELECT gen_random_uuid(), service_id, dossier_id,"
            " nom_naissance, nom_usage, prenoms, sexe, naissance_on, naissance_lieu,"
            " nom_normalise, naissance_normalisee FROM apa_ash_identite"
        ),
    ]
    for attack in attacks:
        with house.inside("alice", INSTRUCTION) as opened, pytest.raises(psycopg.Error) as told:
            opened.execute(attack)
        text = f"{told.value} {told.value.diag.message_detail}"
        for secret in ("Lef", "Jeanne", "239039912345689", str(house.nord)):
            assert secret not in text, text


def test_writing_into_another_service_is_refused_before_any_constraint_speaks(house):
    insert = (
        "INSERT INTO apa_ash_nir (id, service_id, dossier_id, nir, statut, verifie_aupres, anciens)"
        " VALUES (gen_random_uuid(), %s, %s, '1', 'declare', '', '{}')"
    )
    told = []
    for dossier in (house.sud, "6b0f2f0e-0000-4000-8000-000000000000"):
        with house.inside("alice", INSTRUCTION) as opened, pytest.raises(psycopg.Error) as refused:
            opened.execute(insert, [house.team.sud.pk, dossier])
        told.append((type(refused.value), str(refused.value)))
    assert told[0] == told[1]
    assert told[0][0] is errors.InsufficientPrivilege


def test_the_counters_of_the_planner_hide_values(house):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE apa_ash_identite")
    with house.inside("alice", INSTRUCTION) as opened:
        assert (
            rows(
                opened, "SELECT most_common_vals FROM pg_stats WHERE tablename = 'apa_ash_identite'"
            )
            == []
        )
        plan = str(
            rows(opened, "EXPLAIN (ANALYZE, VERBOSE) SELECT nom_naissance FROM apa_ash_identite")
        )
        assert "Morel" not in plan
        assert "Lef" not in plan


def test_what_other_sessions_run_is_hidden_from_a_purpose(house):
    with house.web() as victim, house.inside("alice", INSTRUCTION) as opened:
        victim.execute("SELECT 'Morel Paulette'")
        seen = rows(opened, "SELECT query FROM pg_stat_activity WHERE datname = current_database()")
        assert not any("Morel" in query for (query,) in seen if query)
        seen = rows(opened, "SELECT * FROM pg_prepared_xacts")
        assert seen == []


def test_qui_a_consulte_is_told_for_a_file_of_the_service_only(house):
    for subject, agent in ((house.sud, "alice"), (house.nord, "bruno"), (house.nord, "victor")):
        with house.inside(agent, INSTRUCTION) as opened:
            assert rows(opened, "SELECT * FROM audit.readers(%s)", subject) == []
    for argument in ("x'; DROP TABLE apa_ash_dossier; --", "' OR true --", "%I"):
        with (
            house.inside("alice", INSTRUCTION) as opened,
            pytest.raises(errors.InvalidTextRepresentation),
        ):
            rows(opened, "SELECT * FROM audit.readers(%s)", argument)


def test_asking_who_read_a_file_opens_nothing_afterwards(house):
    with house.inside("alice", INSTRUCTION) as opened:
        rows(opened, "SELECT * FROM audit.readers(%s)", house.nord)
        ((upkeep,),) = rows(opened, "SELECT current_setting('egide.maintenance', true)")
        assert upkeep != "on"
        assert rows(opened, "SELECT id FROM apa_ash_dossier") == [(house.nord,)]


def test_a_line_of_the_trail_names_its_true_author(house):
    with house.inside("alice", INSTRUCTION) as opened:
        opened.execute("SELECT audit.record('apa_ash', 'essai', '{}', '{a}', '')")
        opened.execute("SELECT set_config('egide.passage', '', true)")
        with pytest.raises(errors.InsufficientPrivilege, match="no valid passage"):
            opened.execute("SELECT audit.record('apa_ash', 'essai', '{}', '{a}', '')")


@pytest.mark.parametrize("agent", ["alice", "bruno", "victor", "edith"])
def test_no_line_is_written_about_a_file_out_of_reach(house, agent):
    """Near misses: another service, another département, a habilitation that is over."""
    reached = {"alice": [house.nord], "bruno": [house.sud]}.get(agent, [])
    line = "SELECT audit.record('apa_ash', 'essai', %s, '{a}', '')"
    for subjects in ([house.nord], [house.sud], [house.nord, house.sud], [house.team.nord.pk]):
        with house.inside(agent, INSTRUCTION) as opened:
            if set(subjects) <= set(reached):
                opened.execute(line, [subjects])
                continue
            with pytest.raises(errors.InsufficientPrivilege, match="out of reach"):
                opened.execute(line, [subjects])


def test_a_system_without_subjects_writes_about_nobody(house):
    line = "SELECT audit.record('access', 'essai', %s, '{a}', '')"
    with house.inside("admin", HABILITER) as opened:
        opened.execute(line, [[]])
        with pytest.raises(errors.InsufficientPrivilege, match="out of reach"):
            opened.execute(line, [[house.nord]])


def test_two_sets_of_fields_never_share_a_name(house):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT audit.fieldset_of('{a,b}') = audit.fieldset_of(ARRAY['a,b'])")
        assert cursor.fetchone() == (False,)


GRANT_OWN = (
    "INSERT INTO access_habilitation (id, organisme_id, agent_id, system, role, periode, motif,"
    " cumul_motif, granted_by_id, granted_at, confirmed_on) SELECT gen_random_uuid(), %s, %s,"
    " 'apa_ash', 'instructeur', daterange(day, day + 9), 'x', '', %s, now(), day"
    " FROM (SELECT (now() AT TIME ZONE 'Europe/Paris')::date AS day) today"
    " RETURNING id"
)
OPEN = (
    "INSERT INTO access_habilitationservice (id, organisme_id, habilitation_id, service_id)"
    " VALUES (gen_random_uuid(), %s, %s, %s)"
)


def test_an_administrator_grants_nothing_to_themselves_nor_in_another_name(house):
    team = house.team
    one = team.departement.pk
    with house.inside("admin", HABILITER) as opened:
        for agent, by in ((team.admin, team.nora), (team.nora, team.alice)):
            with pytest.raises(errors.InsufficientPrivilege), opened.transaction():
                opened.execute(GRANT_OWN, [one, agent.pk, by.pk])
        ((own,),) = rows(
            opened, "SELECT id FROM access_habilitation WHERE agent_id = %s", team.admin.pk
        )
        with pytest.raises(errors.InsufficientPrivilege), opened.transaction():
            opened.execute(OPEN, [one, own, team.sud.pk])
        with pytest.raises(errors.InsufficientPrivilege), opened.transaction():
            opened.execute(
                "UPDATE access_habilitation SET confirmed_on = access.today() WHERE id = %s", [own]
            )
        opened.execute(GRANT_OWN, [one, team.nora.pk, team.admin.pk])


def test_an_administrator_opens_nothing_in_another_organisme(house):
    team = house.team
    one = team.departement.pk
    with house.inside("admin", HABILITER) as opened:
        ((granted,),) = rows(opened, GRANT_OWN, one, team.vadmin.pk, team.admin.pk)
        opened.execute(OPEN, [one, granted, team.ailleurs.pk])
        house.take(opened, "vadmin", INSTRUCTION)
        assert rows(opened, "SELECT access.services()") == [(None,)]


def test_the_trigger_of_writes_holds_under_upkeep(house):
    with house.inside("carole", CONTROLE) as opened:
        opened.execute("SELECT set_config('egide.maintenance', 'on', true)")
        opened.execute("SELECT set_config('egide.passage', '', true)")
        found = opened.execute("UPDATE apa_ash_prestataire SET nom = 'x'")
        assert found.rowcount == 0


def test_an_evaluation_deletes_lines_of_its_own_service_only(house):
    with house.inside("chloe", EVALUATION) as opened:
        assert opened.execute("DELETE FROM apa_ash_ligneplan").rowcount == 0
        with pytest.raises(errors.InsufficientPrivilege):
            opened.execute("DELETE FROM apa_ash_planaide")


def test_no_line_slips_into_a_draft_that_is_being_sent(house):
    line = (
        "INSERT INTO apa_ash_ligneplan (id, service_id, dossier_id, plan_id, nature, mode,"
        " volume_mensuel, unite, tarif)"
        " VALUES (gen_random_uuid(), %s, %s, %s, 'nuit', 'autre', 1, 'forfait', 1)"
    )
    values = [house.team.nord.pk, house.nord, house.brouillon]
    with house.inside("chloe", EVALUATION) as sending, house.inside("chloe", EVALUATION) as adding:
        adding.execute("SAVEPOINT before")
        assert adding.execute(line, values).rowcount == 1
        adding.execute("ROLLBACK TO before")
        sending.execute(
            "UPDATE apa_ash_planaide SET etat = 'propose', envoye_on = access.today()"
            " WHERE id = %s",
            [house.brouillon],
        )
        adding.execute("SET LOCAL lock_timeout = '300ms'")
        with pytest.raises(errors.LockNotAvailable):
            adding.execute(line, values)


ADDED = (
    "INSERT INTO apa_ash_paiement (id, service_id, lot_id, dossier_id, droit_id, titulaire, iban,"
    " mois_du, montant_brut, retenue, anomalie, ecarte, examen) SELECT gen_random_uuid(),"
    " service_id, lot_id, dossier_id, droit_id, '', '', (mois_du - interval '1 month')::date, 9, 0,"
    " '', false, ''"
    " FROM apa_ash_paiement WHERE lot_id = %s"
)
EXAMINED = (
    "UPDATE apa_ash_paiement SET examen = 'vu', examine_par_id = access.agent() WHERE lot_id = %s"
)


@pytest.mark.parametrize("change", [ADDED, EXAMINED], ids=["added", "changed"])
def test_no_line_changes_in_a_run_that_is_being_validated(house, change):
    """It waits for the validation, and is then refused: what was signed is what is paid."""
    with house.inside("remi", PAIEMENT) as validating, house.inside("paul", PAIEMENT) as changing:
        changing.execute("SAVEPOINT before")
        assert changing.execute(change, [house.lot]).rowcount == 1
        changing.execute("ROLLBACK TO before")
        validating.execute(
            "UPDATE apa_ash_lotpaiement SET etat = 'valide', valide_on = access.today(),"
            " valide_par_id = access.agent() WHERE id = %s",
            [house.lot],
        )
        changing.execute("SET LOCAL lock_timeout = '300ms'")
        with pytest.raises(errors.LockNotAvailable):
            changing.execute(change, [house.lot])
