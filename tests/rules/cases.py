"""Reads the dated cases: figures as text, days as days."""

from pathlib import Path

import yaml

CASES = Path(__file__).parent


def load_cases(*, text, name):
    """Read the rows of one kind from every file of cases of a text that has them."""
    found = {}
    rows = []
    for path in sorted((CASES / text / "cases").glob("*.yaml")):
        entry = yaml.safe_load(path.read_text(encoding="utf-8")).get(name, {})
        rows += entry if isinstance(entry, list) else []
        found |= entry if isinstance(entry, dict) else {}
    return rows or found
