"""The same APA at home on a column: the formula of `participation`, on exact integers in SQL."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

import ibis
import ibis.expr.types as ir
from ibis import _ as row

from egide.rules.apa import domicile, montants
from egide.rules.apa.bornes import DECIMALES_DU_TAUX
from egide.rules.apa.participation import participation
from egide.rules.exact import (
    Column,
    Quantities,
    Quantity,
    Whole,
    choose,
    keep,
    least,
    lookup,
    lookup_fractions,
)
from egide.rules.money import CENTIMES_PAR_EURO
from egide.rules.parameters import Bareme, Parametre

GIRS_ELIGIBLES = tuple(
    int(nom.removeprefix("plafond_gir_"))
    for nom in montants.DOMICILE
    if nom.startswith("plafond_gir_")
)


@cache
def breakpoints() -> tuple[date, ...]:
    """List the days on which a version, a figure or its verification changes."""
    starts = {version.start for version in participation.versions}
    starts |= {version.start for version in montants.jour_de_s.versions}
    for parametre in (*montants.DOMICILE.values(), montants.REFERENCE["smic_horaire"]):
        starts |= _changes(parametre)
    # S is looked up on 1 January: what changes in the MTP in a year shows from the next one.
    mtp = _changes(montants.REFERENCE["mtp"])
    starts |= mtp | {day.replace(year=day.year + 1, month=1, day=1) for day in mtp}
    first = participation.versions[0].start
    return tuple(sorted(day for day in starts if day >= first))


def _changes(parametre: Parametre) -> set[date]:
    after = parametre.verifie_jusqu_au + timedelta(days=1)
    return {after, *(valeur.depuis for valeur in parametre.valeurs)}


def periods_between(first: date, *, last: date) -> tuple[date, ...]:
    """List the starts of the periods of constant law that two days enclose."""
    days = breakpoints()
    return days[max(bisect_right(days, first) - 1, 0) : bisect_right(days, last)]


def apa_domicile(table: ir.Table, *, first: date, last: date) -> ir.Table:
    """Add to a table the APA at home of each row, to the cent of `compute_apa_domicile`.

    The table has `on`, `age`, `gir`, `couple`, and `ressources` and `plan` in cents, all checked;
    the days lie between `first` and `last`. Amounts are added in cents, the rate in millionths.
    """
    starts = periods_between(first, last=last)
    passed = [(row.on >= start).cast("int64") for start in starts[1:]]
    numbered = table.mutate(_periode=sum(passed, start=1) if passed else ibis.literal(1, "int64"))
    numbered, figures = keep(numbered, quantities=_figures(starts))
    numbered = numbered.mutate(_motif=_closed(figures))
    numbered, base = keep(numbered, quantities=_base(starts, figures=figures))
    due, taux = _participation(starts, base=base, figures=figures)
    computed = numbered.mutate(
        plan_retenu=base["_plan"].round_half_up().expr,
        taux_participation=taux.expr,
        participation=due.expr,
        provisoire=_flag([montants.is_provisional(start) for start in starts]),
    )
    reste = row.plan_retenu - row.participation
    non_verse = reste <= figures["_seuil"].round_half_up().expr
    motif = ibis.ifelse(
        row["_motif"] != "", row["_motif"], ibis.ifelse(non_verse, domicile.MONTANT_NON_VERSE, "")
    )
    decided = computed.mutate(motif=motif, _reste=reste)
    granted = decided.mutate(apa=ibis.ifelse(row.motif == "", row["_reste"], 0))
    return granted.drop(*(nom for nom in granted.columns if nom.startswith("_")))


def _by_period(starts: tuple[date, ...], *, function: Callable[[date], Decimal]) -> Quantity:
    return lookup_fractions([Fraction(function(day)) for day in starts], index=row["_periode"])


def _figures(starts: tuple[date, ...]) -> dict[str, Quantity]:
    """Make the columns of the figures; one that is not yet in force is never used by a version."""

    def in_force(nom: str) -> Callable[[date], Decimal]:
        first = montants.DOMICILE[nom].valeurs[0].depuis
        return lambda day: Bareme(max(day, first), montants.DOMICILE)[nom]

    figures = {nom: _by_period(starts, function=in_force(nom)) for nom in montants.DOMICILE}
    figures["_s"] = _by_period(starts, function=lambda day: montants.montant_s(day).valeur)
    figures["_seuil"] = _by_period(starts, function=montants.seuil_versement)
    return {nom if nom.startswith("_") else f"_{nom}": item for nom, item in figures.items()}


def _closed(figures: Quantities) -> Column:
    age = figures["_age_minimal"].round_half_up(unit=1).expr
    gir = figures["_gir_maximal"].round_half_up(unit=1).expr
    return ibis.cases(
        (row.age < age, domicile.AGE_INSUFFISANT),
        (row.gir > gir, domicile.GIR_NON_ELIGIBLE),
        else_="",
    )


def _amount(column: Column) -> Quantity:
    maximum = montants.DOMICILE["montant_maximal_saisi"].valeurs[-1].valeur
    high = int(maximum * CENTIMES_PAR_EURO)
    return Quantity.column(column, low=0, high=high, scale=CENTIMES_PAR_EURO)


def _base(starts: tuple[date, ...], *, figures: Quantities) -> dict[str, Quantity]:
    """Make the columns of the plan brought to its ceiling and of the divisor of a couple."""
    ceilings = [
        Fraction(montants.plafond_mensuel(start, gir=gir))
        for start in starts
        for gir in GIRS_ELIGIBLES
    ]
    count = len(GIRS_ELIGIBLES)
    place = (row["_periode"] - 1) * count + ibis.least(row.gir, count)
    kept = least(_amount(row.plan), lookup_fractions(ceilings, index=place))
    couple = choose(row.couple, then=figures["_diviseur_couple"], other=Quantity.of(1))
    return {
        "_plan": choose(row["_motif"] != "", then=Quantity.of(0), other=kept),
        "_couple": couple,
    }


def _participation(
    starts: tuple[date, ...], *, base: Quantities, figures: Quantities
) -> tuple[Whole, Whole]:
    """Apply to each row the version of its day: participation in cents, rate in millionths."""
    plan, ressources = base["_plan"], _amount(row.ressources) / base["_couple"]
    bareme = {nom.removeprefix("_"): figure for nom, figure in figures.items()}
    met = {participation.version(start).start for start in starts}
    # A plan of nothing has a participation of nothing: any divisor gives its rate of zero.
    divisor = plan.greatest(Quantity.of(Fraction(1, CENTIMES_PAR_EURO)))
    results = []
    for version in participation.versions:
        if version.start in met:
            found = version.apply(plan, ressources=ressources, s=figures["_s"], bareme=bareme)
            rate = (found.participation / divisor).round_half_up(unit=10**DECIMALES_DU_TAUX)
            results.append((version.start, found.participation.round_half_up(), rate))
    _, due, taux = results[0]
    for start, later_due, later_taux in results[1:]:
        due = later_due.where(row.on >= start, other=due)
        taux = later_taux.where(row.on >= start, other=taux)
    return due, taux


def _flag(values: list[bool]) -> Column:
    whole = lookup([int(value) for value in values], index=row["_periode"])
    return ibis.literal(bool(whole.low)) if whole.fixed else whole.expr > 0
