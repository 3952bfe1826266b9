"""Read a NIR as typed: normalise it, check its key, tell what does not fit the civil status."""

import re
from dataclasses import dataclass
from datetime import date

from stdnum.exceptions import ValidationError
from stdnum.fr import nir as numero

from egide.systems.apa_ash.models.personne import Sexe, StatutNir

WITH_KEY = 15
WITHOUT_KEY = 13
ATTENTE = frozenset("78")  # first digit of a provisional number (NIA)
SEXES = {"1": Sexe.MASCULIN, "2": Sexe.FEMININ}
MONTHS = range(1, 13)


class NirInvalide(ValueError):
    """The number cannot be a NIR; the message says why, without repeating it."""


@dataclass(frozen=True, slots=True)
class LectureNir:
    """A number as it is kept, and how sure it is before any verification."""

    nir: str
    statut: StatutNir


def read_nir(text: str) -> LectureNir:
    """Read 13 characters, or 15 with the key; nothing typed is no number (R. 232-42)."""
    compact = re.sub(r"[\s.\-_\u00a0\u202f]", "", text).upper()
    if not compact:
        return LectureNir("", StatutNir.ABSENT)
    if not re.fullmatch(r"[123478]\d{4}(\d\d|2[AB])\d{6}(\d\d)?", compact):
        raise NirInvalide("Un numéro de sécurité sociale compte 13 caractères, ou 15 avec sa clé.")
    if len(compact) == WITHOUT_KEY:
        return LectureNir(compact, StatutNir.DECLARE)
    try:
        numero.validate(compact)
    except ValidationError as error:
        raise NirInvalide(
            "La clé ne correspond pas au numéro : vérifiez les 15 caractères sur l’attestation."
        ) from error
    return LectureNir(compact, StatutNir.ATTENTE if compact[0] in ATTENTE else StatutNir.COHERENT)


def warnings(nir: str, *, sexe: str, naissance_on: date) -> list[str]:
    """Tell what the number and the civil status say differently: to check, never to refuse."""
    if not nir or nir[0] in ATTENTE:
        return []
    told = []
    if nir[0] in SEXES and SEXES[nir[0]] != sexe:
        told.append("Le sexe indiqué par le numéro diffère de l’état civil.")
    if int(nir[1:3]) != naissance_on.year % 100:
        told.append("L’année de naissance indiquée par le numéro diffère de l’état civil.")
    month = int(nir[3:5])
    if month in MONTHS and month != naissance_on.month:
        told.append("Le mois de naissance indiqué par le numéro diffère de l’état civil.")
    return told
