"""A table of 1 to 4 dimensions with its hierarchies: every margin computed from the inner cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from egide.rules.secret_statistique.bornes import DIMENSIONS_MAX
from egide.rules.secret_statistique.hierarchies import TOTAL, Hierarchie
from egide.rules.secret_statistique.systeme import Cle, Equation, Ints, Systeme


class TableauRefuse(ValueError):
    """Raised for a table that is not made of 1 to 4 dimensions and of values from zero up."""


@dataclass(frozen=True, eq=False)
class Tableau:
    """Values by code, in the order of the hierarchies; `Total` and groups are computed."""

    hierarchies: tuple[Hierarchie, ...]
    valeurs: Ints

    @property
    def codes(self) -> Iterator[tuple[str, ...]]:
        """Give the codes of every cell, in the order of the values."""
        return product(*(hierarchie.codes for hierarchie in self.hierarchies))

    def systeme(self, *, contexte: Mapping[str, str] | None = None) -> Systeme:
        """Make the cells and equations; the context (month, population) tells equal codes apart."""
        fixed = sorted((contexte or {}).items())
        noms = [hierarchie.dimension for hierarchie in self.hierarchies]
        cles = tuple(canonical([*fixed, *zip(noms, codes, strict=True)]) for codes in self.codes)
        return Systeme(cles, self.valeurs.ravel(), tuple(self._equations()))

    def _equations(self) -> Iterator[Equation]:
        ranks = np.arange(self.valeurs.size).reshape(self.valeurs.shape)
        for axis, hierarchie in enumerate(self.hierarchies):
            place = {code: rank for rank, code in enumerate(hierarchie.codes)}
            for code, parts in hierarchie.groupes.items():
                totals = np.take(ranks, place[code], axis=axis).ravel()
                members = [np.take(ranks, place[part], axis=axis).ravel() for part in parts]
                for total, *cells in zip(totals.tolist(), *(m.tolist() for m in members)):  # noqa: B905 - one shape
                    yield total, tuple(cells)


def canonical(pairs: Sequence[tuple[str, str]]) -> Cle:
    """Name a cell the same way in every table: totals say nothing, the order of dimensions too."""
    return tuple(sorted((dimension, code) for dimension, code in pairs if code != TOTAL))


def build_tableau(
    hierarchies: Sequence[Hierarchie], *, inner: Mapping[tuple[str, ...], int]
) -> Tableau:
    """Add the margins to inner cells; a cell that is not given holds zero."""
    if not 1 <= len(hierarchies) <= DIMENSIONS_MAX:
        raise TableauRefuse(f"{len(hierarchies)} dimensions, attendu 1 à {DIMENSIONS_MAX}")
    places = [{code: n for n, code in enumerate(item.codes)} for item in hierarchies]
    valeurs = np.zeros([len(item.codes) for item in hierarchies], np.int64)
    for codes, valeur in inner.items():
        if valeur < 0:
            raise TableauRefuse(f"{', '.join(codes)} : {valeur} est négatif")
        valeurs[tuple(place[code] for place, code in zip(places, codes, strict=True))] = valeur
    for axis, hierarchie in enumerate(hierarchies):
        for code in hierarchie.bottom_up:
            parts = [places[axis][part] for part in hierarchie.groupes[code]]
            target = (slice(None),) * axis + (places[axis][code],)
            valeurs[target] = np.take(valeurs, parts, axis=axis).sum(axis=axis)
    return Tableau(tuple(hierarchies), valeurs)
