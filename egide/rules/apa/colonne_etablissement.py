"""The APA in an establishment on a column, exact like the one at home."""

from calendar import monthrange
from datetime import date, timedelta
from functools import cache

import ibis
import ibis.expr.types as ir
from ibis import _ as row

from egide.rules.apa import etablissement as regle
from egide.rules.apa.domicile import AGE_INSUFFISANT, GIR_NON_ELIGIBLE, MONTANT_NON_VERSE
from egide.rules.apa.periodes import (
    amount,
    by_period,
    figures_by_period,
    flag_by_period,
    list_breakpoints,
    number_periods,
    select_periods,
)
from egide.rules.engine import Column, last_day
from egide.rules.exact import Quantities, Quantity, choose, keep
from egide.rules.whole import Whole

# The length of months: of February in a common year, of January.
SHORTEST, LONGEST = monthrange(1, 1 + 1)[1], monthrange(1, 1)[1]


@cache
def breakpoints() -> tuple[date, ...]:
    """List the days on which the APA in an establishment changes."""
    starts = {version.start for version in regle.participation.versions}
    starts |= {regle.FUSION_DEPUIS, regle.FUSION_JUSQU_AU + timedelta(days=1)}
    return list_breakpoints(starts, parametres=regle.ETABLISSEMENT)


def apa_etablissement(table: ir.Table, *, first: date, last: date) -> ir.Table:
    """Add to a table the APA of each resident, to the cent of `compute_apa_etablissement`.

    The table has `on`, `age`, `gir`, `couple`, `departement`, and `ressources`, `tarif` and
    `tarif_5_6` in cents, all checked. Amounts are added in cents.
    """
    starts = select_periods(breakpoints(), first=first, last=last)
    numbered = table.mutate(_periode=number_periods(starts))
    looked_up = figures_by_period(starts, parametres=regle.ETABLISSEMENT)
    looked_up["_seuil"] = by_period(starts, function=regle.seuil_versement)
    numbered, figures = keep(numbered, quantities=looked_up)
    computed = numbered.mutate(
        _motif=_closed(starts, figures=figures),
        _due=_participation(figures).expr,
        _forfait=_forfait(figures).expr,
        provisoire=flag_by_period(regle.is_provisional(start) for start in starts),
    )
    non_verse = row.tarif - row["_due"] <= figures["_seuil"].round_half_up().expr
    decided = computed.mutate(
        motif=ibis.ifelse(
            row["_motif"] != "",
            row["_motif"],
            ibis.ifelse(non_verse, MONTANT_NON_VERSE, ""),
        ),
        participation=ibis.cases(
            (row["_motif"] == "", row["_due"]),
            (row["_motif"] == regle.FORFAIT_GLOBAL, row["_forfait"]),
            else_=0,
        ),
    )
    granted = decided.mutate(apa=ibis.ifelse(row.motif == "", row.tarif - row["_due"], 0))
    return granted.drop(*(nom for nom in granted.columns if nom.startswith("_")))


def _closed(starts: tuple[date, ...], *, figures: Quantities) -> Column:
    in_force = flag_by_period(
        regle.FUSION_DEPUIS <= start <= regle.FUSION_JUSQU_AU for start in starts
    )
    fusion = in_force & row.departement.isin(list(regle.FUSION["elements"]))
    age = figures["_age_minimal"].round_half_up(unit=1).expr
    gir = figures["_gir_maximal"].round_half_up(unit=1).expr
    return ibis.cases(
        (fusion, regle.FORFAIT_GLOBAL),
        (row.age < age, AGE_INSUFFISANT),
        (row.gir > gir, GIR_NON_ELIGIBLE),
        else_="",
    )


def _participation(figures: Quantities) -> Whole:
    bareme = {nom.removeprefix("_"): figure for nom, figure in figures.items()}
    couple = choose(row.couple, then=bareme["diviseur_couple"], other=Quantity.of(1))
    ressources = amount(row.ressources, parametres=regle.ETABLISSEMENT) / couple
    # One version since 2002; a second one would be chosen by day as it is at home.
    (version,) = regle.participation.versions
    return version.apply(
        amount(row.tarif, parametres=regle.ETABLISSEMENT),
        tarif_5_6=amount(row.tarif_5_6, parametres=regle.ETABLISSEMENT),
        position=regle.locate(ressources, s=bareme["s"], bareme=bareme),
        bareme=bareme,
    ).round_half_up()


def _forfait(figures: Quantities) -> Whole:
    days = Quantity.column(
        last_day(row.on).day().cast("int64"), low=SHORTEST, high=LONGEST, scale=1
    )
    return (figures["_participation_journaliere_fusion"] * days).round_half_up()
