"""What a plan d'aide comes to: its total, its ceiling, the répit beyond it, the participation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from egide.rules.apa.domicile import compute_apa_domicile
from egide.rules.apa.effectivite import partager_repit
from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.montants import is_provisional, majoration_repit_annuelle, plafond_mensuel
from egide.rules.money import round_to_cent

ZERO = Decimal("0.00")
MOIS_PAR_AN = 12
REPIT = "repit"


class Ligne(Protocol):
    """What a line of a plan must tell to be counted."""

    @property
    def nature(self) -> str:
        """Give the code of the help."""

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
    repit_annuel: Decimal
    repit_annuel_maximal: Decimal
    provisoire: bool
    feuille: FeuilleDeCalcul | None

    @property
    def pour_cent(self) -> int:
        """Give the used part of the ceiling, in whole percents, never rounded up to the full."""
        return int(self.total * 100 / self.plafond)

    @property
    def repit_excessif(self) -> bool:
        """Tell whether the répit beyond the ceiling is over its yearly maximum."""
        return self.repit_annuel > self.repit_annuel_maximal


@dataclass(frozen=True, slots=True)
class Partage:
    """Who pays what of a plan in a month, once it meets its ceiling (CASF L. 232-3, L. 232-4)."""

    plan: Decimal
    retenu: Decimal
    participation: Decimal
    depassement: Decimal
    participation_repit: Decimal
    repit: Decimal
    apa: Decimal

    @property
    def verse(self) -> Decimal:
        """Give what the département pays in a month, its part of the répit included."""
        return self.apa + self.repit

    @property
    def reste(self) -> Decimal:
        """Give all that stays with the person."""
        return self.plan - self.verse


def partager(
    *,
    plan: Decimal,
    retenu: Decimal,
    taux: Decimal,
    participation: Decimal,
    apa: Decimal,
    repit: Decimal = ZERO,
) -> Partage:
    """Share a plan whose `repit` may pass the ceiling; what else passes it is all the person's."""
    beyond = partager_repit(repit, plan=plan, retenu=retenu, apa=apa, taux=taux)
    return Partage(
        plan=plan,
        retenu=retenu,
        participation=participation,
        depassement=max(plan - retenu, ZERO) - beyond.retenu,
        participation_repit=beyond.participation,
        repit=beyond.apa,
        apa=apa,
    )


def partager_feuille(feuille: FeuilleDeCalcul, *, repit: Decimal = ZERO) -> Partage:
    """Share the plan of a feuille, of which a part may be the carer's répit."""
    return partager(
        plan=feuille.plan_mensuel,
        retenu=feuille.plan_retenu,
        taux=feuille.taux_participation,
        participation=feuille.participation,
        apa=feuille.apa,
        repit=repit,
    )


def total_repit(lignes: Iterable[Ligne]) -> Decimal:
    """Add the carer's répit among some lines."""
    return sum((ligne.montant_mensuel for ligne in lignes if ligne.nature == REPIT), ZERO)


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
    """Compute a plan on the day it takes effect (CASF R. 232-10, R. 232-11, D. 232-9-1).

    Help beyond the ceiling stays with the person, but for the carer's répit, which may pass it by a
    yearly maximum of its own; that part is paid every month with the allowance of the feuille.
    """
    total = sum((ligne.montant_mensuel for ligne in lignes), ZERO)
    repit = total_repit(lignes)
    plafond = plafond_mensuel(on, gir=gir)
    au_dela = max(total - plafond, ZERO)
    return Chiffrage(
        total=total,
        plafond=plafond,
        depassement=max(au_dela - repit, ZERO),
        repit_annuel=min(repit, au_dela) * MOIS_PAR_AN,
        repit_annuel_maximal=majoration_repit_annuelle(on),
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
