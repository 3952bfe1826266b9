"""Take the guards of triggers away, one by one: an attempt obtains something else.

A guard is an `IF … END IF` of a trigger function, or a line by which it writes a hand, a day or an
account itself. The way out of the owner, whom the triggers do not bind, is none.
"""

import re

import pytest
from django.db import transaction

from egide.kernel.access.compiler.statements import sql_files
from tests.kernel.attacks.trigger_attempts import Scene, owner

FUNCTION = re.compile(
    r"CREATE OR REPLACE FUNCTION (\w+\.\w+)\(\) RETURNS trigger.*?END \$\$;", re.DOTALL
)
RECORD = re.compile(
    r"CREATE OR REPLACE FUNCTION audit\.record_write\(\) RETURNS trigger.*?END \$\$;", re.DOTALL
)
WHOLE = re.DOTALL | re.MULTILINE
GUARDS = [
    re.compile(rf"^{margin}IF (?:(?!^{margin}(?:IF|END)\b).)*^{margin}END IF;$", WHOLE)
    for margin in (" " * 4, " " * 8)
] + [re.compile(r"^ +NEW(?:\.\w+)? := [^;]+;$", WHOLE)]
KERNEL = ("audit.", "access.", "retention.")
# Each is refused, or written, elsewhere as well: by a grant, a constraint, or the lines around it.
TWICE = {"apa_ash.keep_run-0": "no purpose holds DELETE on a run"}


def mutants() -> dict[str, list[tuple[str, str, str]]]:
    """Give the guards of each file: a name, the guard, and its function without it."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for source in sql_files():
        for function in FUNCTION.finditer(source):
            name, text = function[1], function[0]
            guards = [g[0] for pattern in GUARDS for g in pattern.finditer(text)]
            guards = [guard for guard in guards if "relowner" not in guard]
            if not name.startswith(KERNEL):
                of_file = found.setdefault(FUNCTION.search(source)[1], [])
                of_file += [(f"{name}-{n}", g, text.replace(g, "")) for n, g in enumerate(guards)]
    return found


MUTANTS = mutants()


@pytest.mark.parametrize("first", MUTANTS)
def test_a_guard_of_a_trigger_that_is_taken_away_is_missed(team, first):
    """A file at a time, named by its first function."""
    scene = Scene(team)
    refused = scene.obtain()
    unnoticed = set()
    for name, guard, mutant in MUTANTS[first]:
        with transaction.atomic():
            owner(mutant.replace("%", "%%"))
            if not scene.differs(refused, without=guard):
                unnoticed.add(name)
            transaction.set_rollback(True)
    assert unnoticed == {name for name, _, _ in MUTANTS[first] if name in TWICE}


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


@pytest.mark.parametrize("what", RECORDED)
def test_what_the_record_of_a_write_holds_is_missed_without_it(team, what):
    (source,) = (found[0] for text in sql_files() for found in RECORD.finditer(text))
    old, new = RECORDED[what]
    assert source.count(old) == 1
    scene = Scene(team)
    recorded = scene.record()
    owner(source.replace(old, new).replace("%", "%%"))
    assert scene.record() != recorded


def test_the_guards_of_the_triggers_are_found():
    assert sum(map(len, MUTANTS.values())) >= 50, MUTANTS
