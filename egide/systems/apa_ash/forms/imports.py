"""Read a file of requests, CSV or JSON, with the same rules as the screen, defect by defect."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from django import forms

from egide.systems.apa_ash.fichiers.defauts import DEFAUTS_MAX, Defaut, FichierRefuse, decode
from egide.systems.apa_ash.forms.champs import APA_START, Fichier, Jour, check_past
from egide.systems.apa_ash.forms.personnes import (
    AdresseForm,
    ConjointForm,
    EtatCivilForm,
    NirForm,
)
from egide.systems.apa_ash.models.demande import Canal, CodePiece, NatureDemande
from egide.systems.apa_ash.saisie import Saisie
from egide.systems.apa_ash.services.imports import LigneLue

MOST_ROWS = 5_000
SHOWN = 40
NOT_ASKED = "non_demandee"
OUI_NON = [("oui", "oui"), ("non", "non")]
NATURES = [NatureDemande.PREMIERE.value, NatureDemande.URGENCE.value]
WRONG_CHOICE = "une des valeurs : {}"


@dataclass(frozen=True, slots=True)
class Brut:
    """One request as the file gives it, with the line where it starts."""

    ligne: int
    cellules: Mapping[str, str]


class JourDePiece(Jour):
    """The day a piece came; empty when it is awaited; a word when it is not asked for."""

    def to_python(self, value: Any) -> Any:  # noqa: ANN401 -- a day or the word
        """Read the word before the day."""
        if value == NOT_ASKED:
            return NOT_ASKED
        return super().to_python(value)


class LigneForm(EtatCivilForm, AdresseForm, NirForm, ConjointForm):
    """One line of the file; its errors are the defects that are told."""

    reference = forms.CharField(max_length=60)
    nature = forms.ChoiceField(choices=[(n, n) for n in NATURES])
    recue_on = Jour()
    canal = forms.ChoiceField(choices=[(c.value, c.value) for c in Canal], required=False)
    residence_stable = forms.ChoiceField(choices=OUI_NON)
    urgence_attestee_par = forms.CharField(max_length=150, required=False)
    piece_identite = JourDePiece(required=False)
    piece_imposition = JourDePiece(required=False)
    piece_taxe_fonciere = JourDePiece(required=False)
    piece_rib = JourDePiece(required=False)

    def clean_recue_on(self) -> date:
        """Refuse a receipt still to come."""
        return check_past(
            self.cleaned_data["recue_on"], on=self.on, first=APA_START, nom="La date de réception"
        )

    def clean(self) -> dict[str, Any]:
        """Check what depends on two cells."""
        data = super().clean() or self.cleaned_data
        if data.get("nature") == NatureDemande.URGENCE and not data.get("urgence_attestee_par"):
            self.add_error("urgence_attestee_par", "Indiquez qui atteste l’urgence.")
        received = data.get("recue_on")
        for code in CodePiece:
            name = f"piece_{code.value}"
            day = data.get(name)
            if isinstance(day, date) and received and not received <= day <= self.on:
                self.add_error(name, "Une date entre celle de la demande et aujourd’hui.")
        born = data.get("naissance_on")
        if born and received and born > received:
            self.add_error("naissance_on", "La naissance suit la demande : vérifiez l’année.")
        return data

    def saisie(self) -> Saisie:
        """Give the request."""
        data = self.cleaned_data
        pieces = {code.value: data[f"piece_{code.value}"] for code in CodePiece}
        return Saisie(
            etat_civil=self.etat_civil(),
            adresse=self.saisie_adresse(),
            nir=data["nir"],
            nature=data["nature"],
            canal=data["canal"] or Canal.FICHIER,
            conjoint=self.conjoint(),
            recue_on=data["recue_on"],
            residence_stable=data["residence_stable"] == "oui",
            urgence_attestee_par=data["urgence_attestee_par"],
            reference_externe=data["reference"],
            pieces={code: day for code, day in pieces.items() if day != NOT_ASKED},
        )


# Files written before these columns existed are still read: absent, they are empty.
OPTIONAL_COLUMNS = frozenset({"canal", *ConjointForm.base_fields})
COLUMNS: tuple[str, ...] = ("reference", *(n for n in LigneForm.base_fields if n != "reference"))


class FichierForm(forms.Form):
    """The file, and the service that receives its requests."""

    service = forms.ChoiceField(label="Service")
    fichier = Fichier(label="Fichier de demandes", help_text="CSV en UTF-8, ou JSON.")

    def __init__(self, *args: Any, services: Mapping[Any, str], **options: Any) -> None:
        """Offer the services where the agent instructs."""
        super().__init__(*args, **options)
        self.fields["service"].choices = [(str(k), v) for k, v in services.items()]  # type: ignore[attr-defined]  # a choice field


def read_demandes(contenu: bytes, *, nom: str, on: date) -> list[LigneLue]:
    """Read every request of a file, or refuse the whole with the defects of each line."""
    text = decode(contenu)
    is_json = PurePath(nom).suffix.lower() == ".json"
    brut = list(_bounded(_read_json(text) if is_json else _read_csv(text)))
    if not brut:
        raise FichierRefuse(Defaut(1, "", "au moins une demande", "aucune demande"))
    lues, defauts = [], list[Defaut]()
    for row in brut:
        form = LigneForm(dict(row.cellules), on=on)
        if form.is_valid():
            lues.append(LigneLue(row.ligne, form.saisie()))
        else:
            defauts.extend(_defects(row, form))
        if len(defauts) >= DEFAUTS_MAX:
            break
    if defauts:
        raise FichierRefuse(*defauts)
    return lues


def _bounded(rows: Iterator[Brut]) -> Iterator[Brut]:
    """Refuse a file that one request could not take in, before checking its rows."""
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            found, wanted = "plus de 5 000 demandes", "5 000 demandes au plus : découpez le fichier"
            raise FichierRefuse(Defaut(row.ligne, "", wanted, found))
        yield row


def _defects(row: Brut, form: LigneForm) -> Iterator[Defaut]:
    for name, errors in form.errors.items():
        cell = row.cellules.get(name, "")
        wanted = str(errors[0])
        if choices := getattr(form.fields.get(name), "choices", None):
            wanted = WRONG_CHOICE.format(", ".join(str(v) for v, _ in choices if v))
        yield Defaut(row.ligne, name, wanted, _shown(name, cell))


def _shown(name: str, cell: str) -> str:
    """Show the cell and nothing else; of a NIR, its length alone."""
    if not cell:
        return "rien"
    if name == "nir":
        return f"{len(cell)} caractères"
    return cell if len(cell) <= SHOWN else f"{cell[:SHOWN]}…"


def _read_csv(text: str) -> Iterator[Brut]:
    header = text.split("\n", 1)[0]
    separator = ";" if header.count(";") >= header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_names(names, line=1)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _csv_row(names, cells, line=line)
            line = reader.line_num + 1
    except csv.Error as error:
        defect = Defaut(line, "", "des guillemets fermés", "une ligne illisible")
        raise FichierRefuse(defect) from error


def _csv_row(names: list[str], cells: list[str], *, line: int) -> Brut:
    if len(cells) != len(names):
        found = f"{len(cells)} cellules"
        raise FichierRefuse(Defaut(line, "", f"{len(names)}, comme l’en-tête", found))
    return Brut(line, {name: cell.strip() for name, cell in zip(names, cells, strict=True)})


def _check_names(names: list[str], *, line: int) -> None:
    # What follows compares each name to those before it: so many are no table of ours.
    if len(names) > DEFAUTS_MAX:
        found, wanted = f"{len(names)} colonnes", f"les {len(COLUMNS)} du schéma"
        raise FichierRefuse(Defaut(line, "", wanted, found))
    defects = [
        Defaut(line, name, "cette colonne", "colonne absente")
        for name in COLUMNS
        if name not in names and name not in OPTIONAL_COLUMNS
    ]
    defects += [
        Defaut(
            line, _shown("", name), "les seules colonnes du schéma", "colonne inconnue ou répétée"
        )
        for rank, name in enumerate(names)
        if name not in COLUMNS or name in names[:rank]
    ]
    if defects:
        raise FichierRefuse(*defects)


def _read_json(text: str) -> Iterator[Brut]:
    """Read an array of requests one by one, so that each keeps the line where it starts."""
    # A number is refused whatever it is: it is not read, for a huge one would not be.
    decoder = json.JSONDecoder(parse_int=lambda _digits: None)
    place = _skip(text, 0)
    if text[place : place + 1] != "[":
        raise FichierRefuse(_json_defect(text, place, "un tableau de demandes : [ … ]"))
    place = _skip(text, place + 1)
    line, counted = 1, 0
    while text[place : place + 1] != "]":
        try:
            entry, end = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError) as error:
            where = error.pos if isinstance(error, json.JSONDecodeError) else place
            raise FichierRefuse(_json_defect(text, where, "du JSON valide")) from error
        line, counted = line + text.count("\n", counted, place), place
        yield _json_row(entry, line=line)
        place = _skip(text, end)
        if text[place : place + 1] == ",":
            place = _skip(text, place + 1)
        elif text[place : place + 1] != "]":
            raise FichierRefuse(_json_defect(text, place, "une virgule ou la fin du tableau"))


def _json_row(entry: object, *, line: int) -> Brut:
    if not isinstance(entry, dict):
        raise FichierRefuse(Defaut(line, "", "un objet par demande", "une valeur seule"))
    if any(_is_halved(text) for pair in entry.items() for text in pair if isinstance(text, str)):
        raise FichierRefuse(
            Defaut(line, "", "des caractères entiers", "la moitié d’un caractère (\\ud800…)")
        )
    _check_names(list(entry), line=line)
    wrong = [name for name, cell in entry.items() if not isinstance(cell, str)]
    if wrong:
        raise FichierRefuse(
            *(Defaut(line, name, "un texte", "une valeur qui n’est pas un texte") for name in wrong)
        )
    return Brut(line, {name: cell.strip() for name, cell in entry.items()})


def _is_halved(text: str) -> bool:
    """Tell whether a text holds half of a character: JSON may write one, UTF-8 none."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _skip(text: str, place: int) -> int:
    while text[place : place + 1] in {" ", "\t", "\r", "\n"}:
        place += 1
    return place


def _json_defect(text: str, place: int, wanted: str) -> Defaut:
    return Defaut(text.count("\n", 0, place) + 1, "", wanted, "autre chose")
