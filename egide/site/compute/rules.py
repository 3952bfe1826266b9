"""The rules that `egide compute` knows: their input columns, their result, their column form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import and_

import ibis
import ibis.expr.types as ir
from ibis import _ as row

from egide.rules.aggir import ENTREES, VARIABLES
from egide.rules.aggir import colonne as aggir
from egide.rules.apa import colonne as apa
from egide.rules.apa.colonne_etablissement import apa_etablissement
from egide.rules.ash.colonne import ash
from egide.rules.engine import Column, cents_as_euros, millionths_as_rate
from egide.rules.identifiants.nir import read_nir
from egide.site.compute.champs import (
    ADVERBES,
    AGE,
    DEPARTEMENT,
    GIR,
    JOUR,
    JOUR_ASH,
    MODALITE,
    MONTANT,
    OUI_NON,
    TEXTE,
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


SORTIES_NIR = ("valide", "normalise", "motif", "sexe", "annee", "mois", "departement")


def read_nir_columns(text: str) -> list[str]:
    """Read a NIR for the engine: its outputs in order, as texts."""
    found = read_nir(text)
    values = [getattr(found, nom) for nom in SORTIES_NIR[1:]]
    return ["1" if found.valide else "0", *values]


# The body is `read_nir_columns`, registered in the engine; ibis gives its decorator no type.
@ibis.udf.scalar.builtin(name="egide_nir")  # type: ignore[untyped-decorator]  # see above
def _read_nir(text: str) -> list[str]:  # type: ignore[empty-body]  # see above
    ...


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
    "apa-etablissement": Rule(
        champs=(
            *PERSONNE,
            Champ("tarif_mensuel_gir", MONTANT),
            Champ("tarif_mensuel_gir_5_6", MONTANT),
            Champ("departement", DEPARTEMENT, optional=True),
        ),
        names={
            "date": "on",
            "ressources_mensuelles": "ressources",
            "tarif_mensuel_gir": "tarif",
            "tarif_mensuel_gir_5_6": "tarif_5_6",
        },
        apply=lambda table, bounds: apa_etablissement(table, first=bounds[0], last=bounds[1]),
        outputs={
            "participation": cents_as_euros(row.participation),
            "apa": cents_as_euros(row.apa),
            "motif": row.motif.nullif(""),
            "provisoire": row.provisoire.cast("int8"),
        },
        dated_by="date",
    ),
    "ash": Rule(
        champs=(
            Champ("date", JOUR_ASH),
            Champ("ressources_mensuelles", MONTANT),
            Champ("cout_mensuel_hebergement", MONTANT),
            Champ("ticket_moderateur_mensuel", MONTANT),
            Champ("contribution_obliges", MONTANT),
            Champ("couple_conjoint_domicile", OUI_NON),
            Champ("ressources_conjoint", MONTANT),
        ),
        names={
            "date": "on",
            "ressources_mensuelles": "ressources",
            "cout_mensuel_hebergement": "cout",
            "ticket_moderateur_mensuel": "ticket",
            "contribution_obliges": "obliges",
            "couple_conjoint_domicile": "conjoint_domicile",
            "ressources_conjoint": "conjoint",
        },
        apply=lambda table, bounds: ash(table, first=bounds[0], last=bounds[1]),
        outputs={
            "laisse_a_disposition": cents_as_euros(row.laisse_a_disposition),
            "contribution": cents_as_euros(row.contribution),
            "ash": cents_as_euros(row.ash),
            "motif": row.motif.nullif(""),
            "provisoire": row.provisoire.cast("int8"),
        },
        dated_by="date",
    ),
    "nir": Rule(
        champs=(Champ("nir", TEXTE),),
        names={"nir": "_nir"},
        apply=lambda table, _bounds: table.mutate(_read=_read_nir(row["_nir"])),
        outputs={nom: row["_read"][place] for place, nom in enumerate(SORTIES_NIR)},
        functions={"egide_nir": read_nir_columns},
    ),
}
