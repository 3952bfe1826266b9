"""Reads the dated cases: figures as text, days as days."""

from fractions import Fraction
from pathlib import Path

import yaml

from egide.rules.apa import montants
from egide.rules.money import round_to_cent
from egide.rules.parameters import Bareme

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


def seuil_ressources(on, *, nom):
    """Give in euros a threshold of resources at home, as it is published."""
    part = Bareme(on, montants.DOMICILE)[nom]
    return round_to_cent(Fraction(part) * Fraction(montants.montant_s(on).valeur))
