"""The rules that `egide compute` knows: their input columns, their result, their column form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import and_

import ibis.expr.types as ir
from ibis import _ as row

from egide.rules.aggir import ENTREES, VARIABLES
from egide.rules.aggir import colonne as aggir
from egide.rules.apa import colonne as apa
from egide.rules.exact import Column, cents_as_euros, millionths_as_rate
from egide.site.compute.champs import (
    ADVERBES,
    AGE,
    GIR,
    JOUR,
    MODALITE,
    MONTANT,
    OUI_NON,
    Champ,
    read_champ,
)

Bounds = tuple[date, date]


@dataclass(frozen=True)
class Rule:
    """A rule as a command: what it reads, under which names the rule knows it, what it adds."""

    champs: tuple[Champ, ...]
    names: Mapping[str, str]
    apply: Callable[[ir.Table, Bounds], ir.Table]
    outputs: Mapping[str, Column]
    dated_by: str = ""
    functions: Mapping[str, Callable[[str], list[str]]] = field(default_factory=dict)

    def accepted(self, places: Mapping[str, int]) -> Column:
        """Tell on a column which rows are free of defects."""
        checks = [
            champ.sorte.accepted(row[f"c{places[champ.nom]}"])
            for champ in self.champs
            if champ.nom in places
        ]
        return reduce(and_, checks)

    def parse(self, places: Mapping[str, int]) -> dict[str, Column]:
        """Make the typed columns under the names that the rule knows."""
        return {
            self.names.get(champ.nom, champ.nom): read_champ(champ, place=places.get(champ.nom))
            for champ in self.champs
        }


def _as_is(*names: str) -> dict[str, Column]:
    return {nom: row[nom] for nom in names}


PERSONNE = (
    Champ("date", JOUR),
    Champ("age", AGE),
    Champ("gir", GIR),
    Champ("couple", OUI_NON),
    Champ("ressources_mensuelles", MONTANT),
)

RULES: Mapping[str, Rule] = {
    "aggir": Rule(
        champs=tuple(Champ(nom, MODALITE) for nom in VARIABLES),
        names={},
        apply=lambda table, _bounds: aggir.aggir(table),
        outputs=_as_is("groupe", "somme", "rang", "gir"),
    ),
    "aggir-adverbes": Rule(
        champs=tuple(Champ(nom, ADVERBES) for nom in ENTREES),
        names={},
        apply=lambda table, _bounds: aggir.aggir_adverbes(table),
        outputs=_as_is("lettres", "rang", "gir"),
    ),
    "apa-domicile": Rule(
        champs=(*PERSONNE, Champ("plan_mensuel", MONTANT)),
        names={"date": "on", "ressources_mensuelles": "ressources", "plan_mensuel": "plan"},
        apply=lambda table, bounds: apa.apa_domicile(table, first=bounds[0], last=bounds[1]),
        outputs={
            "plan_retenu": cents_as_euros(row.plan_retenu),
            "taux_participation": millionths_as_rate(row.taux_participation),
            "participation": cents_as_euros(row.participation),
            "apa": cents_as_euros(row.apa),
            "motif": row.motif.nullif(""),
            "provisoire": row.provisoire.cast("int8"),
        },
        dated_by="date",
    ),
}
