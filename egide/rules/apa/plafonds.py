"""Every ceiling of the APA at home as steps of time, for whoever compares and computes nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from egide.rules.apa.indu import PARAMETRES as INDU
from egide.rules.apa.indu import part_retenue, seuil_recouvrement
from egide.rules.apa.montants import (
    DOMICILE,
    REFERENCE,
    forfait_domicile,
    jour_de_s,
    majoration_hospitalisation_aidant,
    majoration_repit_annuelle,
    plafond_le_plus_haut,
    plafond_mensuel,
)
from egide.rules.apa.ponctuel import PONCTUEL, facture_la_plus_haute
from egide.rules.dated import NotInForce
from egide.rules.parameters import Bareme

PREMIER_JOUR = date(2002, 1, 1)
"""The APA begins (loi n° 2001-647 du 20 juillet 2001)."""


@dataclass(frozen=True, slots=True)
class Palier:
    """An amount, or a part, from a day on, until the next one of the same name."""

    nom: str
    depuis: date
    montant: Decimal


def plafonds() -> Mapping[str, Callable[[date], Decimal]]:
    """Give each ceiling by name: months, GIR, lump sum, invoices, what is recovered."""
    last = int(Bareme(PREMIER_JOUR, DOMICILE)["gir_maximal"])
    return {
        "mensuel": plafond_le_plus_haut,
        **{f"gir_{gir}": partial(plafond_mensuel, gir=gir) for gir in range(1, last + 1)},
        "forfait": forfait_domicile,
        "repit": majoration_repit_annuelle,
        "relais": majoration_hospitalisation_aidant,
        "facture": facture_la_plus_haute,
        "recouvrement": seuil_recouvrement,
        "retenue": part_retenue,
    }


def paliers() -> Iterator[Palier]:
    """Walk the ceilings, each from every day on which it changes."""
    for nom, plafond in plafonds().items():
        before = None
        for day in _days():
            try:
                montant = plafond(day)
            except NotInForce:
                continue
            if montant != before:
                yield Palier(nom, day, montant)
            before = montant


def _days() -> list[date]:
    """Give the days on which a figure, or the day that selects S, may change."""
    files = (REFERENCE, DOMICILE, PONCTUEL, INDU)
    days = {v.depuis for file in files for p in file.values() for v in p.valeurs}
    days |= {version.start for version in jour_de_s.versions}
    # A figure of the year is taken up on the next 1 January.
    days |= {date(day.year + 1, 1, 1) for day in days}
    return sorted(day for day in days if day >= PREMIER_JOUR)
