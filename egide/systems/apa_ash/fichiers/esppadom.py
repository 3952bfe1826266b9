"""Read ESPPADOM-like messages, DELIVERY and INVOICE, by the declared reading profile."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from egide.rules.money import round_half_up
from egide.systems.apa_ash.fichiers.defauts import DEFAUTS_MAX, Defaut, FichierRefuse
from egide.systems.apa_ash.fichiers.releves import (
    HEURES_MAX,
    MONTANT_MAX,
    Nature,
    Releve,
    ValeurRefusee,
    checked,
    read_mois,
    read_nombre,
    read_numero,
    read_prestataire,
)
from egide.systems.apa_ash.fichiers.xml import Noeud, read_xml

PROFIL = Path(__file__).with_name("esppadom.yaml")
DUREE_MAX = timedelta(hours=24)
Key = tuple[str, str, date]


@cache
def profil() -> Mapping[str, Any]:
    """Give the reading profile."""
    content: Mapping[str, Any] = yaml.safe_load(PROFIL.read_text(encoding="utf-8"))
    return content


def read_message(contenu: bytes, *, nature: Nature, until: date) -> list[Releve]:
    """Read a message into one figure per file, service and month.

    The time-stamps of interventions are added and rounded once; lines of invoices are added.
    """
    root = read_xml(contenu)
    mapping = profil()[nature]
    if not _named(root, mapping["racines"]):
        message = f"Message « {root.nom} » inattendu : ce n’est pas un fichier de {nature}."
        raise FichierRefuse(Defaut(root.ligne, root.nom, message))
    sums: dict[Key, Fraction] = defaultdict(Fraction)
    lines: dict[Key, int] = {}
    defauts: list[Defaut] = []
    beside = _Beside(mapping["enregistrements"])
    for node in _records(root, names=mapping["enregistrements"]):
        if len(defauts) >= DEFAUTS_MAX:
            break
        record = _Record(node, mapping, defauts, beside)
        read = record.hours(until) if nature is Nature.HEURES else record.invoice(until)
        if read:
            key, value = read
            sums[key] += value
            lines.setdefault(key, node.ligne)
    found = [_releve(key, value, lines[key], nature, defauts) for key, value in sums.items()]
    return checked(found, defauts)


def _records(root: Noeud, *, names: list[str]) -> list[Noeud]:
    """List the records of a message; one inside another would be counted with it."""
    found = [node for node in root.walk() if _named(node, names)]
    for node in found:
        place = node.parent
        while place is not None:
            if _named(place, names):
                message = f"« {node.nom} » se trouve dans un autre enregistrement : séparez-les."
                raise FichierRefuse(Defaut(node.ligne, node.nom, message))
            place = place.parent
    return found


def _releve(key: Key, value: Fraction, line: int, nature: Nature, defauts: list[Defaut]) -> Releve:
    total = round_half_up(value, places=2)
    if total > (HEURES_MAX if nature is Nature.HEURES else MONTANT_MAX):
        message = f"Le total du mois ({total}) dépasse le maximum possible."
        defauts.append(Defaut(line, nature.mesure, message))
    return Releve(line, *key, total)


class _Beside:
    """What lies beside a record and above it, never in another record: each place is read once."""

    def __init__(self, records: list[str]) -> None:
        self._records = records
        self._places: dict[int, dict[str, tuple[int, Noeud]]] = {}

    def find(self, node: Noeud, names: list[str]) -> Noeud | None:
        """Give the nearest element of one of these names, the first of its place."""
        place = node.parent
        while place is not None:
            if id(place) not in self._places:
                self._places[id(place)] = _index(place.enfants, beside=self._records)
            if (found := _first(self._places[id(place)], names)) is not None:
                return found
            place = place.parent
        return None


def _index(nodes: list[Noeud], *, beside: list[str]) -> dict[str, tuple[int, Noeud]]:
    """Give the first element of each name that has a text, with its rank, in one walk."""
    known: dict[str, tuple[int, Noeud]] = {}
    pending, rank = list(reversed(nodes)), 0
    while pending:
        node = pending.pop()
        if _named(node, beside):
            continue
        if node.texte:
            known.setdefault(node.nom.casefold(), (rank, node))
        rank += 1
        pending.extend(reversed(node.enfants))
    return known


def _first(known: Mapping[str, tuple[int, Noeud]], names: list[str]) -> Noeud | None:
    found = [known[name.casefold()] for name in names if name.casefold() in known]
    return min(found, key=lambda item: item[0])[1] if found else None


class _Record:
    """One record of a message: each value is looked for in it, then around it."""

    def __init__(
        self,
        node: Noeud,
        mapping: Mapping[str, Any],
        defauts: list[Defaut],
        beside: "_Beside",
    ) -> None:
        self._node = node
        self._own = _index(node.enfants, beside=[])
        self._mapping = mapping
        self._defauts = defauts
        self._beside = beside

    def hours(self, until: date) -> tuple[Key, Fraction] | None:
        """Give the duration of a delivered intervention; nothing of a planned one."""
        state = self._find("etat", optional=True)
        done = {name.casefold() for name in self._mapping["etats_realises"]}
        if state is not None and state.texte.casefold() not in done:
            return None
        before = len(self._defauts)
        dossier, siret = self._read("dossier", read_numero), self._read("siret", read_prestataire)
        debut, fin = self._read("debut", _instant), self._read("fin", _instant)
        if len(self._defauts) > before:
            return None
        try:
            length = fin - debut
        except TypeError:
            self._refuse("fin", "Début et fin ont chacun un fuseau horaire, ou aucun.")
            return None
        if not timedelta(0) < length <= DUREE_MAX:
            self._refuse("fin", "La fin suit le début, de 24 heures au plus.")
            return None
        mois = self._read("debut", lambda text: read_mois(text[:10], until=until))
        if len(self._defauts) > before:
            return None
        return (dossier, siret, mois), Fraction(length // timedelta(seconds=1), 3600)

    def invoice(self, until: date) -> tuple[Key, Fraction] | None:
        """Give the amount of a line of invoice."""
        before = len(self._defauts)
        dossier, siret = self._read("dossier", read_numero), self._read("siret", read_prestataire)
        mois = self._read("mois", lambda text: read_mois(text[:10], until=until))
        montant = self._read("montant", lambda text: read_nombre(text, maximum=MONTANT_MAX))
        if len(self._defauts) > before:
            return None
        return (dossier, siret, mois), Fraction(Decimal(montant))

    def _find(self, name: str, *, optional: bool = False) -> Noeud | None:
        names = self._mapping["champs"][name]
        found = _first(self._own, names) or self._beside.find(self._node, names)
        if found is not None:
            return found
        if not optional:
            self._refuse(name, f"Valeur absente : un élément {' ou '.join(names[:2])} est attendu.")
        return None

    def _read(self, name: str, read: Any) -> Any:  # noqa: ANN401 -- the reader gives the type
        node = self._find(name)
        if node is None:
            return None
        try:
            return read(node.texte)
        except ValeurRefusee as refused:
            self._defauts.append(Defaut(node.ligne, node.nom, str(refused)))
            return None

    def _refuse(self, name: str, message: str) -> None:
        self._defauts.append(Defaut(self._node.ligne, name, message))


def _named(node: Noeud, names: list[str]) -> bool:
    return node.nom.casefold() in {name.casefold() for name in names}


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValeurRefusee("Instant attendu, par exemple 2026-11-03T09:00:00.") from None
