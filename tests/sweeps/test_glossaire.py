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

KEYS = {"terme", "definition", "source", "gloss"}


def glossary():
    """Read the glossary."""
    return yaml.safe_load((ROOT / "docs/glossaire.yaml").read_text(encoding="utf-8"))


def missing(entries, names):
    """Find names of the code that the glossary lacks."""
    return sorted(set(names) - set(entries))


def unused(entries, root):
    """Find entries that no source names as a whole word."""
    sources = [*root.rglob("*.py"), *root.rglob("*.yaml"), *root.rglob("*.sql")]
    words = {
        word
        for path in sources
        if path.name != "clauses.yaml"
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
    return sorted(set(entries) - words)


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


NAMES = {
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


def test_every_entry_is_used_in_code():
    assert unused(glossary(), ROOT / "egide") == []


def test_every_entry_is_whole():
    for name, entry in glossary().items():
        assert set(entry) == KEYS, name
        assert all(isinstance(text, str) and text.strip() for text in entry.values()), name


def test_a_name_without_an_entry_is_found():
    assert missing({"Dossier": {}}, ["Dossier", "Intrus"]) == ["Intrus"]


def test_an_entry_without_code_is_found(tmp_path: Path):
    (tmp_path / "a.py").write_text("class Dossier: ...\nclass Dossiers: ...\n", encoding="utf-8")
    assert unused({"Dossier": {}, "Doss": {}}, tmp_path) == ["Doss"]
