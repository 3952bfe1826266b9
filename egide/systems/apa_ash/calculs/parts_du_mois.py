"""Share what a month is due between the person and the services: no database, no clock.

A month that several rights share is shared right by right: each gives its own days to whom its own
plan names, and a payee adds what each of them gives it (CASF R. 232-30, L. 232-14, L. 232-15).
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from uuid import UUID

from egide.rules.apa.dus import Dus
from egide.rules.apa.effectivite import Prevu, Releve
from egide.rules.apa.plans_du_mois import PlanDuMois, PlansDuMois
from egide.rules.apa.repartition import (
    split_montant,
)
from egide.rules.apa.service_fait import Reglements
from egide.rules.apa.versement import DroitMensuel, Interruption, Periode, month_of
from egide.rules.money import round_to_cent

Beneficiaire = UUID | None
"""A service, or None for the person."""

ZERO = Decimal(0)
NOTHING_REPORTED = Releve()
TO_THE_PERSON: Mapping[Beneficiaire, Prevu] = {None: Prevu(montant_autres=Decimal(1))}


@dataclass(frozen=True, slots=True)
class Droit:
    """A right over some months, and what its plan asks of each beneficiary."""

    id: UUID
    periode: Periode
    apa: Decimal
    prevus: Mapping[Beneficiaire, Prevu]
    taux_participation: Decimal = Decimal(0)

    @property
    def planned(self) -> bool:
        """Tell whether a plan stands behind the right: a lump sum has none (CASF L. 232-14)."""
        return any(prevu.montant for prevu in self.prevus.values())

    @property
    def plan(self) -> Mapping[Beneficiaire, Prevu]:
        """Give what the right pays for; without a plan, all of it goes to the person."""
        return self.prevus if self.planned else {None: Prevu(montant_autres=self.apa)}

    def split(self, montant: Fraction) -> dict[Beneficiaire, Fraction]:
        """Share what some of its days give, exactly, as its plan says."""
        if not self.planned:
            return {None: montant}
        total = sum((Fraction(prevu.montant) for prevu in self.prevus.values()), Fraction(0))
        return {
            who: montant * Fraction(self.prevus[who].montant) / total
            for who in sorted(self.prevus, key=_order)
        }


@dataclass(frozen=True, slots=True)
class ServiceFait:
    """The services paid on what they delivered, and what they reported of one file."""

    reglements: Reglements[Beneficiaire] = field(default_factory=lambda: Reglements({}))
    releves: Mapping[tuple[date, Beneficiaire], Releve] = field(default_factory=dict)

    def releve(self, who: Beneficiaire, *, mois: date) -> Releve:
        """Give what a service reported for a month."""
        return self.releves.get((mois, who), NOTHING_REPORTED)

    def exceeds(
        self, droits: Iterable[Droit], who: Beneficiaire, *, mois: date, facteur: Decimal
    ) -> bool:
        """Tell whether the hours that pay a service are far above each plan of their month.

        They pay the whole plan: no amount shows that more was reported than anybody foresaw.
        """
        if not self.reglements.service_fait(who, mois=mois):
            return False
        hours = self.releve(who, mois=mois).heures or Decimal(0)
        planned = max((d.prevus[who].heures for d in droits if who in d.prevus), default=Decimal(0))
        return bool(planned) and hours > planned * facteur


@dataclass(frozen=True, slots=True)
class Tranche:
    """The days of one right in a month: those that are due, and what they give, exactly."""

    droit: Droit
    jours: int
    exact: Fraction


@dataclass(frozen=True)
class PartsDuMois:
    """What the rights of one month give, right by right, to each of those that their plans name."""

    mois: date
    droits: Sequence[Droit]
    interruptions: Sequence[Interruption]
    deces_on: date | None
    service_fait: ServiceFait

    @cached_property
    def tranches(self) -> list[Tranche]:
        """Give what each right of the month gives, in the order of their days."""
        rights = [DroitMensuel(droit.periode, droit.apa) for droit in self.droits]
        dus = Dus(rights, self.interruptions, self.deces_on)
        found = zip(self.droits, dus.by_right(self.mois), strict=True)
        cut = [Tranche(droit, du.jours_dus, du.exact) for droit, du in found]
        return sorted(cut, key=lambda part: part.droit.periode.debut)

    @property
    def montant(self) -> Decimal:
        """Give what the month is due to all: rounded once, to the cent, half up."""
        return round_to_cent(sum((part.exact for part in self.tranches), Fraction(0)))

    @property
    def planned(self) -> bool:
        """Tell whether a plan at least says who the month is paid to."""
        return any(droit.planned for droit in self.droits)

    @property
    def on_hours(self) -> list[Beneficiaire]:
        """List the services that the month pays on what they delivered, over days that are due."""
        fait = self.service_fait.reglements.service_fait
        named = {who: None for droit in self._paying for who in droit.plan}
        return [who for who in named if fait(who, mois=self.mois)]

    @property
    def _paying(self) -> Sequence[Droit]:
        """Give the rights that pay days; one alone is taken for whole, nothing is computed."""
        if len(self.droits) == 1:
            return self.droits
        return [part.droit for part in self.tranches if part.exact]

    def droit_of(self, who: Beneficiaire) -> Droit:
        """Give the right behind what a payee is paid: the last one that names it."""
        naming = [droit for droit in self._paying if who in droit.plan]
        return max(naming or self.droits, key=lambda droit: droit.periode.debut)

    def plans_of(self, who: Beneficiaire) -> PlansDuMois | None:
        """Give the plans that ask something of a payee over days that are due."""
        if len(self.droits) == 1:
            counted = [(1, self.droits[0])]
        else:
            counted = [(part.jours, part.droit) for part in self.tranches if part.exact]
        plans = [
            PlanDuMois(jours, droit.plan[who], droit.taux_participation)
            for jours, droit in counted
            if who in droit.plan
        ]
        return PlansDuMois(plans) if plans else None

    def releve(self, who: Beneficiaire) -> Releve:
        """Give what a payee that is paid on its hours reported."""
        return self.service_fait.releve(who, mois=self.mois)

    def receives(self, who: Beneficiaire) -> bool:
        """Tell whether the hours of a service are there."""
        plans = self.plans_of(who)
        return plans is not None and plans.is_received(self.releve(who))

    def at_most(self, who: Beneficiaire) -> Decimal:
        """Give what the delivered hours are worth, whatever the month is due."""
        plans, releve = self.plans_of(who), self.releve(who)
        return plans.worth(releve) if plans and plans.is_received(releve) else ZERO

    def exact_of(self, who: Beneficiaire) -> list[Fraction]:
        """Give what each right of the month gives a payee, exactly, in their order."""
        return [part.droit.split(part.exact).get(who, Fraction(0)) for part in self.tranches]

    def parts(self) -> dict[Beneficiaire, Decimal]:
        """Share the month between all those that its rights name, whatever was delivered.

        What each right gives a payee is added exactly; the cents are placed once. The order of the
        payees is fixed, so that all that pays or claims places them alike.
        """
        exact: dict[Beneficiaire, Fraction] = {}
        for part in self.tranches:
            for who, given in part.droit.split(part.exact).items():
                exact[who] = exact.get(who, Fraction(0)) + given
        ordered = {who: exact[who] for who in sorted(exact, key=_order)}
        montant = self.montant
        return split_montant(montant, parts=ordered) if montant else dict.fromkeys(ordered, ZERO)

    def shares(self) -> dict[Beneficiaire, Decimal]:
        """Share the month between those it is paid to: a service whose hours are awaited has none.

        What a service paid on its hours leaves goes to nobody: it was not delivered.
        """
        shares = self.parts()
        on_hours = self.on_hours
        for who in shares:
            plans, releve = self.plans_of(who) if who in on_hours else None, self.releve(who)
            if plans:
                received = plans.is_received(releve)
                shares[who] = plans.due(shares[who], releve=releve) if received else ZERO
        return shares


def parts_of(
    droits: Iterable[Droit],
    *,
    mois: date,
    interruptions: Sequence[Interruption],
    deces_on: date | None,
    service_fait: ServiceFait,
) -> PartsDuMois:
    """Give the month of a day, of all the rights of a file."""
    month = month_of(mois)
    sharing = [droit for droit in droits if droit.periode.within(month)]
    return PartsDuMois(month.debut, sharing, interruptions, deces_on, service_fait)


def _order(who: Beneficiaire) -> tuple[bool, str]:
    """Place the services first, then the person, always in the same order."""
    return who is None, str(who)


def left_of_month(
    shares: Mapping[Beneficiaire, Decimal],
    *,
    paid: Mapping[Beneficiaire, Decimal],
    left: Decimal,
    waiting: Set[Beneficiaire],
) -> dict[Beneficiaire, Decimal]:
    """Give the payees who wait what they were not paid, within what the month still owes.

    A stay known since the others were paid may have taken the whole of it away.
    """
    found = {}
    for who in (who for who in shares if who in waiting):
        missing = shares[who] - paid.get(who, Decimal(0))
        found[who] = max(min(missing, left), Decimal(0))
        left -= found[who]
    return found
