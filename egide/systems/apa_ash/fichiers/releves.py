"""Read what services report, hours or invoices, from a table: values, or defects by place."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from egide.rules.identifiants.organismes import read_siret
from egide.systems.apa_ash.fichiers.defauts import (
    LIGNES_MAX,
    Defaut,
    FichierRefuse,
    decode,
)

HEURES_MAX = Decimal(744)
MONTANT_MAX = Decimal("99999999.99")
NUMERO = re.compile(r"[0-9A-Za-z-]{1,12}\Z", re.ASCII)
MOIS = re.compile(r"([0-9]{4})-([0-9]{2})(?:-[0-9]{2})?\Z", re.ASCII)
NOMBRE = re.compile(r"[0-9]{1,10}(?:[.,][0-9]{1,2})?\Z", re.ASCII)


class Nature(StrEnum):
    """What a file reports."""

    HEURES = "heures"
    FACTURES = "factures"

    @property
    def mesure(self) -> str:
        """Name the column that holds the figure."""
        return "heures" if self is Nature.HEURES else "montant"


@dataclass(frozen=True, slots=True)
class Releve:
    """One figure of one service for one file and one month, with its line in the file."""

    ligne: int
    dossier: str
    siret: str
    mois: date
    valeur: Decimal


class ValeurRefusee(ValueError):
    """A value that is not what its column asks for; the message says what is."""


def read_csv(contenu: bytes, *, nature: Nature, until: date) -> list[Releve]:
    """Read a table `dossier;siret;mois;heures` or `dossier;siret;mois;montant`.

    Other columns are ignored. Two lines on the same file, service and month are a defect: a
    correction comes in another file, and replaces.
    """
    text = decode(contenu)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",", strict=True)
    defauts: list[Defaut] = []
    found: list[Releve] = []
    try:
        header = [name.strip().lower() for name in next(reader)]
        columns = _columns(header, nature)
        for row in reader:
            if any(cell.strip() for cell in row):
                _read_row(row, reader.line_num, columns, found, defauts, until=until)
            if len(found) + len(defauts) > LIGNES_MAX:
                message = f"Plus de {LIGNES_MAX} lignes : découpez le fichier par mois."
                raise FichierRefuse(Defaut(reader.line_num, "", message))
    except csv.Error:
        message = "Ligne illisible : un guillemet n’est pas fermé, ou une cellule est démesurée."
        defauts.append(Defaut(reader.line_num, "", message))
    return checked(found, defauts)


def checked(found: list[Releve], defauts: list[Defaut]) -> list[Releve]:
    """Give what was read, or refuse the whole file for its defects, doubles included."""
    seen: dict[tuple[str, str, date], int] = {}
    for releve in found:
        key = (releve.dossier, releve.siret, releve.mois)
        if key in seen:
            message = f"En double avec la ligne {seen[key]} : gardez une seule des deux."
            defauts.append(Defaut(releve.ligne, "dossier", message))
        seen.setdefault(key, releve.ligne)
    if defauts:
        raise FichierRefuse(*defauts)
    if not found:
        raise FichierRefuse(Defaut(0, "", "Aucune ligne à importer."))
    return found


def _columns(header: list[str], nature: Nature) -> dict[str, int]:
    wanted = ("dossier", "siret", "mois", nature.mesure)
    absent = "Colonne « {} » absente de la première ligne."
    twice = "Colonne « {} » présente deux fois : on ne sait laquelle lire."
    defauts = [
        Defaut(1, name, (twice if name in header else absent).format(name))
        for name in wanted
        if header.count(name) != 1
    ]
    if defauts:
        raise FichierRefuse(*defauts)
    return {name: header.index(name) for name in wanted}


def _read_row(
    row: list[str],
    line: int,
    columns: dict[str, int],
    found: list[Releve],
    defauts: list[Defaut],
    *,
    until: date,
) -> None:
    def cell(name: str) -> str:
        return row[columns[name]].strip() if columns[name] < len(row) else ""

    measure = next(name for name in columns if name in {"heures", "montant"})
    maximum = HEURES_MAX if measure == "heures" else MONTANT_MAX
    values: dict[str, object] = {}
    readers: list[tuple[str, Callable[[str], object]]] = [
        ("dossier", read_numero),
        ("siret", read_prestataire),
        ("mois", lambda text: read_mois(text, until=until)),
        (measure, lambda text: read_nombre(text, maximum=maximum)),
    ]
    for name, read in readers:
        try:
            values[name] = read(cell(name))
        except ValeurRefusee as refused:
            defauts.append(Defaut(line, name, str(refused)))
    if len(values) == len(readers):
        found.append(Releve(line, *values.values()))  # type: ignore[arg-type]  # in field order


def read_numero(text: str) -> str:
    """Read the number of a file."""
    if not NUMERO.match(text):
        raise ValeurRefusee("Numéro de dossier attendu, par exemple 2026-00417.")
    return text


def read_prestataire(text: str) -> str:
    """Read the SIRET of a service, with its key."""
    siret = read_siret(text)
    if not siret.valide:
        raise ValeurRefusee("SIRET attendu : 14 chiffres, dont une clé.")
    return siret.normalise


def read_mois(text: str, *, until: date) -> date:
    """Read a month that is not after the current one."""
    match = MOIS.match(text)
    try:
        mois = date(int(match[1]), int(match[2]), 1) if match else None
    except ValueError:
        mois = None
    if mois is None:
        raise ValeurRefusee("Mois attendu sous la forme 2026-11.")
    if not date(2002, 1, 1) <= mois <= until:
        raise ValeurRefusee("Mois hors de portée : ni avant 2002, ni dans l’avenir.")
    return mois


def read_nombre(text: str, *, maximum: Decimal) -> Decimal:
    """Read a number of two decimals at most, between zero and a maximum."""
    if not NOMBRE.match(text):
        raise ValeurRefusee("Nombre positif attendu, deux décimales au plus, par exemple 22,50.")
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValeurRefusee("Nombre attendu.") from None
    if value > maximum:
        raise ValeurRefusee(f"{text} dépasse le maximum possible ({maximum}).")
    return value
