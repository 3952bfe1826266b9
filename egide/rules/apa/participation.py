"""What the person pays towards a plan d'aide at home, version after version (CASF R. 232-11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol

from egide.rules.dated import Dated
from egide.rules.exact import N, clamp, greatest, least, number


@dataclass(frozen=True, slots=True)
class Etapes(Generic[N]):
    """The steps of the participation: place of the resources, slices of the plan, result."""

    position: N
    tranches: tuple[N, ...]
    participation: N


class Formule(Protocol):
    """A version of the participation, for a case or for a column."""

    def __call__(self, plan: N, *, ressources: N, s: N, bareme: Mapping[str, N]) -> Etapes[N]:
        """Compute the steps from the plan, the resources of the person, S and the figures."""


participation: Dated[Formule] = Dated("participation du bénéficiaire à domicile")


def _position(ressources: N, *, s: N, bareme: Mapping[str, N]) -> N:
    bas, haut = bareme["seuil_inferieur"], bareme["seuil_superieur"]
    return clamp((ressources - bas * s) / ((haut - bas) * s))


def weigh(plan: N, *, x: N, tranches: tuple[N, ...], bareme: Mapping[str, N]) -> N:
    """Weigh the slices of a plan by the place of the resources, or the whole plan without any."""
    weighed = plan
    if tranches:
        a1, a2, a3 = tranches
        c2, c3 = bareme["part_fixe_tranche_2"], bareme["part_fixe_tranche_3"]
        weighed = a1 + a2 * (c2 + (1 - c2) * x) + a3 * (c3 + (1 - c3) * x)
    return bareme["taux_maximal"] * x * weighed


def _linear(plan: N, *, ressources: N, s: N, bareme: Mapping[str, N]) -> Etapes[N]:
    """Zero below the lower threshold, the maximum above the upper one, linear in between."""
    x = _position(ressources, s=s, bareme=bareme)
    return Etapes(x, (), weigh(plan, x=x, tranches=(), bareme=bareme))


participation.since(date(2002, 1, 1), source="Décret n° 2001-1084 du 20 novembre 2001")(_linear)
participation.since(date(2004, 10, 26), source="Décret n° 2004-1136 du 21 octobre 2004")(_linear)


@participation.since(date(2016, 3, 1), source="Décret n° 2016-210 du 26 février 2016")
def _by_slices(plan: N, *, ressources: N, s: N, bareme: Mapping[str, N]) -> Etapes[N]:
    """Weigh the slices of the plan: the dearer the plan, the less its last slices cost."""
    x = _position(ressources, s=s, bareme=bareme)
    nothing = number(plan, value=0)
    first, second = bareme["premiere_tranche"] * s, bareme["deuxieme_tranche"] * s
    a1 = least(plan, first)
    a2 = least(greatest(plan - first, nothing), second - first)
    a3 = greatest(plan - second, nothing)
    tranches = (a1, a2, a3)
    return Etapes(x, tranches, weigh(plan, x=x, tranches=tranches, bareme=bareme))
