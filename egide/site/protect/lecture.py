"""Reads a table in long form, inner cells or all cells, and tells each defect by its line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from egide.rules.secret_statistique.hierarchies import (
    Hierarchie,
    HierarchieRefusee,
    flat,
    read_hierarchie,
)
from egide.rules.secret_statistique.tableau import Tableau, build_tableau
from egide.site.compute.champs import Champ, Sorte
from egide.site.compute.table import CsvRefused, Header, find_defects, open_text, read_header

CODE = Sorte("un code non vide", lambda column: column, pattern=r"(?s).+")
EFFECTIF = Sorte("un entier de 0 à 999999999999", lambda column: column, pattern="[0-9]{1,12}")


@dataclass(frozen=True)
class Ligne:
    """A row of the file: where it is, its codes, its value."""

    number: int
    codes: tuple[str, ...]
    valeur: int


def read_tableau(
    source: Path,
    *,
    dimensions: Sequence[str],
    value: str,
    hierarchy: Path | None,
    outputs: Sequence[str],
) -> Tableau:
    """Read the file and its hierarchies; totals that are given must be the sums of their parts."""
    champs = [*(Champ(nom, CODE) for nom in dimensions), Champ(value, EFFECTIF)]
    header = read_header(source, champs=champs, outputs=outputs)
    if defects := find_defects(source, champs=champs, header=header):
        raise CsvRefused(defects)
    lignes = list(_lignes(source, header, [champ.nom for champ in champs]))
    if not lignes:
        raise CsvRefused([f"{source}:2:-: trouvé aucune ligne, attendu une cellule au moins"])
    trees = _read_trees(hierarchy) if hierarchy else {}
    hierarchies = []
    for place, nom in enumerate(dimensions):
        codes = dict.fromkeys(ligne.codes[place] for ligne in lignes)
        hierarchies.append(_hierarchie(nom, trees, tuple(codes), hierarchy or source))
    defects = [*_unknown(source, lignes, hierarchies), *_twice(source, lignes, value)]
    if defects:
        raise CsvRefused(defects)
    return _build(source, lignes, hierarchies, value)


def _lignes(source: Path, header: Header, noms: Sequence[str]) -> Iterator[Ligne]:
    places = [header.places[nom] for nom in noms]
    with open_text(source) as lines:
        reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
        next(reader)
        number = reader.line_num + 1
        for values in reader:
            *codes, valeur = (values[place] for place in places)
            yield Ligne(number, tuple(codes), int(valeur))
            number = reader.line_num + 1


def _hierarchie(
    nom: str, trees: dict[str, object], codes: tuple[str, ...], place: Path
) -> Hierarchie:
    try:
        return read_hierarchie(nom, tree=trees[nom]) if nom in trees else flat(nom, codes=codes)
    except HierarchieRefusee as refused:
        raise CsvRefused([f"{place}:-:{nom}: {refused}"]) from refused


def _read_trees(path: Path) -> dict[str, object]:
    """Read the groups; every code is a text, « 01 » as well as « 1 »."""
    try:
        with open_text(path) as lines:
            # The loader gives texts, lists and mappings, nothing else.
            found = yaml.load(lines, Loader=yaml.BaseLoader)  # noqa: S506 - see above
    except OSError as error:
        raise CsvRefused([f"{path}:-:-: lecture impossible ({error.strerror})"]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else ("-", "-")
        raise CsvRefused([f"{path}:{line}:{column}: trouvé un YAML illisible"]) from error
    if not isinstance(found, dict):
        raise CsvRefused([f"{path}:1:-: trouvé autre chose, attendu des groupes par dimension"])
    return found


def _unknown(
    source: Path, lignes: Sequence[Ligne], hierarchies: Sequence[Hierarchie]
) -> Iterator[str]:
    known = [set(hierarchie.codes) for hierarchie in hierarchies]
    for ligne in lignes:
        for code, codes, hierarchie in zip(ligne.codes, known, hierarchies, strict=True):
            if code not in codes:
                yield (
                    f"{source}:{ligne.number}:{hierarchie.dimension}: trouvé « {code} », "
                    "attendu un code de la hiérarchie"
                )


def _twice(source: Path, lignes: Sequence[Ligne], value: str) -> Iterator[str]:
    first: dict[tuple[str, ...], int] = {}
    for ligne in lignes:
        seen = first.setdefault(ligne.codes, ligne.number)
        if seen != ligne.number:
            yield (
                f"{source}:{ligne.number}:{value}: trouvé une seconde valeur pour "
                f"{', '.join(ligne.codes)}, attendu celle de la ligne {seen} seulement"
            )


def _build(
    source: Path, lignes: Sequence[Ligne], hierarchies: Sequence[Hierarchie], value: str
) -> Tableau:
    inner = [set(hierarchie.feuilles) for hierarchie in hierarchies]
    details = {
        ligne.codes: ligne.valeur
        for ligne in lignes
        if all(code in codes for code, codes in zip(ligne.codes, inner, strict=True))
    }
    tableau = build_tableau(hierarchies, inner=details)
    computed = dict(zip(tableau.codes, tableau.valeurs.ravel().tolist(), strict=True))
    defects = [
        f"{source}:{ligne.number}:{value}: trouvé {ligne.valeur}, attendu "
        f"{computed[ligne.codes]}, somme des cellules de {', '.join(ligne.codes)}"
        for ligne in lignes
        if computed[ligne.codes] != ligne.valeur
    ]
    if defects:
        raise CsvRefused(defects)
    return tableau
