"""What a letter says when a right is stopped, ends, or goes on: the notice first."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from egide.systems.apa_ash.letters.elements import Motif


@dataclass(frozen=True, slots=True, kw_only=True)
class MiseEnDemeure:
    """One month to put things right before any suspension (CASF R. 232-16)."""

    gabarit: ClassVar[str] = "mise_en_demeure"
    titre: ClassVar[str] = "Mise en demeure avant suspension de votre APA"
    recours: ClassVar[str] = "preparatoire"

    motifs: tuple[Motif, ...]
    attendu: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """The payment is suspended, by a reasoned decision (CASF R. 232-16)."""

    gabarit: ClassVar[str] = "suspension"
    titre: ClassVar[str] = "Décision : le versement de votre APA est suspendu"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    mise_en_demeure_on: date
    effet_on: date
    motifs: tuple[Motif, ...]
    attendu: str
    deja_verse: bool = False  # days that are no longer due were paid already


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprise:
    """The payment comes back after a suspension (CASF R. 232-16)."""

    gabarit: ClassVar[str] = "reprise"
    titre: ClassVar[str] = "Décision : le versement de votre APA reprend"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    regularisee_on: date
    effet_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FinDroit:
    """The right ends, on grounds told to the person."""

    gabarit: ClassVar[str] = "fin_droit"
    titre: ClassVar[str] = "Décision : votre droit à l’APA prend fin"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    fin_on: date
    motifs: tuple[Motif, ...]
    gir: int | None = None  # the group found, when it is the ground
    secours_on: date | None = None  # a move: from when another département owes the allowance
    departement: str = ""
    etablissement: bool = False  # the allowance may be asked for there
    deja_verse: bool = False  # days after the last one due were paid already


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintien:
    """A signed end is given up before its last day: the right goes on."""

    gabarit: ClassVar[str] = "maintien"
    titre: ClassVar[str] = "Décision : votre droit à l’APA continue"
    recours: ClassVar[str] = "decision"

    decidee_on: date
    fin_on: date  # the day that was to be the last
    motifs: tuple[Motif, ...]
