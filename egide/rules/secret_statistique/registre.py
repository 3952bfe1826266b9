"""The ledger: a release is proven together with all that was published before it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from egide.rules.secret_statistique.masque import protect
from egide.rules.secret_statistique.primaire import Regle, Sensibles, find_sensibles
from egide.rules.secret_statistique.secondaire import Contraintes
from egide.rules.secret_statistique.systeme import (
    Cle,
    Flags,
    Ints,
    Progress,
    Relation,
    Systeme,
    ValeursIncompatibles,
    link,
    silent,
    tell,
)


@dataclass(frozen=True, eq=False)
class Publication:
    """A table as it left, or is about to: its true values, what is hidden, what was to protect."""

    nom: str
    systeme: Systeme
    sensibles: Sensibles
    secretes: Flags

    def published(self) -> Iterator[Cle]:
        """Give the cells that everybody knows from this table."""
        return (self.systeme.cles[rank] for rank in np.flatnonzero(~self.secretes))


@dataclass(frozen=True)
class Emboitement:
    """Two contexts of which one holds the other: by subtraction, everybody knows the difference."""

    tout: tuple[str, str]
    partie: tuple[str, str]

    @property
    def difference(self) -> tuple[str, str]:
        """Name the population that is in the whole and not in the part."""
        return (self.tout[0], f"{self.tout[1]} sans {self.partie[1]}")

    def relations(self, valeurs: Mapping[Cle, int]) -> Iterator[tuple[Cle, int, Relation]]:
        """Give each difference of two cells that both contexts hold: name, value, equation."""
        for cle, valeur in valeurs.items():
            if self.tout not in cle:
                continue
            rest = [pair for pair in cle if pair != self.tout]
            part = tuple(sorted([*rest, self.partie]))
            if part not in valeurs:
                continue
            between = tuple(sorted([*rest, self.difference]))
            if valeurs[part] > valeur:
                raise ValeursIncompatibles(f"{tell(part)} dépasse {tell(cle)}")
            yield between, valeur - valeurs[part], (cle, (part, between))


@dataclass(frozen=True, eq=False)
class Registre:
    """Everything published so far, in order."""

    publications: tuple[Publication, ...] = ()
    emboitements: tuple[Emboitement, ...] = ()

    def add(self, publication: Publication) -> "Registre":
        """Give the ledger with one more release."""
        return Registre((*self.publications, publication), self.emboitements)

    def prepare(
        self,
        nom: str,
        *,
        systeme: Systeme,
        sensibles: Sensibles,
        regles: Sequence[Regle],
        progress: Progress = silent,
    ) -> Publication:
        """Protect a table against who kept all the others; the rules judge the differences."""
        before = [publication.systeme for publication in self.publications]
        united, between = self._unite([*before, systeme])
        known = {cle for publication in self.publications for cle in publication.published()}
        gone = {cle for item in before for cle in item.cles} - known - set(systeme.cles)
        contraintes = Contraintes(_flags(united, known), _flags(united, gone | between))
        parts = [*((p.systeme, p.sensibles) for p in self.publications), (systeme, sensibles)]
        judged = find_sensibles(united, regles=regles, internes=())
        together = _merge(united, parts, judged, _flags(united, between))
        masque = protect(united, sensibles=together, contraintes=contraintes, progress=progress)
        ranks = [united.place[cle] for cle in systeme.cles]
        return Publication(nom, systeme, sensibles, masque.secretes[ranks])

    def _unite(self, systemes: Sequence[Systeme]) -> tuple[Systeme, set[Cle]]:
        valeurs = {
            cle: valeur
            for systeme in systemes
            for cle, valeur in zip(systeme.cles, systeme.valeurs.tolist(), strict=True)
        }
        found = [item for nested in self.emboitements for item in nested.relations(valeurs)]
        between = {cle: valeur for cle, valeur, _ in found}
        differences = Systeme(tuple(between), np.array(list(between.values()), np.int64), ())
        relations = [relation for _, _, relation in found]
        return link([*systemes, differences], relations=relations), set(between)


def _flags(systeme: Systeme, cles: set[Cle]) -> Flags:
    flags = np.zeros(systeme.size, np.bool_)
    flags[[systeme.place[cle] for cle in cles]] = True
    return flags


def _merge(
    united: Systeme,
    parts: Sequence[tuple[Systeme, Sensibles]],
    judged: Sensibles,
    between: Flags,
) -> Sensibles:
    """Keep of each cell the widest protection that a table, or a difference, asks for it."""
    primaires = judged.primaires & between
    low, high = np.where(between, judged.low, 0), np.where(between, judged.high, 0)
    seuls: set[int] = set()
    for systeme, sensibles in parts:
        ranks: Ints = np.array([united.place[cle] for cle in systeme.cles], np.int64)
        primaires[ranks] |= sensibles.primaires
        low[ranks] = np.maximum(low[ranks], sensibles.low)
        high[ranks] = np.maximum(high[ranks], sensibles.high)
        seuls.update(ranks[sensibles.seuls].tolist())
    return Sensibles(primaires, low, high, np.array(sorted(seuls), np.int64))
