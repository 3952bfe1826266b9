"""The NIR (numéro d'inscription au répertoire): form, key, what it says, and what contradicts it.

python-stdnum refuses Corsican births written 20, provisional numbers and months of unknown civil
status, all of which exist in the files of beneficiaries: only its way of cleaning is kept.
"""

import re
from dataclasses import dataclass
from datetime import date

from stdnum.util import clean

SANS_CLE, AVEC_CLE = 13, 15
MODULE = 97
CORSE = {"2A": "19", "2B": "18"}
SIECLE = 100

_FORME = re.compile(
    r"(?P<sexe>[123478])(?P<annee>[0-9]{2})(?P<mois>[0-9]{2})"
    r"(?P<lieu>[0-9]{5}|2[AB][0-9]{3})(?P<ordre>[0-9]{3})(?P<cle>[0-9]{2})?",
    re.ASCII,
)
_OUTRE_MER = ("97", "98")
_ETRANGER = "99"
_MOIS_CONNUS = range(1, 13)
_MOIS_INCOMPLETS = (range(20, 21), range(31, 43), range(50, 100))

LONGUEUR = "longueur ou caractères incorrects : 13 caractères et 2 chiffres de clé attendus"
CLE_ABSENTE = "clé absente"
CLE_FAUSSE = "clé incorrecte"
MOIS_INCORRECT = "mois de naissance incorrect"
LIEU_INCORRECT = "lieu de naissance incorrect"
ORDRE_INCORRECT = "numéro d'ordre incorrect"


@dataclass(frozen=True, slots=True)
class Nir:
    """What was read in a NIR; `motif` says why it is not valid."""

    normalise: str
    valide: bool
    motif: str
    sexe: str = ""
    annee: str = ""
    mois: str = ""
    departement: str = ""
    provisoire: bool = False
    nia: bool = False


def compute_cle(numero: str) -> str:
    """Give the key of thirteen characters: 97 less the rest of their division by 97."""
    lieu = numero[5:7]
    digits = numero[:5] + CORSE.get(lieu, lieu) + numero[7:]
    return f"{MODULE - int(digits) % MODULE:02d}"


def normalize(text: str) -> str:
    """Take out spaces and separators, and write letters in capitals."""
    return clean(text, " -./\u00a0\u202f").upper().strip()


def read_nir(text: str) -> Nir:
    """Read a NIR as someone typed it, and say whether it is valid and why not."""
    normalise = normalize(text)
    found = _FORME.fullmatch(normalise)
    if not found:
        return Nir(normalise, valide=False, motif=LONGUEUR)
    motif = _defect(found)
    sexe = {"1": "M", "2": "F", "3": "M", "4": "F", "7": "M", "8": "F"}[found["sexe"]]
    return Nir(
        normalise,
        valide=not motif,
        motif=motif,
        sexe=sexe,
        annee=found["annee"],
        mois=found["mois"] if int(found["mois"]) in _MOIS_CONNUS else "",
        departement=_departement(found["lieu"]),
        provisoire=found["sexe"] in "3478",
        nia=found["sexe"] in "78",
    )


def _departement(lieu: str) -> str:
    """Give two characters, or three overseas, where the commune then has two."""
    return lieu[:3] if lieu.startswith(_OUTRE_MER) else lieu[:2]


def _defect(found: re.Match[str]) -> str:
    mois = int(found["mois"])
    if mois not in _MOIS_CONNUS and not any(mois in known for known in _MOIS_INCOMPLETS):
        return MOIS_INCORRECT
    if not _is_lieu(found["lieu"]):
        return LIEU_INCORRECT
    if not int(found["ordre"]):
        return ORDRE_INCORRECT
    if not found["cle"]:
        return CLE_ABSENTE
    return "" if found["cle"] == compute_cle(found[0][:SANS_CLE]) else CLE_FAUSSE


def _is_lieu(lieu: str) -> bool:
    departement = _departement(lieu)
    return departement != "00" and int(lieu[len(departement) :]) > 0


@dataclass(frozen=True, slots=True)
class Avertissement:
    """A doubt, never a refusal: a sex is changed, a département is renumbered."""

    champ: str
    message: str


def check_coherence(
    nir: Nir, *, sexe: str = "", naissance: date | None = None, departement: str = ""
) -> tuple[Avertissement, ...]:
    """Compare a NIR with the civil status; what is not known is not compared."""
    doubts = []
    if sexe and nir.sexe and sexe != nir.sexe:
        doubts.append(Avertissement("sexe", "le sexe ne correspond pas au NIR"))
    if naissance and nir.annee and naissance.year % SIECLE != int(nir.annee):
        doubts.append(Avertissement("annee", "l’année de naissance ne correspond pas au NIR"))
    if naissance and nir.mois and naissance.month != int(nir.mois):
        doubts.append(Avertissement("mois", "le mois de naissance ne correspond pas au NIR"))
    if departement and nir.departement and not _same_lieu(nir.departement, departement):
        doubts.append(Avertissement("departement", "le lieu de naissance ne correspond pas au NIR"))
    return tuple(doubts)


# Corsica was 20 before 1976; Seine and Seine-et-Oise were 75 and 78 before they were split.
_ANCIENS = {
    "20": {"2A", "2B"},
    "75": {"92", "93", "94"},
    "78": {"91", "92", "93", "94", "95"},
}


def _same_lieu(nir: str, other: str) -> bool:
    return nir == other or other in _ANCIENS.get(nir, set())
