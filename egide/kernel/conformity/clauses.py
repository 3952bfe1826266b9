"""The clauses of each system, read from its clauses.yaml and checked against the schema."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from yaml.nodes import MappingNode

HERE = Path(__file__).resolve().parent
SYSTEMS = HERE.parents[1] / "systems"
ROOT = HERE.parents[2]


class DefectiveClauses(Exception):
    """A clauses.yaml that breaks the schema, numbers badly or repeats a clause."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One obligation of a text, and what answers it when it is a matter of organisation."""

    id: str
    libelle: str
    section: str
    type: str
    document: str = ""
    porte: str = ""
    attestation: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """The text that governs a system, with its clauses in their order."""

    system: str
    texte: str
    titre: str
    clauses: tuple[Clause, ...]


class _NoRepeat(yaml.SafeLoader):
    """A loader which refuses a repeated key: PyYAML would keep the last one in silence."""

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the signature of PyYAML
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        repeated = sorted({str(key) for key in keys if keys.count(key) > 1})
        if repeated:
            raise DefectiveClauses(f"clé répétée : {', '.join(repeated)}")
        return super().construct_mapping(node, deep=deep)


def known_systems() -> list[str]:
    """Name the systems whose clauses are written."""
    return sorted(path.parent.name for path in SYSTEMS.glob("*/clauses.yaml"))


def read(path: Path) -> Text:
    """Read one clauses.yaml, or raise DefectiveClauses with every defect found."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=_NoRepeat)  # noqa: S506 - a SafeLoader
    schema = json.loads((HERE / "schema.json").read_text(encoding="utf-8"))
    defects = [
        f"{'.'.join(str(part) for part in error.absolute_path)} : {error.message}"
        for error in Draft202012Validator(schema).iter_errors(content)
    ] or list(_misnumbered(content["prefixe"], content["clauses"]))
    if defects:
        raise DefectiveClauses(f"{path.parent.name}/{path.name}\n" + "\n".join(defects))
    return Text(
        system=path.parent.name,
        texte=content["texte"],
        titre=content["titre"],
        clauses=tuple(
            Clause(
                id=id_,
                libelle=line["libelle"],
                section=line["section"],
                type=line["type"],
                **line.get("repond", {}),
            )
            for id_, line in content["clauses"].items()
        ),
    )


def text(system: str) -> Text:
    """Return the text of a system."""
    return read(SYSTEMS / system / "clauses.yaml")


def clauses(system: str) -> list[Clause]:
    """List the clauses of a system in the order of their numbers."""
    return list(text(system).clauses)


def known_ids() -> frozenset[str]:
    """Return the identifiers of every clause of every system."""
    return frozenset(clause.id for system in known_systems() for clause in clauses(system))


def _misnumbered(prefix: str, ids: Iterable[str]) -> Iterable[str]:
    # A hole in the numbers would be an obligation dropped without anyone saying so.
    for rank, id_ in enumerate(ids, start=1):
        expected = f"{prefix}-{rank:02d}"
        if id_ != expected:
            yield f"{id_} : {expected} était attendu à cette place"
            return
