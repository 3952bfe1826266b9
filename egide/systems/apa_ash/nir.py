"""Read a NIR as typed: what is kept of it, and how sure it is before any verification."""

from dataclasses import dataclass
from datetime import date

from egide.rules.identifiants import nir as rule
from egide.systems.apa_ash.models.personne import StatutNir

REFUSALS = {
    rule.LONGUEUR: "Un numéro de sécurité sociale compte 13 caractères, ou 15 avec sa clé.",
    rule.CLE_FAUSSE: (
        "La clé ne correspond pas au numéro : vérifiez les 15 caractères sur l’attestation."
    ),
}


class NirInvalide(ValueError):
    """The number cannot be a NIR; the message says why, without repeating it."""


@dataclass(frozen=True, slots=True)
class LectureNir:
    """A number as it is kept, and how sure it is before any verification (R. 232-42)."""

    nir: str
    statut: StatutNir


def read_nir(text: str) -> LectureNir:
    """Read 13 characters, or 15 with the key; nothing typed is no number."""
    if not rule.normalize(text):
        return LectureNir("", StatutNir.ABSENT)
    read = rule.read_nir(text)
    if read.motif == rule.CLE_ABSENTE:
        return LectureNir(read.normalise, StatutNir.DECLARE)
    if not read.valide:
        raise NirInvalide(REFUSALS.get(read.motif, f"Ce numéro est impossible : {read.motif}."))
    return LectureNir(read.normalise, StatutNir.ATTENTE if read.nia else StatutNir.COHERENT)


def warnings(nir: str, *, sexe: str, naissance_on: date) -> list[str]:
    """Tell what the number and the civil status say differently: to check, never to refuse."""
    read = rule.read_nir(nir)
    if read.nia:
        return []
    doubts = rule.check_coherence(read, sexe=sexe, naissance=naissance_on)
    return [f"{doubt.message[:1].upper()}{doubt.message[1:]}." for doubt in doubts]
