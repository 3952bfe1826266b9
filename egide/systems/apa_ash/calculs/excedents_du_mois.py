"""Find what each payee of a month was paid beyond its own part: no database, no clock."""

from collections.abc import Mapping
from decimal import Decimal

from egide.rules.apa.repartition import (
    Excedent,
    find_excedents,
    split_apres_deces,
    split_excedent,
)
from egide.rules.money import CENTIME
from egide.systems.apa_ash.calculs.parts_du_mois import ZERO, Beneficiaire


def split_hors_droit(
    verses: Mapping[Beneficiaire, Decimal],
    *,
    du: Decimal,
    parts: Mapping[Beneficiaire, Decimal],
    constates: Mapping[Beneficiaire, Decimal],
    shared: bool,
) -> dict[Beneficiaire, Excedent]:
    """Share what was paid beyond what the rights of a month give, whatever was delivered.

    Each payee is held to its own part of the due, and a debt of one covers no other. Of one right,
    nothing is beyond while the whole of the month is not; of several rights that share the month,
    what was paid before the last was decided is beyond for whom it names no more. Where a payee
    that no plan of the month names was paid, the month bounds them all; without a plan, the due is
    shared as it was paid.
    """
    if sum(verses.values(), ZERO) <= du and not shared:
        return dict.fromkeys(verses, Excedent(ZERO, ZERO, ZERO))
    if not parts:
        return split_excedent(verses, du=du, parts=verses, constates=constates)
    return hold_to(parts, verses, du=du, constates=constates)


def hold_to(
    dus: Mapping[Beneficiaire, Decimal],
    verses: Mapping[Beneficiaire, Decimal],
    *,
    du: Decimal,
    constates: Mapping[Beneficiaire, Decimal],
) -> dict[Beneficiaire, Excedent]:
    """Hold each payee to its own due; whoever an earlier plan paid was not wrong by itself."""
    if verses.keys() <= dus.keys():
        return find_excedents(verses, dus=dus, constates=constates)
    beyond = sum(verses.values(), ZERO) - du - sum(constates.values(), ZERO)
    return find_excedents(verses, dus=dus, constates=constates, plafond=max(beyond, ZERO))


def beyond_death(
    verses: Mapping[Beneficiaire, Decimal],
    *,
    du: Decimal,
    parts: Mapping[Beneficiaire, Decimal],
    constates: Mapping[Beneficiaire, Decimal],
) -> dict[Beneficiaire, Decimal]:
    """Give what each payee received for the days after a death, whatever was delivered.

    Each is held to its own part of the due: whoever was paid whole owes no less because another
    still waits, and who waits owes nothing. Without a plan, or where a payee that no plan of the
    month names was paid, the due is shared as it was paid.
    """
    if not parts or not verses.keys() <= parts.keys():
        shared = split_apres_deces(verses, du=du, constates=constates)
    else:
        shared = find_excedents(verses, dus=parts, constates=constates)
    # Within the month, a cent that two sharings place in different hands is nobody's debt.
    least = CENTIME if sum(verses.values(), ZERO) <= du else ZERO
    return {who: part.reste if part.reste > least else ZERO for who, part in shared.items()}
