"""The AGGIR algorithm: eight weighted groups tested in order, the first reached gives the rank."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from egide.rules.parameters import load_yaml

ALGORITHME: Mapping[str, Any] = load_yaml(
    Path(__file__).with_name("algorithme.yaml"), kind="algorithme"
)
MODALITES = ("A", "B", "C")
VARIABLES: tuple[str, ...] = tuple(ALGORITHME["variables"])
ILLUSTRATIVES: Mapping[str, str] = ALGORITHME["illustratives"]
"""The variables that describe the life of the person without weighing, with their names."""
VARIABLES_PESEES: tuple[str, ...] = tuple(
    nom
    for nom in VARIABLES
    if any(nom in groupe["poids"] for groupe in ALGORITHME["groupes"].values())
)


class ModaliteRefusee(ValueError):
    """Raised when a variable is missing or is answered by something else than A, B or C."""


@dataclass(frozen=True, slots=True)
class ResultatAggir:
    """A GIR with its evidence: the letters, the group that decided, its sum, all the sums."""

    lettres: str
    groupe: str
    somme: int
    sommes: Mapping[str, int]
    rang: int
    gir: int
    version: str


def libelle(variable: str) -> str:
    """Give the French name of a variable."""
    return str(ALGORITHME["variables"][variable]["libelle"])


def evaluate(modalites: Mapping[str, str]) -> ResultatAggir:
    """Give the GIR of ten modalities."""
    lettres = _letters(modalites)
    sommes = {
        groupe: sum(poids[modalites[nom]] for nom, poids in table["poids"].items())
        for groupe, table in _TABLES.items()
    }
    groupe, rang = _first_reached(sommes)
    return ResultatAggir(
        lettres=lettres,
        groupe=groupe,
        somme=sommes[groupe],
        sommes=sommes,
        rang=rang,
        gir=ALGORITHME["rangs"][str(rang)],
        version=f"CASF annexe 2-2, {ALGORITHME['version']}",
    )


def read_illustratives(modalites: Mapping[str, str]) -> dict[str, str]:
    """Give the illustrative variables that were answered, in their order; all may be left out."""
    if unknown := sorted(set(modalites) - set(ILLUSTRATIVES)):
        raise ModaliteRefusee(f"variable inconnue : {', '.join(unknown)}")
    for nom, found in modalites.items():
        if found not in MODALITES:
            raise ModaliteRefusee(f"{nom} : trouvé {found or 'rien'}, attendu A, B ou C")
    return {nom: modalites[nom] for nom in ILLUSTRATIVES if nom in modalites}


def _weights(groupe: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**groupe, "poids": {nom: {"A": 0, **poids} for nom, poids in groupe["poids"].items()}}


_TABLES = {nom: _weights(groupe) for nom, groupe in ALGORITHME["groupes"].items()}


def _letters(modalites: Mapping[str, str]) -> str:
    unknown = sorted(set(modalites) - set(VARIABLES))
    if unknown:
        raise ModaliteRefusee(f"variable inconnue : {', '.join(unknown)}")
    for nom in VARIABLES:
        found = modalites.get(nom)
        if found not in MODALITES:
            raise ModaliteRefusee(f"{nom} : trouvé {found or 'rien'}, attendu A, B ou C")
    return "".join(modalites[nom] for nom in VARIABLES)


def _first_reached(sommes: Mapping[str, int]) -> tuple[str, int]:
    for groupe, table in _TABLES.items():
        for seuil in table["seuils"]:
            if sommes[groupe] >= seuil["minimum"]:
                return groupe, seuil["rang"]
    groupe, table = list(_TABLES.items())[-1]
    return groupe, table["sinon"]
