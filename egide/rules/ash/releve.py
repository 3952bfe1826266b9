"""The annual statement of an ASH: what was paid, what came back, what is still claimed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal("0.00")


class NatureMouvement(StrEnum):
    """What a movement of the account is."""

    VERSE = "verse"
    RECOUVRE_PERSONNE = "recouvre_personne"
    RECOUVRE_OBLIGES = "recouvre_obliges"
    RECUPERE = "recupere"


@dataclass(frozen=True, slots=True)
class Mouvement:
    """An amount paid to the establishment, or come back, on a day."""

    on: date
    nature: NatureMouvement
    montant: Decimal


@dataclass(frozen=True, slots=True)
class Releve:
    """The year of an account, between the claim on its first day and that on its last."""

    annee: int
    creance_initiale: Decimal
    verse: Decimal
    recouvre_personne: Decimal
    recouvre_obliges: Decimal
    recupere: Decimal
    creance_finale: Decimal


class MouvementRefuse(ValueError):
    """Raised for a negative movement, or when more came back than was ever paid."""


def creance(mouvements: Iterable[Mouvement], *, jusqu_au: date) -> Decimal:
    """Give what the département paid and has not got back, at the end of a day.

    This is the most that any recovery may claim (CASF L. 132-8).
    """
    until = [mouvement for mouvement in mouvements if mouvement.on <= jusqu_au]
    if any(mouvement.montant < 0 for mouvement in until):
        raise MouvementRefuse("un mouvement ne peut être négatif")
    paid = _total(until, nature=NatureMouvement.VERSE)
    back = sum(
        (item.montant for item in until if item.nature is not NatureMouvement.VERSE), start=ZERO
    )
    if back > paid:
        raise MouvementRefuse(f"{back} récupérés pour {paid} versés")
    return paid - back


def build_releve(mouvements: Iterable[Mouvement], *, annee: int) -> Releve:
    """Add up the movements of a year."""
    known = list(mouvements)
    year = [mouvement for mouvement in known if mouvement.on.year == annee]
    return Releve(
        annee=annee,
        creance_initiale=creance(known, jusqu_au=date(annee - 1, 12, 31)),
        verse=_total(year, nature=NatureMouvement.VERSE),
        recouvre_personne=_total(year, nature=NatureMouvement.RECOUVRE_PERSONNE),
        recouvre_obliges=_total(year, nature=NatureMouvement.RECOUVRE_OBLIGES),
        recupere=_total(year, nature=NatureMouvement.RECUPERE),
        creance_finale=creance(known, jusqu_au=date(annee, 12, 31)),
    )


def _total(mouvements: Iterable[Mouvement], *, nature: NatureMouvement) -> Decimal:
    return sum((item.montant for item in mouvements if item.nature is nature), start=ZERO)
