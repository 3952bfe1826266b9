"""Tell any difference between the declarations, what was compiled and what PostgreSQL holds."""

import hashlib
import json

from django.apps import apps
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.utils import ProgrammingError

from egide.kernel.access.compiler import statements
from egide.kernel.access.compiler.archive import OWN_ROWS, SHARED
from egide.kernel.access.compiler.sealer import SEALER_TABLES
from egide.kernel.access.names import sign_in_role, web_role
from egide.kernel.access.policy import role_purposes
from egide.kernel.catalogue.declarations import REGISTRY

# Everything that decides who reads what, and what may be written: privileges on tables, columns and
# schemas, policies, forced row security, memberships of roles, functions, triggers, constraints.
STATE = {
    "tables": (
        "SELECT n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = ANY (%(house)s)"
        " AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition ORDER BY 1, 2"
    ),
    # Months come and go: what counts is that each is as closed, and as guarded, as the others.
    "partitions": (
        "SELECT DISTINCT i.inhparent::regclass::text, c.relrowsecurity, c.relforcerowsecurity,"
        " coalesce(c.relacl, acldefault('r', c.relowner))::text, (SELECT string_agg("
        " concat(t.tgname, t.tgenabled), ' ' ORDER BY t.tgname) FROM pg_trigger t"
        " WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) FROM pg_class c"
        " JOIN pg_inherits i ON i.inhrelid = c.oid"
        " WHERE c.relispartition AND c.relkind IN ('r', 'p') ORDER BY 1, 2, 3, 4, 5"
    ),
    # A unique constraint that has a condition is an index, and no more.
    "constraints": (
        "SELECT r.conrelid::regclass::text, r.conname, r.convalidated, pg_get_constraintdef(r.oid)"
        " FROM pg_constraint r JOIN pg_class c ON c.oid = r.conrelid"
        " WHERE r.connamespace::regnamespace::text = ANY (%(house)s)"
        " AND NOT c.relispartition UNION ALL"
        " SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, i.indisvalid,"
        " pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " WHERE i.indisunique AND NOT c.relispartition AND"
        " c.relnamespace::regnamespace::text = ANY (%(house)s) ORDER BY 1, 2, 4"
    ),
    "schemas": (
        "SELECT nspname, nspowner::regrole::text, nspacl::text FROM pg_namespace"
        " WHERE NOT starts_with(nspname, 'pg_') AND nspname <> 'information_schema' ORDER BY 1"
    ),
    "default_privileges": (
        "SELECT defaclrole::regrole::text, defaclnamespace, defaclobjtype, defaclacl::text"
        " FROM pg_default_acl ORDER BY 1, 2, 3"
    ),
    "database": "SELECT datacl::text FROM pg_database WHERE datname = current_database()",
    "columns": (
        "SELECT n.nspname, c.relname, a.attname, a.attacl::text FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = ANY (%(house)s)"
        " AND a.attacl IS NOT NULL ORDER BY 1, 2, 3"
    ),
    "policies": (
        "SELECT schemaname, tablename, policyname, permissive, roles::text, cmd, qual, with_check"
        " FROM pg_policies WHERE schemaname = ANY (%(house)s)"
        " ORDER BY 1, 2, 3"
    ),
    "functions": (
        "SELECT n.nspname, p.proname, p.prosecdef, md5(p.prosrc), p.proconfig::text, p.proacl::text"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        # The queue of the jobs is its library's: a schema that no role enters.
        " WHERE n.nspname NOT IN ('public', 'pg_catalog', 'information_schema', 'jobs')"
        " ORDER BY 1, 2, 4"
    ),
    "triggers": (
        "SELECT c.relname, t.tgname, t.tgenabled, md5(pg_get_triggerdef(t.oid)) FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE NOT t.tgisinternal AND n.nspname = ANY (%(house)s)"
        " AND NOT c.relispartition ORDER BY 1, 2"
    ),
    "roles": (
        "SELECT r.rolname, r.rolsuper, r.rolinherit, r.rolbypassrls, r.rolcanlogin, r.rolcreaterole"
        " FROM pg_roles r WHERE starts_with(r.rolname, current_database() || '_') ORDER BY 1"
    ),
    # Settings that a login takes as it connects: it may change its own, and so lock the site out.
    "settings": (
        "SELECT coalesce(r.rolname, ''), s.setdatabase <> 0, unnest(s.setconfig)"
        " FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole"
        " WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database"
        " WHERE datname = current_database())) AND (s.setrole = 0"
        " OR starts_with(r.rolname, current_database() || '_')) ORDER BY 1, 2, 3"
    ),
    "large_objects": (
        "SELECT proname, proargtypes::text FROM pg_proc"
        " WHERE pronamespace = 'pg_catalog'::regnamespace"
        " AND (proname ~ '^lo_' OR proname IN ('loread', 'lowrite'))"
        " AND has_function_privilege('public', oid, 'EXECUTE') ORDER BY 1, 2"
    ),
    # Locks that a session keeps beyond its transaction: acts wait for them, then give up.
    "session_locks": (
        "SELECT proname, proargtypes::text FROM pg_proc"
        " WHERE pronamespace = 'pg_catalog'::regnamespace"
        " AND proname ~ '^pg_(try_)?advisory_(un)?lock'"
        " AND has_function_privilege('public', oid, 'EXECUTE') ORDER BY 1, 2"
    ),
    "memberships": (
        "SELECT DISTINCT r.rolname, m.rolname FROM pg_auth_members am"
        " JOIN pg_roles r ON r.oid = am.roleid JOIN pg_roles m ON m.oid = am.member"
        " WHERE starts_with(m.rolname, current_database() || '_') ORDER BY 1, 2"
    ),
    "jobs": "SELECT role_name FROM access.job ORDER BY 1",
    "role_purposes": "SELECT system, role, purpose_role FROM access.role_purpose ORDER BY 3, 1, 2",
    "subjects": "SELECT system, subject_table, wall FROM access.subject ORDER BY 1",
    "separations": "SELECT system, role, other FROM access.separation ORDER BY 1, 2, 3",
    "figures": "SELECT system, nom, depuis, valeur FROM access.figure ORDER BY 1, 2, 3",
    "signing_key": "SELECT md5(inner_pad || outer_pad) FROM access.signing_key",
}


