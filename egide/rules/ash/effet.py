"""The day from which a decision of ASH takes effect (CASF R. 131-2)."""

from dataclasses import dataclass
from datetime import date

from egide.rules.ash.delais import delai, echeance


class DatesRefusees(ValueError):
    """Raised for days that cannot follow one another, or a prolongation beyond its limit."""


@dataclass(frozen=True, slots=True)
class EffetDecision:
    """The earliest day of effect, and the last day on which a request could reach back to it."""

    effet_on: date
    limite_on: date
    retroactif: bool
    source: str


def find_effet(
    *,
    entree_on: date,
    demande_on: date,
    insuffisance_on: date | None = None,
    prolonge_on: date | None = None,
) -> EffetDecision:
    """Give the day of effect of a request, from the day of entry.

    A resident who paid so far enters, for the text, on the day her resources no longer suffice.
    `prolonge_on` is the last day that the président du conseil départemental granted, if he did.
    """
    if insuffisance_on and insuffisance_on < entree_on:
        raise DatesRefusees("les ressources ne peuvent manquer avant l’entrée")
    start = insuffisance_on or entree_on
    limite = echeance("effet_entree", start)
    if prolonge_on:
        if not limite < prolonge_on <= echeance("prolongation_entree", limite):
            raise DatesRefusees(f"prolongation hors des bornes : {prolonge_on.isoformat()}")
        limite = prolonge_on
    retroactif = demande_on <= limite
    return EffetDecision(
        effet_on=start if retroactif else echeance("effet_demande_tardive", demande_on),
        limite_on=limite,
        retroactif=retroactif,
        source=delai("effet_entree").source,
    )
