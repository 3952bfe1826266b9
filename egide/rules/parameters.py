"""Dated figures: read from the YAML file beside a rule, checked, and looked up for one day."""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from egide.rules.dated import NotInForce

SCHEMA = Path(__file__).with_name("schema.json")


class ParametreRefuse(ValueError):
    """Raised when a file of figures does not obey the schema."""


class _Loader(yaml.SafeLoader):
    """Reads days as text: a figure is a string, or the schema refuses it."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def _validator(kind: str) -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return Draft202012Validator({**schema, "$ref": f"#/$defs/{kind}"})


def load_yaml(path: Path, *, kind: str) -> Any:  # noqa: ANN401 - the schema gives the shape
    """Read a YAML file and check it against one definition of the schema."""
    # The loader is safe: it only takes away the reading of dates from SafeLoader.
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - safe
    defects = sorted(_validator(kind).iter_errors(content), key=lambda error: list(error.path))
    if defects:
        place = "/".join(str(step) for step in defects[0].path)
        raise ParametreRefuse(f"{path.name}:{place}: {defects[0].message}")
    return content


@dataclass(frozen=True, slots=True)
class Valeur:
    """A figure from a day on, with the text it comes from and how sure we are of it."""

    depuis: date
    valeur: Decimal
    source: str
    confiance: str = "forte"


@dataclass(frozen=True, slots=True)
class Parametre:
    """A named figure of the law with all its values in order of time."""

    nom: str
    libelle: str
    unite: str
    verifie_jusqu_au: date
    valeurs: tuple[Valeur, ...]

    def at(self, day: date) -> Valeur:
        """Give the value in force on a day."""
        index = bisect_right(self.valeurs, day, key=lambda valeur: valeur.depuis)
        if not index:
            raise NotInForce(f"{self.libelle} : aucune valeur le {day.isoformat()}")
        return self.valeurs[index - 1]

    def with_valeur(self, valeur: Valeur, *, verifie_jusqu_au: date) -> "Parametre":
        """Give the same figure with one value added or replaced, verified up to a day."""
        kept = [other for other in self.valeurs if other.depuis != valeur.depuis]
        ordered = tuple(sorted([*kept, valeur], key=lambda item: item.depuis))
        return replace(self, valeurs=ordered, verifie_jusqu_au=verifie_jusqu_au)


Parametres = Mapping[str, Parametre]


def load_parametres(path: Path) -> Parametres:
    """Read the figures of one file."""
    return {
        nom: Parametre(
            nom=nom,
            libelle=entry["libelle"],
            unite=entry["unite"],
            verifie_jusqu_au=date.fromisoformat(entry["verifie_jusqu_au"]),
            valeurs=tuple(
                Valeur(
                    date.fromisoformat(depuis),
                    Decimal(item["valeur"]),
                    item["source"],
                    item.get("confiance", "forte"),
                )
                for depuis, item in sorted(entry["valeurs"].items())
            ),
        )
        for nom, entry in load_yaml(path, kind="parametres").items()
    }


@dataclass(frozen=True, slots=True)
class Bareme:
    """The figures of one file as they stand on one day."""

    day: date
    parametres: Parametres

    def __getitem__(self, nom: str) -> Decimal:
        return self.parametres[nom].at(self.day).valeur

    def source(self, nom: str) -> str:
        """Give the text from which a figure comes."""
        return self.parametres[nom].at(self.day).source

    def confiance(self, nom: str) -> str:
        """Tell how sure a figure is: forte, moyenne or faible."""
        return self.parametres[nom].at(self.day).confiance

    @property
    def provisional(self) -> bool:
        """Tell whether the day is past the verification of any of the figures."""
        return any(self.day > item.verifie_jusqu_au for item in self.parametres.values())

    @property
    def sources(self) -> tuple[str, ...]:
        """Give the texts of all figures in force that day, each once."""
        in_force = (
            item.at(self.day).source
            for item in self.parametres.values()
            if item.valeurs[0].depuis <= self.day
        )
        return tuple(dict.fromkeys(in_force))

    def fractions(self) -> dict[str, Fraction]:
        """Give all figures in force that day as exact fractions, for a formula."""
        return {
            nom: Fraction(item.at(self.day).valeur)
            for nom, item in self.parametres.items()
            if item.valeurs[0].depuis <= self.day
        }