def may_hide_queries(cursor: CursorWrapper) -> bool:
    """Tell whether the owner was granted the setting that hides what a session runs."""
    cursor.execute("SELECT has_parameter_privilege('track_activities', 'SET')")
    return bool(cursor.fetchone()[0])


def cautions() -> list[str]:
    """List what the administrator of PostgreSQL alone can close, and has left open."""
    found = []
    with connection.cursor() as cursor:
        if not may_hide_queries(cursor):
            found.append(
                "Les requêtes en cours se lisent d’une session du site à l’autre : l’administrateur"
                " de PostgreSQL lance « GRANT SET ON PARAMETER track_activities » au propriétaire"
                " de la base, puis vous « egide policy sync »."
            )
        cursor.execute(STATE["large_objects"])
        if cursor.fetchall():
            found.append(
                "Les grands objets sont ouverts à tous les rôles : l’administrateur de PostgreSQL"
                " peut les fermer (voir « Installer en production »)."
            )
        cursor.execute(STATE["session_locks"])
        if cursor.fetchall():
            found.append(
                "Les verrous de session sont ouverts à tous les rôles : l’administrateur de"
                " PostgreSQL peut les fermer (voir « Installer en production »)."
            )
    return found


def verbs_by_role() -> list[tuple[str, str, dict[str, list[str]]]]:
    """Give which roles may do what on each model: what the row policies are compiled from."""
    return [
        (volet.model, purpose.key, statements.table_of(volet).verbs(purpose))
        for catalogue in REGISTRY
        for volet in catalogue.volets
        for purpose in catalogue.purposes
        if not purpose.job
    ]


def declarations() -> str:
    """Give a fingerprint of all that the code declares."""
    text = [repr(catalogue) for catalogue in REGISTRY]
    text += [repr(row) for row in sorted(role_purposes(), key=repr)]
    text += [repr(row) for row in verbs_by_role()]
    text += [statements.ROWS, repr(statements.SIGN_IN_TABLES)]
    text += [repr(statements.NEVER_OWN), repr(SEALER_TABLES), statements.JOB_ROWS]
    text += [repr(SHARED), OWN_ROWS, statements.MAINTENANCE_ROWS]
    text += statements.sql_files()
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def state(cursor: CursorWrapper) -> str:
    """Photograph what PostgreSQL holds, as canonical JSON."""
    photograph = {}
    for part, query in STATE.items():
        cursor.execute(query, {"house": list(statements.SCHEMAS)})
        photograph[part] = [[None if v is None else str(v) for v in row] for row in cursor]
    return json.dumps(photograph, sort_keys=True)


def drift() -> list[str]:
    """List what differs, one line each; empty when the database is as declared."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT declarations, state FROM access.compiled")
            row = cursor.fetchone()
            now = state(cursor)
    except ProgrammingError:
        return ["Les déclarations n'ont jamais été compilées : lancez « egide policy sync »."]
    if row is None:
        return ["Les déclarations n'ont jamais été compilées : lancez « egide policy sync »."]
    compiled, then = row
    found = _shown_queries(json.loads(now))
    if compiled != declarations():
        found.append(
            "Le code déclare autre chose que ce qui a été compilé : lancez « egide policy sync »."
        )
    return found + _missing_constraints() + _differences(json.loads(then), json.loads(now))


def _missing_constraints() -> list[str]:
    """Tell which constraints of the models are gone: migrations made them, not a compilation."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint UNION"
            " SELECT indrelid::regclass::text, indexrelid::regclass::text FROM pg_index"
        )
        held = set(cursor.fetchall())
    return [
        f"constraints : déclaré par le modèle, absent de la base : {constraint.name}"
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if (model._meta.db_table, constraint.name) not in held
    ]


def _shown_queries(now: dict[str, list[list[str]]]) -> list[str]:
    """List the logins that do not hide what they run, where the owner may have them do so."""
    with connection.cursor() as cursor:
        if not may_hide_queries(cursor):
            return []
        name = str(connection.settings_dict["NAME"])
    hiding = {role for role, _, setting in now["settings"] if setting == "track_activities=off"}
    return [
        f"settings : {login} laisse voir ses requêtes (track_activities)"
        for login in (web_role(name), sign_in_role(name))
        if login not in hiding
    ]


def _differences(then: dict[str, list[list[str]]], now: dict[str, list[list[str]]]) -> list[str]:
    found = []
    for part in STATE:
        before, after = set(map(tuple, then.get(part, []))), set(map(tuple, now[part]))
        found += [
            f"{part} : disparu ou modifié : {row}" for row in sorted(before - after, key=repr)
        ]
        found += [f"{part} : apparu ou modifié : {row}" for row in sorted(after - before, key=repr)]
    return found
