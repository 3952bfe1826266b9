"""Take the guards of triggers away, one by one: an attempt obtains something else.

A guard is an `IF … END IF` of a trigger function, or a line by which it writes a hand, a day or an
account itself. The way out of the owner, whom the triggers do not bind, is none. Of its condition,
and of the clause that says when the trigger is called, each leg that refuses is taken away too.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from egide.kernel.access.compiler.statements import sql_files
from tests.kernel.attacks.guard_legs import without_each_clause, without_each_leg
from tests.kernel.attacks.trigger_attempts import owner
from tests.kernel.attacks.trigger_hands import Hands
from tests.personas import cast

# One worker: each would try the whole scene first.
pytestmark = pytest.mark.xdist_group("guards")
FUNCTION = re.compile(
    r"CREATE OR REPLACE FUNCTION (\w+\.\w+)\(\) RETURNS trigger.*?END \$\$;", re.DOTALL
)
RECORD = re.compile(
    r"CREATE OR REPLACE FUNCTION audit\.record_write\(\) RETURNS trigger.*?END \$\$;", re.DOTALL
)
TRIGGER = re.compile(r"CREATE OR REPLACE TRIGGER [^;]*EXECUTE FUNCTION ([\w.]+)\([^;]*;")
WHOLE = re.DOTALL | re.MULTILINE
GUARDS = [
    re.compile(rf"^{margin}IF (?:(?!^{margin}(?:IF|END)\b).)*^{margin}END IF;$", WHOLE)
    for margin in (" " * 4, " " * 8)
] + [re.compile(r"^ +NEW(?:\.\w+)? := [^;]+;$", WHOLE)]
KERNEL = ("audit.", "access.", "retention.")
PREPARED = "{0}.id, {0}.service_id, {0}.mois, {0}.prepare_par_id, {0}.prepare_on"
# Each is refused, or written, elsewhere as well: by a grant, a constraint, or the lines around it.
TWICE = {
    "apa_ash.keep_run-0": "no purpose holds DELETE on a run",
    f"apa_ash.keep_run: ({PREPARED.format('OLD')}) IS DISTINCT FROM ({PREPARED.format('NEW')})": (
        "no purpose writes these columns again"
    ),
    "apa_ash.keep_opened: lower(o.periode) >= d.effet_on": (
        "what silence grants begins on the very day of its decision, a few lines below"
    ),
    "apa_ash.keep_opened: upper(o.periode) IS NOT NULL": (
        "an end is what the two months of urgency are compared with, a few lines below"
    ),
    "apa_ash.keep_opened: b.id <> o.id": "no right begins on the day that ends it",
    "apa_ash.keep_periode: isempty(NEW.periode)": "what is empty has no lower bound",
    "apa_ash.keep_periode: isempty(OLD.periode)": "what is empty has no lower bound",
    "apa_ash.keep_appointed: NEW.evaluateur_id IS NOT NULL AND OLD.evaluateur_id IS NULL": (
        "a visit is always somebody's: the column is not null"
    ),
}
# What is examined has its examiner, and what is set aside its reason: constraints of a line.
TWICE |= {
    f"apa_ash.keep_carried_over: {leg}": "each implies the others, by the constraints of a line"
    for leg in ("c.examen <> ''", "c.ecarte", "c.examine_par_id IS NOT NULL")
}
OTHERS = "to_jsonb({}) - 'retiree_on' - 'retrait'"
TWICE |= {
    "apa_ash.keep_courrier: NOT access.plays('responsable', w.service_id)": (
        "the row policies show to the head of the service alone what was decided"
    ),
    "apa_ash.keep_reglement: p.organisme_id = NEW.organisme_id": (
        "the row policies show to each organisme its own services"
    ),
    "apa_ash.keep_remise: NOT access.plays('responsable', NEW.service_id)": (
        "the row policies let the head of the service alone decide"
    ),
    "apa_ash.keep_indu: NOT access.plays('responsable', NEW.service_id)": (
        "the row policies let the head of the service alone sign"
    ),
    f"apa_ash.keep_facture: {OTHERS.format('OLD')} IS DISTINCT FROM {OTHERS.format('NEW')}": (
        "no purpose writes these columns again"
    ),
}


def mutants() -> dict[str, list[tuple[str, str, str]]]:
    """Give the guards of each file: a name, the guard, and its function without it."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for name, text, source in functions():
        guards = [g[0] for pattern in GUARDS for g in pattern.finditer(text)]
        guards = [guard for guard in guards if "relowner" not in guard]
        of_file = found.setdefault(FUNCTION.search(source)[1], [])
        of_file += [(f"{name}-{n}", g, text.replace(g, "")) for n, g in enumerate(guards)]
    return found


