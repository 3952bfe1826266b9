"""What a plan d'aide comes to: its total, its ceiling, the répit beyond it, the participation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from egide.rules.apa.domicile import compute_apa_domicile
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


def montant(volume: Decimal, tarif: Decimal) -> Decimal:
    """Give the monthly amount of a line, as PostgreSQL computes it."""
    return round_to_cent(volume * tarif)


def chiffrer(
    lignes: Sequence[Ligne], *, gir: int, on: date, age: int, situation: Situation | None
) -> Chiffrage:
    """Compute a plan on the day it takes effect (CASF R. 232-10, R. 232-11, D. 232-9-1).

    Help beyond the ceiling stays with the person, but for the carer's répit, which may pass it by a
    yearly maximum of its own; that part is paid apart and is not in the monthly feuille.
    """
    total = sum((ligne.montant_mensuel for ligne in lignes), ZERO)
    repit = sum((ligne.montant_mensuel for ligne in lignes if ligne.nature == REPIT), ZERO)
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
