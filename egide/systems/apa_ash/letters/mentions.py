"""The mentions owed to the person and the ways to contest, read once from mentions.yaml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from egide.systems.apa_ash.letters.content import Organisme

SOURCE = Path(__file__).with_name("mentions.yaml")


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention of information, filled with the facts of the controller."""

    id: str
    titre: str
    texte: str
    source: str


@dataclass(frozen=True, slots=True)
class Recours:
    """How and within which delays the person may contest."""

    titre: str
    etapes: tuple[str, ...]
    source: str


@cache
def _declared() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return loaded


def to(name: str) -> str:
    """Write « à » before a name, contracted with the article that it starts with."""
    for article, contracted in (("le ", "au "), ("les ", "aux ")):
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    return f"à {name}"


def _facts(organisme: Organisme) -> dict[str, str]:
    return {
        "organisme": organisme.nom,
        "adresse": ", ".join(organisme.adresse),
        "autorite": organisme.autorite,
        "a_autorite": to(organisme.autorite),
        "dpo": organisme.dpo,
        "tribunal": organisme.tribunal,
    }


def mentions(organisme: Organisme) -> tuple[Mention, ...]:
    """Give every mention, in the order in which a letter prints them."""
    facts = _facts(organisme)
    return tuple(
        Mention(row["id"], row["titre"], row["texte"].format_map(facts), row["source"])
        for row in _declared()["mentions"]
    )


def recours(kind: str, *, organisme: Organisme) -> Recours:
    """Give the ways to contest that suit a kind of act."""
    declared = _declared()["recours"][kind]
    facts = _facts(organisme)
    etapes = tuple(step.format_map(facts) for step in declared["etapes"])
    return Recours(declared["titre"], etapes, declared["source"])
