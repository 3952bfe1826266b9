"""What a plan d'aide comes to in a month: its total, its ceiling, the participation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.montants import is_provisional, plafond_mensuel
from egide.rules.money import round_to_cent

ZERO = Decimal("0.00")


class Ligne(Protocol):
    """What a line of a plan must tell to be counted."""

    @property
    def montant_mensuel(self) -> Decimal:
        """Give what it comes to in a month."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the participation rests on, besides the plan (CASF R. 232-11)."""

    couple: bool
    ressources_mensuelles: Decimal


@dataclass(frozen=True, slots=True)
class Chiffrage:
    """The amounts of a plan. `feuille` is absent while the resources are not known."""

    total: Decimal
    plafond: Decimal
    depassement: Decimal
    provisoire: bool
    feuille: FeuilleDeCalcul | None

    @property
    def pour_cent(self) -> int:
        """Give the used part of the ceiling, in whole percents, never rounded up to the full."""
        return int(self.total * 100 / self.plafond)


@dataclass(frozen=True, slots=True)
class Partage:
    """Who pays what of a plan in a month, once it meets its ceiling (CASF L. 232-3, L. 232-4)."""

    plan: Decimal
    retenu: Decimal
    participation: Decimal
    apa: Decimal

    @property
    def depassement(self) -> Decimal:
        """Give what passes the ceiling, all the person's."""
        return max(self.plan - self.retenu, ZERO)

    @property
    def reste(self) -> Decimal:
        """Give all that stays with the person."""
        return self.plan - self.apa


def partager_feuille(feuille: FeuilleDeCalcul) -> Partage:
    """Share the plan of a feuille."""
    return Partage(
        plan=feuille.plan_mensuel,
        retenu=feuille.plan_retenu,
        participation=feuille.participation,
        apa=feuille.apa,
    )


class Droits(Protocol):
    """The amounts of a right, whose plan is kept as it was before the ceiling."""

    @property
    def gir(self) -> int:
        """Give the group."""

    @property
    def plan_mensuel(self) -> Decimal:
        """Give the plan as it was accepted."""

    @property
    def participation(self) -> Decimal:
        """Give what the person pays of the plan retained."""

    @property
    def apa(self) -> Decimal:
        """Give the allowance."""


def retenu_du_droit(droit: Droits, *, on: date) -> Decimal:
    """Give the part of the plan that a right retains since a day.

    It is what both sides pay; an allowance too small to be paid leaves only the ceiling to tell it.
    """
    if droit.apa:
        return droit.apa + droit.participation
    return min(droit.plan_mensuel, plafond_mensuel(on, gir=droit.gir))


def montant(volume: Decimal, tarif: Decimal) -> Decimal:
    """Give the monthly amount of a line, as PostgreSQL computes it."""
    return round_to_cent(volume * tarif)


def chiffrer(
    lignes: Sequence[Ligne], *, gir: int, on: date, age: int, situation: Situation | None
) -> Chiffrage:
    """Compute a plan on the day it takes effect (CASF R. 232-10, R. 232-11).

    Help beyond the ceiling stays with the person.
    """
    total = sum((ligne.montant_mensuel for ligne in lignes), ZERO)
    plafond = plafond_mensuel(on, gir=gir)
    return Chiffrage(
        total=total,
        plafond=plafond,
        depassement=max(total - plafond, ZERO),
        provisoire=is_provisional(on),
        feuille=None
        if situation is None
        else compute_apa_domicile(
            on=on,
            age=age,
            gir=gir,
            couple=situation.couple,
            ressources_mensuelles=situation.ressources_mensuelles,
            plan_mensuel=total,
        ),
    )
