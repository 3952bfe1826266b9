"""The same APA at home on a column: the formula of `participation`, on exact integers in SQL."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache

import ibis
import ibis.expr.types as ir
from ibis import _ as row

from egide.rules.apa import domicile, montants
from egide.rules.apa.bornes import MILLIONIEMES
from egide.rules.apa.participation import participation
from egide.rules.apa.periodes import (
    amount,
    by_period,
    figures_by_period,
    flag_by_period,
    list_breakpoints,
    number_periods,
    select_periods,
)
from egide.rules.engine import Column
from egide.rules.exact import Quantities, Quantity, choose, keep, least, lookup_fractions
from egide.rules.money import CENTIMES_PAR_EURO
from egide.rules.whole import Whole

GIRS_ELIGIBLES = tuple(
    int(nom.removeprefix("plafond_gir_"))
    for nom in montants.DOMICILE
    if nom.startswith("plafond_gir_")
)


@cache
def breakpoints() -> tuple[date, ...]:
    """List the days on which the APA at home changes."""
    starts = {version.start for version in participation.versions}
    return list_breakpoints(starts, parametres=montants.DOMICILE)


def apa_domicile(table: ir.Table, *, first: date, last: date, s: Decimal | None = None) -> ir.Table:
    """Add to a table the APA at home of each row, to the cent of `compute_apa_domicile`.

    The table has `on`, `age`, `gir`, `couple`, and `ressources` and `plan` in cents, all checked;
    the days lie between `first` and `last`. Amounts are added in cents, the rate in millionths.
    `s` supposes another amount of reference than those in force: all is then provisional.
    """
    starts = select_periods(breakpoints(), first=first, last=last)
    numbered = table.mutate(_periode=number_periods(starts))
    numbered, figures = keep(numbered, quantities=_figures(starts, s=s))
    numbered = numbered.mutate(_motif=_closed(figures))
    numbered, base = keep(numbered, quantities=_base(starts, figures=figures, s=s))
    due, taux = _participation(starts, base=base, figures=figures)
    computed = numbered.mutate(
        plan_retenu=base["_plan"].round_half_up().expr,
        taux_participation=taux.expr,
        participation=due.expr,
        provisoire=flag_by_period(
            s is not None or montants.is_provisional(start) for start in starts
        ),
    )
    reste = row.plan_retenu - row.participation
    non_verse = reste <= figures["_seuil"].round_half_up().expr
    motif = ibis.ifelse(
        row["_motif"] != "", row["_motif"], ibis.ifelse(non_verse, domicile.MONTANT_NON_VERSE, "")
    )
    decided = computed.mutate(motif=motif, _reste=reste)
    granted = decided.mutate(apa=ibis.ifelse(row.motif == "", row["_reste"], 0))
    return granted.drop(*(nom for nom in granted.columns if nom.startswith("_")))


def _figures(starts: tuple[date, ...], *, s: Decimal | None) -> dict[str, Quantity]:
    figures = figures_by_period(starts, parametres=montants.DOMICILE)
    if s is not None:
        figures["_s"] = by_period(starts, function=lambda _: s)
    figures["_seuil"] = by_period(starts, function=montants.seuil_versement)
    return figures


def _closed(figures: Quantities) -> Column:
    age = figures["_age_minimal"].round_half_up(unit=1).expr
    gir = figures["_gir_maximal"].round_half_up(unit=1).expr
    return ibis.cases(
        (row.age < age, domicile.AGE_INSUFFISANT),
        (row.gir > gir, domicile.GIR_NON_ELIGIBLE),
        else_="",
    )


def _base(
    starts: tuple[date, ...], *, figures: Quantities, s: Decimal | None
) -> dict[str, Quantity]:
    """Make the columns of the plan brought to its ceiling and of the divisor of a couple."""
    ceilings = [
        Fraction(montants.plafond_mensuel(start, gir=gir, s=s))
        for start in starts
        for gir in GIRS_ELIGIBLES
    ]
    count = len(GIRS_ELIGIBLES)
    place = (row["_periode"] - 1) * count + ibis.least(row.gir, count)
    kept = least(
        amount(row.plan, parametres=montants.DOMICILE), lookup_fractions(ceilings, index=place)
    )
    couple = choose(row.couple, then=figures["_diviseur_couple"], other=Quantity.of(1))
    return {
        "_plan": choose(row["_motif"] != "", then=Quantity.of(0), other=kept),
        "_couple": couple,
    }


def _participation(
    starts: tuple[date, ...], *, base: Quantities, figures: Quantities
) -> tuple[Whole, Whole]:
    """Apply to each row the version of its day: participation in cents, rate in millionths."""
    plan, ressources = (
        base["_plan"],
        amount(row.ressources, parametres=montants.DOMICILE) / base["_couple"],
    )
    bareme = {nom.removeprefix("_"): figure for nom, figure in figures.items()}
    met = {participation.version(start).start for start in starts}
    # A plan of nothing has a participation of nothing: any divisor gives its rate of zero.
    divisor = plan.greatest(Quantity.of(Fraction(1, CENTIMES_PAR_EURO)))
    results = []
    for version in participation.versions:
        if version.start in met:
            found = version.apply(plan, ressources=ressources, s=figures["_s"], bareme=bareme)
            rate = (found.participation / divisor).round_half_up(unit=MILLIONIEMES)
            results.append((version.start, found.participation.round_half_up(), rate))
    _, due, taux = results[0]
    for start, later_due, later_taux in results[1:]:
        due = later_due.where(row.on >= start, other=due)
        taux = later_taux.where(row.on >= start, other=taux)
    return due, taux