def lesser() -> dict[str, list[tuple[str, str, str]]]:
    """Give the legs of each file: a name, what refuses by them, and its text without one."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for name, text, source in functions():
        calls = [found[0] for found in TRIGGER.finditer(source) if found[1] == name]
        each = [*without_each_leg(text)] + [
            leg for call in calls for leg in without_each_clause(call)
        ]
        whole = " ".join([text, *calls])
        of_file = found.setdefault(FUNCTION.search(source)[1], [])
        of_file += [(f"{name}: {leg}", whole, mutant) for leg, mutant in each]
    return {first: numbered(of_file) for first, of_file in found.items()}


def numbered(found: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Tell apart the legs of one function that read the same."""
    seen = Counter[str]()
    told = []
    for name, *rest in found:
        seen[name] += 1
        told.append((f"{name} ({seen[name]})" if seen[name] > 1 else name, *rest))
    return told


def functions() -> Iterator[tuple[str, str, str]]:
    """Give the functions of the triggers of the systems: a name, a text, and its file."""
    for source in sql_files():
        for function in FUNCTION.finditer(source):
            if not function[1].startswith(KERNEL):
                yield function[1], function[0], source


MUTANTS = mutants()
LEGS = lesser()


@pytest.fixture(scope="module")
def hands(django_db_setup, django_db_blocker):
    """One scene, and what its attempts obtain, for the whole module: each mutant is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        owner("SELECT set_config('egide.maintenance', 'on', true)")
        scene = Hands(cast())
        yield scene, scene.obtain()
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("first", MUTANTS)
def test_a_guard_of_a_trigger_that_is_taken_away_is_missed(hands, first):
    """A file at a time, named by its first function."""
    scene, refused = hands
    unnoticed = set()
    for name, guard, mutant in MUTANTS[first]:
        with without(mutant):
            if not scene.differs(refused, without=guard, mutant=mutant):
                unnoticed.add(name)
    for name, guard, mutant in LEGS.get(first, []):
        with without(mutant):
            if not scene.allows(refused, without=guard):
                unnoticed.add(name)
    tried = {name for name, _, _ in [*MUTANTS[first], *LEGS.get(first, [])]}
    assert unnoticed == tried & TWICE.keys()


@contextmanager
def without(mutant: str) -> Iterator[None]:
    with transaction.atomic():
        owner(mutant.replace("%", "%%"))
        yield
        transaction.set_rollback(True)


# What each stands for is removed from the function that records every write.
RECORDED = {
    "no row is no write": ("    IF ids IS NULL AND NOT touched THEN RETURN NULL; END IF;\n", ""),
    "a passage is there": (
        "statement.agent_id IS NULL AND (NOT access.maintenance() OR session_user <> current_user)",
        "false",
    ),
    "and is that of the role": (
        "AND statement.purpose_role IS DISTINCT FROM current_setting('role', true)",
        "AND false",
    ),
    "rows as they were are no change": ("'r IS DISTINCT FROM o'", "'true'"),
    "nor leave a line": ("    IF ids IS NULL THEN RETURN NULL; END IF;\n", ""),
    "the values of some columns are kept": ("cardinality(ids) <= 100", "false"),
    "and of no other": ("field.key = ANY (kept)", "true"),
    "each column that changed is named": (
        "WHERE to_jsonb(o) -> field.key IS DISTINCT FROM field.value",
        "WHERE false",
    ),
    "with the former value": ("jsonb_build_array(to_jsonb(o) -> field.key,", "jsonb_build_array("),
    "the files are named": ("coalesce(subjects, '{}'), ids", "'{}', ids"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", RECORDED)
def test_what_the_record_of_a_write_holds_is_missed_without_it(hands, what):
    (source,) = (found[0] for text in sql_files() for found in RECORD.finditer(text))
    old, new = RECORDED[what]
    assert source.count(old) == 1
    scene, _ = hands
    recorded = scene.record()
    with without(source.replace(old, new)):
        assert scene.record() != recorded


def test_the_guards_of_the_triggers_are_found():
    assert sum(map(len, MUTANTS.values())) >= 50, MUTANTS
    assert sum(map(len, LEGS.values())) >= 100, LEGS
    named = {name for found in (MUTANTS, LEGS) for each in found.values() for name, _, _ in each}
    assert named >= TWICE.keys()
