"""What is typed or imported about a person, checked and frozen before any act takes it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from egide.systems.apa_ash.normalisation import normalise_birth, normalise_name


@dataclass(frozen=True, slots=True, kw_only=True)
class EtatCivil:
    """Civil status (R. 232-41, 1° b)."""

    nom_naissance: str
    prenoms: str
    sexe: str
    naissance_on: date
    nom_usage: str = ""
    naissance_lieu: str = ""

    def columns(self) -> dict[str, Any]:
        """Give the columns of the volet, the searched names included."""
        return asdict(self) | {
            "nom_normalise": normalise_name(self.nom_usage or self.nom_naissance, self.prenoms),
            "naissance_normalisee": normalise_birth(self.nom_naissance, self.prenoms),
        }

    def searched(self) -> set[str]:
        """Give the names under which the same person may already be known, four at the most."""
        names = [nom for nom in (self.nom_usage, self.nom_naissance) if nom]
        return {
            write(nom, self.prenoms) for nom in names for write in (normalise_name, normalise_birth)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Adresse:
    """Where the person lives and can be reached (R. 232-41, 1° c)."""

    adresse: str
    code_postal: str
    commune: str
    telephone: str = ""
    courriel: str = ""

    def columns(self) -> dict[str, Any]:
        """Give the columns of the volet."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class EtatConjoint:
    """Who the person lives in a couple with (R. 232-41, 1° e)."""

    lien: str
    nom_naissance: str
    prenoms: str
    naissance_on: date
    nom_usage: str = ""

    def columns(self) -> dict[str, Any]:
        """Give the columns of the volet."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandeSaisie:
    """What is asked; `pieces` tells which are expected with it and when each came."""

    nature: str
    canal: str
    recue_on: date
    pieces: Mapping[str, date | None]
    residence_stable: bool = True
    urgence_attestee_par: str = ""
    reference_externe: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saisie(DemandeSaisie):
    """A request as typed or imported, with the person who makes it."""

    etat_civil: EtatCivil
    adresse: Adresse
    nir: str
    conjoint: EtatConjoint | None = None
