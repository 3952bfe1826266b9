"""Who pays the establishment, and who collects: three practices, one cost for the département.

The texts leave the practice to the département (CASF L. 132-4, R. 132-3): it is a choice to record,
not a figure. Whatever the practice, what the département keeps at its charge is the ASH.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class PratiquePaiement(StrEnum):
    """The three ways to pay an establishment that départements practise."""

    NET = "net"
    BRUT = "brut"
    DIFFERENTIEL = "differentiel"


LIBELLES: Mapping[PratiquePaiement, str] = {
    PratiquePaiement.NET: (
        "Le département verse l’aide seule\u00a0; l’établissement perçoit les contributions."
    ),
    PratiquePaiement.BRUT: "Le département verse tous les frais et recouvre les contributions.",
    PratiquePaiement.DIFFERENTIEL: (
        "Le département verse l’aide et la part des obligés, qu’il recouvre\u00a0;"
        " l’établissement perçoit celle de la personne."
    ),
}
COLLECTS_PERSONNE = {PratiquePaiement.BRUT}
COLLECTS_OBLIGES = {PratiquePaiement.BRUT, PratiquePaiement.DIFFERENTIEL}
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class PartageFrais:
    """Who bears the costs of a month, the person before her debtors, they before the ASH."""

    frais: Decimal
    personne: Decimal
    obliges: Decimal
    ash: Decimal


@dataclass(frozen=True, slots=True)
class Paiement:
    """What the département pays the establishment, and what each of them collects."""

    pratique: PratiquePaiement
    verse: Decimal
    recouvre_personne: Decimal
    recouvre_obliges: Decimal
    percu_personne: Decimal
    percu_obliges: Decimal

    @property
    def charge_nette(self) -> Decimal:
        """Give what stays at the charge of the département once it has collected everything."""
        return self.verse - self.recouvre_personne - self.recouvre_obliges


def share_mois(*, frais: Decimal, contribution: Decimal, obliges: Decimal) -> PartageFrais:
    """Call the contributions in their order, none beyond what is left to pay."""
    personne = min(contribution, frais)
    called = min(obliges, frais - personne)
    return PartageFrais(frais, personne, called, frais - personne - called)


def pay(partage: PartageFrais, *, pratique: PratiquePaiement) -> Paiement:
    """Split a month between what the département pays and what the establishment collects."""
    own, theirs = pratique in COLLECTS_PERSONNE, pratique in COLLECTS_OBLIGES
    return Paiement(
        pratique=pratique,
        verse=partage.ash
        + (partage.personne if own else ZERO)
        + (partage.obliges if theirs else ZERO),
        recouvre_personne=partage.personne if own else ZERO,
        recouvre_obliges=partage.obliges if theirs else ZERO,
        percu_personne=ZERO if own else partage.personne,
        percu_obliges=ZERO if theirs else partage.obliges,
    )
