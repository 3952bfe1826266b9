"""The same month of ASH on a column: the formula of `contribution`, on exact integers in SQL."""

from datetime import date
from functools import cache

import ibis
import ibis.expr.types as ir
from ibis import _ as row

from egide.rules.apa import montants as apa
from egide.rules.apa.periodes import (
    amount,
    by_period,
    flag_by_period,
    list_changes,
    number_periods,
    select_periods,
)
from egide.rules.apa.ressources import reserve_conjoint_mensuelle
from egide.rules.ash import hebergement
from egide.rules.ash.contribution import MoisHebergement, share_frais, somme_laissee
from egide.rules.ash.montants import HEBERGEMENT, PREMIER_JOUR, is_provisional, minimum_laisse
from egide.rules.exact import Quantities, Quantity, choose, keep
from egide.rules.parameters import Bareme


@cache
def breakpoints() -> tuple[date, ...]:
    """List the days on which the ASH changes."""
    days = {PREMIER_JOUR, *(version.start for version in somme_laissee.versions)}
    for parametre in (*HEBERGEMENT.values(), apa.REFERENCE["aspa_annuelle"]):
        days |= list_changes(parametre)
    return tuple(sorted(day for day in days if day >= PREMIER_JOUR))


def ash(table: ir.Table, *, first: date, last: date) -> ir.Table:
    """Add to a table the ASH of each row, to the cent of `compute_ash`.

    The table has `on`, `conjoint_domicile`, and in cents `ressources`, `conjoint`, `cout`,
    `ticket` and `obliges`, all checked; the days lie between `first` and `last`.
    """
    starts = select_periods(breakpoints(), first=first, last=last)
    numbered = table.mutate(_periode=number_periods(starts))
    numbered, figures = keep(numbered, quantities=_figures(starts))
    mois = _mois(figures)
    # One version since 2002; a second one would be chosen by day as it is for the APA at home.
    (version,) = somme_laissee.versions
    found = share_frais(
        mois,
        formule=version.apply,
        minimum=figures["_minimum"],
        bareme={nom.removeprefix("_"): figure for nom, figure in figures.items()},
    )
    computed = numbered.mutate(
        laisse_a_disposition=found.laisse.round_half_up().expr,
        contribution=found.contribution.round_half_up().expr,
        ash=found.ash.round_half_up().expr,
        provisoire=flag_by_period(is_provisional(start) for start in starts),
    )
    decided = computed.mutate(
        motif=ibis.cases(
            (row.ash > 0, ""),
            (
                row.contribution >= mois.frais.round_half_up().expr,
                hebergement.RESSOURCES_SUFFISANTES,
            ),
            else_=hebergement.SUFFISANTES_AVEC_OBLIGES,
        )
    )
    return decided.drop(*(nom for nom in decided.columns if nom.startswith("_")))


def _figures(starts: tuple[date, ...]) -> dict[str, Quantity]:
    return {
        "_part_laissee": by_period(
            starts, function=lambda day: Bareme(day, HEBERGEMENT)["part_laissee"]
        ),
        "_minimum": by_period(starts, function=minimum_laisse),
        "_reserve": by_period(starts, function=reserve_conjoint_mensuelle),
    }


def _mois(figures: Quantities) -> MoisHebergement[Quantity]:
    nothing = Quantity.of(0)
    conjoint = amount(row.conjoint, parametres=HEBERGEMENT)
    cout, ticket = (amount(column, parametres=HEBERGEMENT) for column in (row.cout, row.ticket))
    at_home = row.conjoint_domicile
    return MoisHebergement(
        ressources=amount(row.ressources, parametres=HEBERGEMENT)
        + choose(at_home, then=conjoint, other=nothing),
        reserve=choose(at_home, then=figures["_reserve"], other=nothing),
        frais=cout + ticket,
        obliges=amount(row.obliges, parametres=HEBERGEMENT),
        charges=nothing,
        affecte=nothing,
    )
