"""Compare, month by month, what was planned, delivered, invoiced, paid and really due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.dus import Dus
from egide.rules.apa.effectivite import Prevu, Releve
from egide.rules.apa.repartition import split_excedent
from egide.rules.apa.versement import (
    DroitMensuel,
    Interruption,
    month_of,
    whole_month_in_hospital,
)
from egide.rules.money import CENTIME, round_to_cent
from egide.systems.apa_ash.calculs.excedents_du_mois import (
    beyond_death,
    hold_to,
    split_hors_droit,
)
from egide.systems.apa_ash.calculs.parts_du_mois import (
    NOTHING_REPORTED,
    Beneficiaire,
    Droit,
    PartsDuMois,
    ServiceFait,
    parts_of,
)

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Faits:
    """What happened to one file over the months looked at."""

    droits: Sequence[Droit]
    interruptions: Sequence[Interruption] = ()
    deces_on: date | None = None
    releves: Mapping[tuple[date, Beneficiaire], Releve] = field(default_factory=dict)
    verses: Mapping[tuple[date, Beneficiaire], Decimal] = field(default_factory=dict)
    derniers_versements: Mapping[tuple[date, Beneficiaire], date] = field(default_factory=dict)
    indus: Mapping[tuple[date, Beneficiaire], Decimal] = field(default_factory=dict)
    service_fait: ServiceFait = field(default_factory=ServiceFait)

    @property
    def dus(self) -> Dus:
        """Give what the months of the file are due."""
        rights = [DroitMensuel(droit.periode, droit.apa) for droit in self.droits]
        return Dus(rights, self.interruptions, self.deces_on)

    def parts_of(self, mois: date) -> PartsDuMois:
        """Give what the rights of a month give to each of those that they name."""
        return parts_of(
            self.droits,
            mois=mois,
            interruptions=self.interruptions,
            deces_on=self.deces_on,
            service_fait=self.service_fait,
        )

    def releve(self, who: Beneficiaire, *, mois: date) -> Releve:
        """Give what a payee reported for a month, however it is paid."""
        return self.releves.get((mois, who), NOTHING_REPORTED)

    def verse(self, mois: date) -> Decimal:
        """Add what was paid for a month, to whomever."""
        return sum((m for (month, _), m in self.verses.items() if month == mois), ZERO)


@dataclass(frozen=True, slots=True)
class Mesure:
    """What the due of one payee is measured on: its plan, its report, the used part, the rate.

    Of several plans, their mean: `plans` says of how many.
    """

    prevu: Prevu
    releve: Releve
    utilise: Fraction
    taux_participation: Decimal
    plans: int = 1

    @property
    def montant(self) -> Decimal:
        """Give what the used part is worth, the participation deducted."""
        return round_to_cent(self.utilise * (1 - Fraction(self.taux_participation)))


@dataclass(frozen=True, slots=True)
class PartMois:
    """What one payee was paid for a month: only that payee owes its excess.

    Of this excess `apres_deces` follows the death, and `hors_droit` is beyond what the month gives
    whatever was delivered; `constate` is left out of the three.
    """

    beneficiaire: Beneficiaire
    verse: Decimal
    verse_on: date
    ecart: Decimal
    apres_deces: Decimal = ZERO
    hors_droit: Decimal = ZERO
    constate: Decimal = ZERO
    mesure: Mesure | None = None

    @property
    def du(self) -> Decimal:
        """Give what the payee keeps of what it was paid."""
        return self.verse - self.ecart - self.constate


@dataclass(frozen=True, slots=True)
class Mois:
    """One month of one file, all amounts to the cent."""

    mois: date
    heures_prevues: Decimal
    heures_realisees: Decimal | None
    prevu: Decimal
    facture: Decimal | None
    utilise: Decimal
    justifie: Decimal
    verse: Decimal
    parts: Sequence[PartMois]
    hospitalise: bool = False

    @property
    def contradiction(self) -> bool:
        """Tell whether help was reported though the person spent the whole month in hospital."""
        return self.hospitalise and bool(self.heures_realisees or self.facture)

    @property
    def ecart(self) -> Decimal:
        """Give what was paid beyond what is due and not yet recorded as an excess."""
        return sum((part.ecart for part in self.parts), ZERO)

    @property
    def constate(self) -> Decimal:
        """Give what is already recorded as an excess of those who were paid."""
        return sum((part.constate for part in self.parts), ZERO)

    @property
    def sans_releve(self) -> bool:
        """Tell whether no service reported anything for the month."""
        return self.heures_realisees is None and self.facture is None


def compare(faits: Faits, *, mois: date) -> Mois:
    """Compare one month; a month without right is not due, whatever was paid for it."""
    shared = faits.parts_of(mois)
    # What is measured on a plan is held to it; a lump sum alone is shared as it was paid.
    dus = _dues(faits, shared) if shared.planned else {}
    mesures = _measures(faits, shared) if shared.planned else {}
    du = shared.montant
    releves = [r for (month, _), r in faits.releves.items() if month == mois]
    heures = [r.heures for r in releves if r.heures is not None]
    factures = [r.facture for r in releves if r.facture is not None]
    return Mois(
        mois=mois,
        heures_prevues=_planned_hours(shared),
        heures_realisees=sum(heures, ZERO) if heures else None,
        prevu=sum((m.prevu.montant for who, m in mesures.items() if who), ZERO),
        facture=sum(factures, ZERO) if factures else None,
        utilise=round_to_cent(sum((m.utilise for m in mesures.values()), Fraction(0))),
        # A lump sum has no plan that it could be measured against (CASF L. 232-12, L. 232-14).
        justifie=sum(dus.values(), ZERO) if dus else du,
        verse=faits.verse(mois),
        parts=[
            replace(part, mesure=mesures.get(part.beneficiaire))
            for part in _parts(faits, shared, du=du, dus=dus)
        ],
        hospitalise=whole_month_in_hospital(mois, interruptions=faits.interruptions),
    )


def constate_mais_du(faits: Faits, *, mois: date) -> Decimal:
    """Give what was recorded as an excess of a month, and is due now that it is compared again."""
    gross = {
        part.beneficiaire: part.ecart for part in compare(replace(faits, indus={}), mois=mois).parts
    }
    recorded = {who: amount for (month, who), amount in faits.indus.items() if month == mois}
    beyond = (max(amount - gross.get(who, ZERO), ZERO) for who, amount in recorded.items())
    return sum(beyond, ZERO)


def _dues(faits: Faits, shared: PartsDuMois) -> Mapping[Beneficiaire, Decimal]:
    """Give what each payee is due: its part of what the month is due, no more than what it proved.

    An opening, a stay or a suspension shortens the part of each: what one did not use never fills
    the part of another. A run pays the hours delivered by the same sharing.
    """
    dus = shared.shares()
    on_hours = shared.on_hours
    for who in dus:
        plans = None if who in on_hours else shared.plans_of(who)
        if plans:
            dus[who] = plans.due(dus[who], releve=faits.releve(who, mois=shared.mois))
    return dus


def _planned_hours(shared: PartsDuMois) -> Decimal:
    """Give the hours that the plans asked of the services for the days that are due."""
    hours = Fraction(0)
    for part in shared.tranches:
        of_services = sum((p.heures for who, p in part.droit.prevus.items() if who), ZERO)
        hours += Fraction(of_services) * part.jours / len(month_of(shared.mois).days())
    return round_to_cent(hours)


def _measures(faits: Faits, shared: PartsDuMois) -> dict[Beneficiaire, Mesure]:
    """Give what each payee is measured on, and the part of it that was used, exactly.

    Without a report the plan stands, except for a service that is paid on its hours.
    """
    found, on_hours = {}, shared.on_hours
    for who in {who: None for droit in shared.droits for who in droit.plan}:
        plans, releve = shared.plans_of(who), faits.releve(who, mois=shared.mois)
        if plans is None:
            continue
        used = Fraction(0)
        if who not in on_hours or shared.receives(who):
            used = plans.utilise(releve)
        found[who] = Mesure(plans.prevu, releve, used, plans.taux_participation, len(plans.plans))
    return found


def _parts(
    faits: Faits, shared: PartsDuMois, *, du: Decimal, dus: Mapping[Beneficiaire, Decimal]
) -> list[PartMois]:
    """Give to each payee its own excess: first what follows a death, then what was not used."""
    mois = shared.mois
    of_month = {who: amount for (month, who), amount in faits.verses.items() if month == mois}
    paid = {who: of_month[who] for who in sorted(of_month, key=payee_order)}
    recorded = {who: amount for (month, who), amount in faits.indus.items() if month == mois}
    # Whatever was delivered: what each is held to after a death, or beyond the right.
    parts = shared.parts() if shared.planned else {}
    if dus:
        used = hold_to(dus, paid, du=sum(dus.values(), ZERO), constates=recorded)
    else:
        used = split_excedent(paid, du=du, parts=paid, constates=recorded)
    after: Mapping[Beneficiaire, Decimal] = {}
    if faits.deces_on and mois >= faits.deces_on.replace(day=1):
        after = beyond_death(paid, du=du, parts=parts, constates=recorded)
    several = len(shared.droits) > 1
    beyond = split_hors_droit(paid, du=du, parts=parts, constates=recorded, shared=several)
    left = sum((part.reste for part in used.values()), ZERO)
    left -= sum(after.values(), ZERO)
    found = []
    for who, verse in paid.items():
        apres = after.get(who, ZERO)
        unused = min(max(used[who].reste - apres, ZERO), max(left, ZERO))
        # What follows a death is shared as it was paid, the rest as it is due: the cent between two
        # roundings is no debt.
        unused = ZERO if after and unused <= CENTIME else unused
        left -= unused
        found.append(
            PartMois(
                who,
                verse,
                faits.derniers_versements[mois, who],
                ecart=apres + unused,
                apres_deces=apres,
                hors_droit=ZERO if after else min(beyond[who].reste, unused),
                constate=recorded.get(who, ZERO),
            )
        )
    return found


def payee_order(who: Beneficiaire) -> tuple[bool, str]:
    """Place the person first, then the services, always in the same order."""
    return who is not None, str(who)
