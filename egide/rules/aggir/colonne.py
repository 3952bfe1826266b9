"""AGGIR on a column: the 6,561 profiles are evaluated once by the rule, then looked up."""

from functools import cache
from itertools import product

import ibis
import ibis.expr.types as ir
from ibis import _ as row

from egide.rules.aggir.adverbes import ADVERBES, ENTREES, NON, OUI, combine
from egide.rules.aggir.algorithme import (
    MODALITES,
    VARIABLES,
    VARIABLES_PESEES,
    ResultatAggir,
    evaluate,
)
from egide.rules.engine import Column
from egide.rules.exact import lookup, lookup_text


@cache
def profiles() -> tuple[ResultatAggir, ...]:
    """Evaluate every profile of the variables that weigh, in the order of their letters."""
    weightless = dict.fromkeys(VARIABLES, MODALITES[0])
    return tuple(
        evaluate(weightless | dict(zip(VARIABLES_PESEES, lettres, strict=True)))
        for lettres in product(MODALITES, repeat=len(VARIABLES_PESEES))
    )


def aggir(table: ir.Table) -> ir.Table:
    """Add groupe, somme, rang and gir to a table that has the ten checked modalities."""
    place = sum((_digit(row[nom]) * weight for nom, weight in _weights()), start=1)
    numbered = table.mutate(_profil=place)
    found, index = profiles(), row["_profil"]
    return numbered.mutate(
        groupe=lookup_text([profil.groupe for profil in found], index=index),
        somme=lookup([profil.somme for profil in found], index=index).expr,
        rang=lookup([profil.rang for profil in found], index=index).expr,
        gir=lookup([profil.gir for profil in found], index=index).expr,
    ).drop("_profil")


def aggir_adverbes(table: ir.Table) -> ir.Table:
    """Add lettres, rang and gir to a table that has the seventeen checked entries."""
    letters = table.mutate(**{f"_{entree}": _letter(row[entree]) for entree in ENTREES})
    variables = letters.mutate(**{nom: _combined(nom) for nom in VARIABLES})
    joined = ibis.literal("")
    for nom in VARIABLES:
        joined = row[nom] if nom == VARIABLES[0] else joined + row[nom]
    evaluated = aggir(variables.mutate(lettres=joined))
    return evaluated.drop("groupe", "somme", *(f"_{entree}" for entree in ENTREES))


def _weights() -> list[tuple[str, int]]:
    count = len(VARIABLES_PESEES)
    return [
        (nom, len(MODALITES) ** (count - 1 - place)) for place, nom in enumerate(VARIABLES_PESEES)
    ]


def _digit(modalite: Column) -> Column:
    return ibis.cases(
        *((modalite == letter, digit) for digit, letter in enumerate(MODALITES)), else_=0
    ).cast("int64")


def _letter(adverbes: Column) -> Column:
    every, none = OUI * len(ADVERBES), NON * len(ADVERBES)
    a, b, c = MODALITES
    return ibis.cases((adverbes == every, a), (adverbes == none, c), else_=b)


def _combined(variable: str) -> Column:
    entries = [entree for entree in ENTREES if entree.split(".")[0] == variable]
    if entries == [variable]:
        return row[f"_{variable}"]
    tuples = ["".join(lettres) for lettres in product(MODALITES, repeat=len(entries))]
    place = sum(
        (
            _digit(row[f"_{entree}"]) * len(MODALITES) ** (len(entries) - 1 - rank)
            for rank, entree in enumerate(entries)
        ),
        start=1,
    )
    return lookup_text([combine(variable, lettres=item) for item in tuples], index=place)
