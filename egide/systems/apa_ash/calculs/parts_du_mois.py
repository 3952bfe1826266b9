"""Share what a month is due between the person and the services: no database, no clock."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.rules.apa.effectivite import Prevu, Releve
from egide.rules.apa.repartition import (
    Excedent,
    find_excedents,
    split_apres_deces,
    split_excedent,
    split_montant,
)
from egide.rules.apa.service_fait import (
    Reglements,
    is_received,
    montant_du_service,
    montant_service_fait,
)
from egide.rules.apa.versement import Periode
from egide.rules.money import CENTIME

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
    def parts(self) -> dict[Beneficiaire, Decimal]:
        """Give the amount that the plan gives to each beneficiary."""
        return {who: prevu.montant for who, prevu in self.prevus.items()}


@dataclass(frozen=True, slots=True)
class ServiceFait:
    """The services paid on what they delivered, and what they reported of one file."""

    reglements: Reglements[Beneficiaire] = field(default_factory=lambda: Reglements({}))
    releves: Mapping[tuple[date, Beneficiaire], Releve] = field(default_factory=dict)

    def payees(self, droit: Droit, *, mois: date) -> list[Beneficiaire]:
        """List the services of a right that a month pays on what they delivered."""
        return [who for who in droit.prevus if self.reglements.service_fait(who, mois=mois)]

    def receives(self, droit: Droit, who: Beneficiaire, *, mois: date) -> bool:
        """Tell whether the hours of a service are there for a month."""
        return is_received(droit.prevus[who], releve=self.releve(who, mois=mois))

    def releve(self, who: Beneficiaire, *, mois: date) -> Releve:
        """Give what a service reported for a month."""
        return self.releves.get((mois, who), NOTHING_REPORTED)

    def at_most(self, droit: Droit, who: Beneficiaire, *, mois: date) -> Decimal:
        """Give what the delivered hours are worth, whatever the month is due."""
        if not self.receives(droit, who, mois=mois):
            return Decimal(0)
        return montant_du_service(
            droit.prevus[who],
            releve=self.releve(who, mois=mois),
            taux_participation=droit.taux_participation,
        )

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

    def share(self, montant: Decimal, *, droit: Droit, mois: date) -> dict[Beneficiaire, Decimal]:
        """Share the amount of a month as a plan says; a service whose hours are awaited has none.

        What a service paid on its hours leaves goes to nobody: it was not delivered.
        """
        shares = split_montant(montant, parts=droit.parts)
        for who in self.payees(droit, mois=mois):
            if self.receives(droit, who, mois=mois):
                shares[who] = montant_service_fait(
                    shares[who],
                    prevu=droit.prevus[who],
                    releve=self.releve(who, mois=mois),
                    taux_participation=droit.taux_participation,
                )
            else:
                shares[who] = Decimal(0)
        return shares


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


def split_hors_droit(
    verses: Mapping[Beneficiaire, Decimal],
    *,
    du: Decimal,
    droits: Sequence[Droit],
    constates: Mapping[Beneficiaire, Decimal],
) -> dict[Beneficiaire, Excedent]:
    """Share what was paid beyond what the rights of a month give, whatever was delivered.

    Nothing is beyond while the whole of the month is not. The due is shared as the last plan says,
    and a debt of one covers no other; where several rights paid others, the month bounds them all.
    """
    if sum(verses.values(), ZERO) <= du:
        return dict.fromkeys(verses, Excedent(ZERO, ZERO, ZERO))
    parts = max(droits, key=lambda d: d.periode.debut).parts if droits else {}
    if not sum(parts.values()):
        return split_excedent(verses, du=du, parts=verses, constates=constates)
    if len(droits) == 1 and verses.keys() <= parts.keys():
        return find_excedents(verses, dus=split_montant(du, parts=parts), constates=constates)
    return split_excedent(verses, du=du, parts=parts, constates=constates)


def beyond_death(
    verses: Mapping[Beneficiaire, Decimal],
    *,
    du: Decimal,
    droits: Sequence[Droit],
    constates: Mapping[Beneficiaire, Decimal],
) -> dict[Beneficiaire, Decimal]:
    """Give what each payee received for the days after a death, whatever was delivered.

    Each is held to its own part of the due: whoever was paid whole owes no less because another
    still waits, and who waits owes nothing. Without a plan, or where several rights paid others,
    the due is shared as it was paid.
    """
    parts = droits[0].parts if len(droits) == 1 else {}
    if not sum(parts.values()) or not verses.keys() <= parts.keys():
        shared = split_apres_deces(verses, du=du, constates=constates)
    else:
        shared = find_excedents(verses, dus=split_montant(du, parts=parts), constates=constates)
    # Within the month, a cent that two sharings place in different hands is nobody's debt.
    least = CENTIME if sum(verses.values(), ZERO) <= du else ZERO
    return {who: part.reste if part.reste > least else ZERO for who, part in shared.items()}
