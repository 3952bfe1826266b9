"""Recovery of what the ASH paid: five grounds, each with its limit (CASF L. 132-8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from egide.rules.apa.delais import MOIS_PAR_AN, add_months
from egide.rules.apa.repartition import split_montant
from egide.rules.parameters import Bareme, load_parametres

RECUPERATION = load_parametres(Path(__file__).with_name("recuperation.yaml"))
PRESCRIPTION = load_parametres(Path(__file__).with_name("prescription.yaml"))
ZERO = Decimal("0.00")


class RecuperationRefusee(ValueError):
    """Raised for an amount that cannot be claimed, because it is negative."""


class MotifRecuperation(StrEnum):
    """The grounds of recovery; life insurance comes last, because it is subsidiary."""

    MEILLEURE_FORTUNE = "meilleure_fortune"
    SUCCESSION = "succession"
    DONATION = "donation"
    LEGS = "legs"
    ASSURANCE_VIE = "assurance_vie"


ORDRE = tuple(MotifRecuperation)


class AideServie(StrEnum):
    """What was paid: the threshold and the allowance on an estate are for home aid only."""

    HEBERGEMENT = "hebergement"
    DOMICILE = "domicile"


class Prime(NamedTuple):
    """A premium of life insurance, and the day it was paid."""

    on: date
    montant: Decimal


class Recuperation(NamedTuple):
    """What one ground may bring: its limit, and the part of the claim it bears."""

    motif: MotifRecuperation
    limite: Decimal
    montant: Decimal


@dataclass(frozen=True, slots=True)
class Prescription:
    """The day from which a recovery would be barred, and whether that may be opposed as it is."""

    depuis: date
    acquise_on: date
    provisoire: bool
    source: str


def limite_succession(
    on: date, *, actif_net: Decimal, creance: Decimal, aide: AideServie
) -> Decimal:
    """Give what an estate may bring: from the first euro for a stay, above a threshold at home."""
    bareme = Bareme(on, RECUPERATION)
    above = actif_net - bareme[f"seuil_succession_{aide.value}"]
    claimed = creance - bareme[f"abattement_succession_{aide.value}"]
    return max(min(above, claimed), ZERO)


def is_donation_recuperable(*, donation_on: date, demande_on: date) -> bool:
    """Tell whether a gift was made after the request, or in the years before it."""
    years = int(Bareme(demande_on, RECUPERATION)["annees_donation"])
    return donation_on >= add_months(demande_on, months=-years * MOIS_PAR_AN)


def limite_donation(*, valeur: Decimal, ameliorations: Decimal) -> Decimal:
    """Give the value of the goods on the day of the claim, without what the donee added to it."""
    return max(valeur - ameliorations, ZERO)


def limite_assurance_vie(on: date, *, primes: Sequence[Prime], naissance: date) -> Decimal:
    """Add up the premiums paid after the birthday from which they may be claimed."""
    years = int(Bareme(on, RECUPERATION)["age_primes"])
    birthday = add_months(naissance, months=years * MOIS_PAR_AN)
    return sum((prime.montant for prime in primes if prime.on > birthday), start=ZERO)


def share_assurance_vie(montant: Decimal, *, recu: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Share a recovery between the beneficiaries, in proportion to what each received."""
    return split_montant(montant, parts=recu)


def plan_recuperation(
    creance: Decimal, *, limites: Mapping[MotifRecuperation, Decimal]
) -> tuple[Recuperation, ...]:
    """Bring each ground to bear in the order of the text, none beyond its limit nor the claim.

    The order of the first four is a proposal: the président du conseil départemental fixes the
    amounts (R. 132-11) and may defer. Only life insurance must come after the others.
    """
    if min([creance, *limites.values()]) < 0:
        raise RecuperationRefusee("un montant ne peut être négatif")
    found = []
    left = creance
    for motif in ORDRE:
        if motif in limites:
            montant = min(left, limites[motif])
            found.append(Recuperation(motif, limites[motif], montant))
            left -= montant
    return tuple(found)


def find_prescription(depuis: date) -> Prescription:
    """Give the day from which a recovery known since a day would be barred."""
    bareme = Bareme(depuis, PRESCRIPTION)
    months = int(bareme["prescription"]) * MOIS_PAR_AN
    return Prescription(
        depuis=depuis,
        acquise_on=add_months(depuis, months=months),
        provisoire=bareme.provisional,
        source=bareme.source("prescription"),
    )


def is_hypotheque_possible(on: date, *, valeur: Decimal) -> bool:
    """Tell whether real estate is worth enough for the legal mortgage (L. 132-9)."""
    return valeur >= Bareme(on, RECUPERATION)["valeur_hypotheque"]
