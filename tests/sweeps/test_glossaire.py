"""The glossary holds every model, role, purpose and rule, and nothing that the code does not."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from django.apps import apps

from egide.kernel.catalogue.declarations import Purpose
from egide.kernel.conformity.clauses import ROOT
from egide.systems.apa_ash import purposes

# Letters that only stand for digits (AAAA-NNNNN) are no word.
ACRONYM = re.compile(r"\b(?!([A-Z])\1+\b)([A-Z]{3,7})\b")
SQL = re.compile(r"\b(CREATE|SELECT|CASE|UPDATE|SET) ")
# Texts, and what machines are made of: neither is a term of a rule.
NO_TERM = {"CASF", "CNIL", "CSS", "LPF", "CSV", "PDF", "SHA", "SQL", "XML", "YAML", "IBAN", "SEPA"}
NO_TERM |= {"CRPA", "BIGINT", "DECIMAL", "ENTREES", "HUGEINT", "NFKD"}
# The kit of the rules is mechanics, and stays English.
KIT = {"Dated", "Quantity", "Version", "Whole"}
SPOKEN = ("rules", "systems/apa_ash/models", "systems/apa_ash/services")
KEYS = {"terme", "definition", "source", "gloss"}


def glossary():
    """Read the glossary."""
    return yaml.safe_load((ROOT / "docs/glossaire.yaml").read_text(encoding="utf-8"))


def missing(entries, names):
    """Find names of the code that the glossary lacks."""
    return sorted(set(names) - set(entries))


def unused(entries, root):
    """Find entries that name nothing: no identifier, no code, no key, no acronym that is shown.

    A word in a comment, in a sentence or in a file of SQL is no use of a term.
    """
    used = set()
    for path in root.rglob("*.py"):
        used |= {path.parent.name}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            used |= names_of(node)
    for path in root.rglob("*.yaml"):
        if path.name != "clauses.yaml":
            used |= set(yaml.safe_load(path.read_text(encoding="utf-8")) or ())
    return sorted(set(entries) - used)


def names_of(node):
    """Give the names that a piece of code defines or calls, and the codes and acronyms it says."""
    fields = ("name", "id", "attr", "arg")
    found = {getattr(node, f) for f in fields if isinstance(getattr(node, f, None), str)}
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        found |= acronyms(node.value) | ({node.value} if node.value.isidentifier() else set())
    return found


def acronyms(text):
    """Give the acronyms of a sentence; a statement of SQL holds none."""
    return set() if SQL.search(text) else {word for _, word in ACRONYM.findall(text)}


def models():
    """Name the models of the house."""
    return [model.__name__ for model in apps.get_models() if model.__module__.startswith("egide.")]


def rules(root=ROOT / "egide/rules"):
    """Name the texts, the dated rules and the reference amounts of the law."""
    texts = [
        path.parent.name for path in root.glob("*/__init__.py") if path.parent.name != "compute"
    ]
    dated = [
        node.target.id
        for path in root.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "Dated"
    ]
    amounts = yaml.safe_load((root / "apa/reference.yaml").read_text(encoding="utf-8"))
    return [*texts, *dated, *amounts]


def concepts(root=ROOT / "egide/rules"):
    """Name what the rules are made of: their public classes, but for refusals and protocols."""
    return [
        node.name
        for path in root.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and node.name not in KIT
        and not any(re.search(r"Error$|^Protocol$", getattr(b, "id", "")) for b in node.bases)
    ]


def spoken(root=ROOT / "egide", folders=SPOKEN):
    """Name the acronyms said by the rules, the columns and the acts."""
    return {
        word
        for folder in folders
        for path in (root / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in acronyms(node.value) - NO_TERM
    }


def explained(entries):
    """Give the words that the glossary explains: its terms, word by word."""
    return {word for entry in entries.values() for word in re.findall(r"\w+", entry["terme"])}


NAMES = {
    "concepts": concepts,
    "models": models,
    "roles": lambda: [role.value for role in purposes.Role],
    "purposes": lambda: [p.code for p in vars(purposes).values() if isinstance(p, Purpose)],
    "rules": rules,
}


@pytest.mark.parametrize("kind", NAMES)
def test_every_name_of_the_code_has_an_entry(kind):
    names = NAMES[kind]()
    assert names, f"the sweep found no {kind}"
    assert missing(glossary(), names) == []


def test_every_acronym_that_is_said_has_an_entry():
    assert len(spoken()) > 5
    assert missing(explained(glossary()), spoken()) == []


def test_every_entry_is_used_in_code():
    assert unused(glossary(), ROOT / "egide") == []


def test_every_entry_is_whole():
    for name, entry in glossary().items():
        assert set(entry) == KEYS, name
        assert all(isinstance(text, str) and text.strip() for text in entry.values()), name


def test_a_name_without_an_entry_is_found():
    assert missing({"Dossier": {}}, ["Dossier", "Intrus"]) == ["Intrus"]


def test_an_entry_without_code_is_found(tmp_path: Path):
    (tmp_path / "a.py").write_text(
        '"""Doss is only said."""\nclass Dossier: ...  # Mot\nclass Dossiers: ...\n',
        encoding="utf-8",
    )
    assert unused({"Dossier": {}, "Doss": {}, "Mot": {}}, tmp_path) == ["Doss", "Mot"]


def test_a_concept_and_an_acronym_without_entry_are_found(tmp_path: Path):
    (tmp_path / "a.py").write_text(
        '"""Reads a TRUC of the CASF."""\n'
        "class Truc: ...\nclass _Own: ...\nclass Refuse(ValueError): ...\n"
        'QUERY = "SELECT ALL"\n',
        encoding="utf-8",
    )
    assert concepts(tmp_path) == ["Truc"]
    assert spoken(tmp_path, folders=(".",)) == {"TRUC"}
