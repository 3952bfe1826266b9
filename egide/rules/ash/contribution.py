"""What is left to a person in an establishment, and how the costs are met (CASF L. 132-3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol

from egide.rules.dated import Dated
from egide.rules.exact import N, at_cent, greatest, least, number


class Formule(Protocol):
    """A version of what is left each month, for a case or for a column."""

    def __call__(self, ressources: N, *, minimum: N, bareme: Mapping[str, N]) -> N:
        """Compute what is left, to the cent, from the resources and the minimum of the day."""


somme_laissee: Dated[Formule] = Dated("somme laissée à la personne hébergée")
somme_laissee_logement: Dated[Formule] = Dated("somme laissée quand seul le logement est fourni")


@somme_laissee.since(date(2002, 1, 1), source="CASF L. 132-3 et R. 231-6")
def _part_or_minimum(ressources: N, *, minimum: N, bareme: Mapping[str, N]) -> N:
    """Leave a part of the resources, never less than the minimum."""
    return greatest(at_cent(bareme["part_laissee"] * ressources), minimum)


@somme_laissee_logement.since(date(2002, 1, 1), source="CASF R. 231-6")
def _part_above_minimum(ressources: N, *, minimum: N, bareme: Mapping[str, N]) -> N:
    """Leave the whole of the resources up to the minimum, then a part of what exceeds it."""
    excess = greatest(ressources - minimum, number(ressources, value=0))
    return least(ressources, minimum) + at_cent(bareme["part_laissee"] * excess)


@dataclass(frozen=True, slots=True)
class Etapes(Generic[N]):
    """The steps of one month: what counts, what is left, what is paid by whom."""

    base: N
    laisse: N
    contribution: N
    ash: N


@dataclass(frozen=True, slots=True)
class MoisHebergement(Generic[N]):
    """One month of a person in an establishment; a household without spouse reserves nothing."""

    ressources: N
    reserve: N
    frais: N
    obliges: N
    charges: N
    affecte: N


def share_frais(
    mois: MoisHebergement[N], *, formule: Formule, minimum: N, bareme: Mapping[str, N]
) -> Etapes[N]:
    """Share the costs of a month between the person, her debtors of maintenance and the ASH.

    `charges` are left to the person on top of the minimum; `affecte` goes whole to the costs.
    """
    nothing = number(mois.ressources, value=0)
    base = greatest(mois.ressources - mois.reserve, nothing)
    laisse = formule(base, minimum=minimum, bareme=bareme) + mois.charges
    contribution = greatest(base - laisse, nothing) + mois.affecte
    ash = greatest(mois.frais - contribution - mois.obliges, nothing)
    return Etapes(base, laisse, contribution, ash)
