"""A declared statistic: its dimensions, its source, its threshold; an agent is never counted."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from egide.rules.secret_statistique.bornes import DIMENSIONS_MAX
from egide.rules.secret_statistique.parametres import bareme

# What a table by agent would be called. The systems follow people's rights, not those who work.
AGENTS = frozenset(
    {"agent", "agente", "utilisateur", "utilisatrice", "instructeur", "instructrice"}
    | {"evaluateur", "evaluatrice", "gestionnaire", "controleur", "controleuse", "redacteur"}
    | {"redactrice", "valideur", "operateur", "operatrice", "matricule", "login", "identifiant"}
)


class DimensionRefusee(ValueError):
    """Raised for a statistic by agent, without dimension, or with one too many."""


class SeuilRefuse(ValueError):
    """Raised for a declared threshold under the floor."""


@dataclass(frozen=True)
class Statistique:
    """A table that a system may publish: nothing else leaves."""

    nom: str
    dimensions: tuple[str, ...]
    mesure: str
    source: str
    seuil: int

    def __post_init__(self) -> None:
        check_dimensions(self.dimensions)

    def check(self, day: date) -> None:
        """Refuse a threshold under the floor in force that day."""
        plancher = bareme(day)["seuil_plancher"]
        if self.seuil < plancher:
            raise SeuilRefuse(f"{self.nom} : seuil {self.seuil}, attendu {plancher} au moins")


def check_dimensions(dimensions: Sequence[str]) -> None:
    """Refuse a table by agent, a dimension given twice, and more than four of them."""
    for nom in dimensions:
        if AGENTS & set(_words(nom)):
            raise DimensionRefusee(
                f"« {nom} » désigne un agent : les statistiques portent sur les droits des "
                "personnes, jamais sur le travail d’un agent"
            )
        if dimensions.count(nom) > 1:
            raise DimensionRefusee(f"la dimension « {nom} » figure deux fois")
    if not 1 <= len(dimensions) <= DIMENSIONS_MAX:
        raise DimensionRefusee(f"{len(dimensions)} dimensions, attendu 1 à {DIMENSIONS_MAX}")


def _words(nom: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", nom).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", plain)
    return [*words, *(word.removesuffix("s") for word in words)]
