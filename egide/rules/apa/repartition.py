"""Share an amount between those to whom it is paid, to the cent (CASF L. 232-15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from egide.rules.apa.indu import retenue_mensuelle
from egide.rules.money import CENTIME, CENTIMES_PAR_EURO

K = TypeVar("K")
ZERO = Decimal(0)


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


@dataclass(frozen=True, slots=True)
class Excedent:
    """What one payee keeps of a month, what is already claimed from it, and what is left to claim.

    `du` is never above what was paid to it.
    """

    du: Decimal
    constate: Decimal
    reste: Decimal


def split_excedent(
    verses: Mapping[K, Decimal],
    *,
    du: Decimal,
    parts: Mapping[K, Decimal | Fraction],
    constates: Mapping[K, Decimal],
) -> dict[K, Excedent]:
    """Share what was paid beyond the due of a month between those who were paid, in their order.

    The excesses never add up to more than that of the month: a cent that two sharings place in
    different hands is nobody's debt.
    """
    shares = split_montant(du, parts=parts) if sum(parts.values()) else {}
    left = sum(verses.values(), ZERO) - du - sum(constates.values(), ZERO)
    return find_excedents(verses, dus=shares, constates=constates, plafond=max(left, ZERO))


def find_excedents(
    verses: Mapping[K, Decimal],
    *,
    dus: Mapping[K, Decimal],
    constates: Mapping[K, Decimal],
    plafond: Decimal | None = None,
) -> dict[K, Excedent]:
    """Find what each of those who were paid owes, in their order, from what each is due.

    `plafond` bounds all of them together; without it, what one still waits for pays nobody's debt.
    """
    left, found = plafond, {}
    for who, paid in verses.items():
        share, constate = min(dus.get(who, ZERO), paid), constates.get(who, ZERO)
        reste = max(paid - share - constate, ZERO)
        if left is not None:
            reste = min(reste, left)
            left -= reste
        found[who] = Excedent(share, constate, reste)
    return found


def split_apres_deces(
    verses: Mapping[K, Decimal], *, du: Decimal, constates: Mapping[K, Decimal]
) -> dict[K, Excedent]:
    """Share what follows a death: the due of the month is shared as it was paid (CASF R. 232-32).

    Nobody chose to stop the help on that day: its use cannot move a debt from the estate to a
    service, or back.
    """
    return split_excedent(verses, du=du, parts=verses, constates=constates)


def share_retenue(reste: Decimal, *, montants: Sequence[Decimal], on: date) -> list[Decimal]:
    """Withhold a debt from the payments of one run, in their order, none beyond its limit."""
    retenues = []
    for montant in montants:
        retenue = retenue_mensuelle(montant, reste_du=reste, on=on)
        retenues.append(retenue)
        reste -= retenue
    return retenues
