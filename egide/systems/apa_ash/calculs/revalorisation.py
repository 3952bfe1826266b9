"""Revalue many rights at once, by the column form of the rule that computes one case."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import duckdb
import ibis
import pyarrow as pa

from egide.rules.age import age_on
from egide.rules.apa.colonne import apa_domicile
from egide.rules.apa.montants import DOMICILE
from egide.rules.engine import MACROS
from egide.rules.parameters import Bareme

SCHEMA = {
    "rang": "int64",
    "on": "date",
    "age": "int64",
    "gir": "int64",
    "couple": "boolean",
    "ressources": "int64",
    "plan": "int64",
}
CENTIMES = 2
MILLIONIEMES = 6


class MontantHorsBornes(ValueError):
    """A right holds an amount beyond what the rule accepts: it would not be computed exactly."""


class DroitActuel(NamedTuple):
    """A right in force on the eve, with all that the rule needs."""

    droit_id: UUID
    dossier_id: UUID
    gir: int
    couple: bool
    ressources_mensuelles: Decimal
    plan_mensuel: Decimal
    apa: Decimal
    naissance_on: date


class Revalorise(NamedTuple):
    """The same right under the figures of the day."""

    droit_id: UUID
    dossier_id: UUID
    apa_avant: Decimal
    plan_apres: Decimal
    taux_apres: Decimal
    participation_apres: Decimal
    apa_apres: Decimal


def revalue(
    droits: Sequence[DroitActuel], *, effet_on: date, s: Decimal | None = None
) -> list[Revalorise]:
    """Compute what each right becomes on a day, to the cent of `compute_apa_domicile`.

    `s` supposes another amount of reference than the one in force.
    """
    if not droits:
        return []
    _check_bounds(droits, maximum=Bareme(effet_on, DOMICILE)["montant_maximal_saisi"])
    return [
        Revalorise(
            droit.droit_id,
            droit.dossier_id,
            droit.apa,
            Decimal(plan).scaleb(-CENTIMES),
            Decimal(taux).scaleb(-MILLIONIEMES),
            Decimal(participation).scaleb(-CENTIMES),
            Decimal(apa).scaleb(-CENTIMES),
        )
        for droit, (plan, taux, participation, apa) in zip(
            droits, _run(droits, effet_on=effet_on, s=s), strict=True
        )
    ]


def _check_bounds(droits: Iterable[DroitActuel], *, maximum: Decimal) -> None:
    beyond = [d for d in droits if max(d.ressources_mensuelles, d.plan_mensuel) > maximum]
    if beyond:
        raise MontantHorsBornes(str(len(beyond)))


def _run(
    droits: Sequence[DroitActuel], *, effet_on: date, s: Decimal | None
) -> list[tuple[int, int, int, int]]:
    columns = {
        "rang": list(range(len(droits))),
        "on": [effet_on] * len(droits),
        "age": [age_on(d.naissance_on, on=effet_on) for d in droits],
        "gir": [d.gir for d in droits],
        "couple": [d.couple for d in droits],
        "ressources": [int(d.ressources_mensuelles.scaleb(CENTIMES)) for d in droits],
        "plan": [int(d.plan_mensuel.scaleb(CENTIMES)) for d in droits],
    }
    with duckdb.connect() as engine:
        for macro in MACROS:
            engine.execute(macro)
        engine.register("droits", pa.table(columns))
        return engine.execute(_formula(effet_on, s)).fetchall()


@lru_cache(maxsize=16)
def _formula(effet_on: date, s: Decimal | None) -> str:
    table = ibis.table(SCHEMA, name="droits")
    computed = apa_domicile(table, first=effet_on, last=effet_on, s=s)
    wanted = computed.order_by("rang").select(
        "plan_retenu", "taux_participation", "participation", "apa"
    )
    return str(ibis.to_sql(wanted, dialect="duckdb"))
