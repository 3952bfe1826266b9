"""Reads a CSV as its user sees it: header, lines, and each defect with its place."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from egide.site.compute.champs import Champ

DELIMITERS = ",;\t"


class CsvRefused(ValueError):
    """Raised for a file that holds at least one defect; nothing has been written."""

    def __init__(self, defects: Sequence[str]) -> None:
        super().__init__(defects[0])
        self.defects = tuple(defects)


@dataclass(frozen=True)
class Header:
    """The columns of a file, and where the fields of the rule are among them."""

    delimiter: str
    columns: tuple[str, ...]
    places: dict[str, int]

    @property
    def internals(self) -> tuple[str, ...]:
        """Give names of our own to the columns: no name of the file enters a query."""
        return tuple(f"c{place}" for place in range(len(self.columns)))


def read_header(source: Path, *, champs: Sequence[Champ], outputs: Sequence[str]) -> Header:
    """Read the names of the columns and refuse a file without those of the rule."""
    first = _first_line(source)
    delimiter = max(DELIMITERS, key=first.count)
    columns = tuple(next(csv.reader([first], delimiter=delimiter), []))
    if not columns:
        raise CsvRefused([f"{source}:1:-: trouvé un fichier vide, attendu une ligne de titres"])
    defects = [
        f"{source}:1:{champ.nom}: trouvé aucune colonne de ce nom, attendu {champ.sorte.attendu}"
        for champ in champs
        if champ.nom not in columns and not champ.optional
    ]
    defects += [
        f"{source}:1:{nom}: trouvé deux colonnes de ce nom, attendu une seule"
        for nom in dict.fromkeys(columns)
        if columns.count(nom) > 1
    ]
    defects += [
        f"{source}:1:{nom}: trouvé cette colonne, attendu qu’elle soit ajoutée par la règle"
        for nom in outputs
        if nom in columns
    ]
    if defects:
        raise CsvRefused(defects)
    known = {champ.nom for champ in champs}
    places = {nom: place for place, nom in enumerate(columns) if nom in known}
    return Header(delimiter, columns, places)


def _first_line(source: Path) -> str:
    """Read the titles only: the engine reads the rest, and refuses what is not UTF-8."""
    try:
        with source.open("rb") as raw:
            line = raw.readline()
    except OSError as error:
        raise CsvRefused([f"{source}:-:-: lecture impossible ({error.strerror})"]) from error
    _check_line(source, number=1, line=line)
    return line.decode("utf-8-sig")


def open_text(source: Path) -> TextIO:
    """Open a file that is wholly UTF-8, or tell the line where it is not."""
    with source.open("rb") as raw:
        for number, line in enumerate(raw, start=1):
            _check_line(source, number=number, line=line)
    return source.open(encoding="utf-8-sig", newline="")


def _check_line(source: Path, *, number: int, line: bytes) -> None:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"{source}:{number}:-: trouvé l’octet 0x{line[error.start]:02X}"
        raise CsvRefused([f"{found}, attendu un texte en UTF-8"]) from error


def find_defects(source: Path, *, champs: Sequence[Champ], header: Header) -> list[str]:
    """List every defect of the rows, in the order of the lines."""
    with open_text(source) as lines:
        reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
        defects: list[str] = []
        number = 1
        try:
            next(reader)
            number = reader.line_num + 1
            for values in reader:
                places = [f"{source}:{number}"]
                defects += [f"{places[0]}:{text}" for text in _row(values, champs, header)]
                number = reader.line_num + 1
        except csv.Error as error:
            defects.append(f"{source}:{number}:-: trouvé une ligne illisible ({error})")
    return defects


def _row(values: list[str], champs: Sequence[Champ], header: Header) -> Iterator[str]:
    if len(values) != len(header.columns):
        yield f"-: trouvé {len(values)} valeurs, attendu {len(header.columns)}"
        return
    for champ in champs:
        place = header.places.get(champ.nom)
        if place is not None and not champ.sorte.matches(values[place]):
            found = f"« {values[place]} »" if values[place] else "rien"
            yield f"{champ.nom}: trouvé {found}, attendu {champ.sorte.attendu}"
