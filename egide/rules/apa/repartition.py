"""Share an amount between those to whom it is paid, to the cent (CASF L. 232-15)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from egide.rules.apa.indu import retenue_mensuelle
from egide.rules.money import CENTIME, CENTIMES_PAR_EURO

K = TypeVar("K")


class PartsRefusees(ValueError):
    """Raised when there is nobody to pay, or a part is negative, or all parts are zero."""


def split_montant(montant: Decimal, *, parts: Mapping[K, Decimal | Fraction]) -> dict[K, Decimal]:
    """Share an amount in proportion to parts, by the largest remainder.

    Each share is within one cent of the exact one and their sum is the amount, whatever the parts.
    Equal remainders are served in the order of the parts, so that the same plan always gives the
    same cents to the same hands.
    """
    cents = Fraction(montant) * CENTIMES_PAR_EURO
    total = sum((Fraction(part) for part in parts.values()), Fraction(0))
    if montant < 0 or cents.denominator != 1 or total <= 0 or min(parts.values()) < 0:
        raise PartsRefusees(f"{montant} ne se partage pas selon {list(parts.values())}")
    exact = {key: cents * Fraction(part) / total for key, part in parts.items()}
    shares = {key: int(value) for key, value in exact.items()}
    left = int(cents) - sum(shares.values())
    by_remainder = sorted(exact, key=lambda key: shares[key] - exact[key])
    for key in by_remainder[:left]:
        shares[key] += 1
    return {key: share * CENTIME for key, share in shares.items()}


def share_retenue(reste: Decimal, *, montants: Sequence[Decimal], on: date) -> list[Decimal]:
    """Withhold a debt from the payments of one run, in their order, none beyond its limit."""
    retenues = []
    for montant in montants:
        retenue = retenue_mensuelle(montant, reste_du=reste, on=on)
        retenues.append(retenue)
        reste -= retenue
    return retenues
