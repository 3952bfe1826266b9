"""Compare, month by month, what was planned, delivered, invoiced, paid and really due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.effectivite import Prevu, Releve, montant_justifie, montant_utilise
from egide.rules.apa.repartition import split_montant
from egide.rules.apa.versement import DroitMensuel, Interruption, Periode, month_of, total_du
from egide.rules.money import round_to_cent
from egide.systems.apa_ash.services.echeancier import Beneficiaire

ZERO = Decimal(0)
NOTHING_REPORTED = Releve()


@dataclass(frozen=True, slots=True)
class DroitControle:
    """A right as the control needs it, with what its plan asks of each service."""

    periode: Periode
    apa: Decimal
    taux_participation: Decimal
    prevus: Mapping[Beneficiaire, Prevu]


@dataclass(frozen=True, slots=True)
class Faits:
    """What happened to one file over the months looked at."""

    droits: Sequence[DroitControle]
    interruptions: Sequence[Interruption] = ()
    deces_on: date | None = None
    releves: Mapping[tuple[date, Beneficiaire], Releve] = field(default_factory=dict)
    verses: Mapping[tuple[date, Beneficiaire], Decimal] = field(default_factory=dict)
    derniers_versements: Mapping[tuple[date, Beneficiaire], date] = field(default_factory=dict)
    indus: Mapping[tuple[date, Beneficiaire], Decimal] = field(default_factory=dict)

    def verse(self, mois: date) -> Decimal:
        """Add what was paid for a month, to whomever."""
        return sum((m for (month, _), m in self.verses.items() if month == mois), ZERO)


@dataclass(frozen=True, slots=True)
class PartMois:
    """What one payee was paid for a month: only that payee owes its excess."""

    beneficiaire: Beneficiaire
    verse: Decimal
    verse_on: date
    ecart: Decimal


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

    @property
    def ecart(self) -> Decimal:
        """Give what was paid beyond what is due and not yet recorded as an excess."""
        return sum((part.ecart for part in self.parts), ZERO)

    @property
    def sans_releve(self) -> bool:
        """Tell whether no service reported anything for the month."""
        return self.heures_realisees is None and self.facture is None


def compare(faits: Faits, *, mois: date) -> Mois:
    """Compare one month; a month without right is not due, whatever was paid for it."""
    droits = [d for d in faits.droits if d.periode.within(month_of(mois))]
    prevus: Mapping[Beneficiaire, Prevu] = {}
    utilises: dict[Beneficiaire, Fraction] = {}
    justifie = ZERO
    if droits:
        last = max(droits, key=lambda d: d.periode.debut)
        prevus = last.prevus
        utilises = {
            who: montant_utilise(p, releve=faits.releves.get((mois, who), NOTHING_REPORTED))
            for who, p in prevus.items()
        }
        du = total_du(
            mois,
            droits=[DroitMensuel(d.periode, d.apa) for d in droits],
            interruptions=faits.interruptions,
            deces_on=faits.deces_on,
        )
        # A lump sum has no plan that it could be measured against (CASF L. 232-12, L. 232-14). The
        # rate that a right keeps has eight decimals: a plan used whole is due as it was decided.
        used_whole = sum(utilises.values()) == sum(p.montant for p in prevus.values())
        justifie = (
            du
            if used_whole
            else montant_justifie(
                utilises.values(), taux_participation=last.taux_participation, du=du
            )
        )
    releves = [r for (month, _), r in faits.releves.items() if month == mois]
    heures = [r.heures for r in releves if r.heures is not None]
    factures = [r.facture for r in releves if r.facture is not None]
    return Mois(
        mois=mois,
        heures_prevues=sum((p.heures for who, p in prevus.items() if who), ZERO),
        heures_realisees=sum(heures, ZERO) if heures else None,
        prevu=sum((p.montant for who, p in prevus.items() if who), ZERO),
        facture=sum(factures, ZERO) if factures else None,
        utilise=round_to_cent(sum(utilises.values(), Fraction(0))),
        justifie=justifie,
        verse=faits.verse(mois),
        parts=_parts(faits, mois=mois, utilises=utilises, justifie=justifie),
    )


def _parts(
    faits: Faits,
    *,
    mois: date,
    utilises: Mapping[Beneficiaire, Fraction],
    justifie: Decimal,
) -> list[PartMois]:
    """Share what is really due as the plan was used, and give to each payee its own excess.

    The excesses never add up to more than that of the month: a cent that the two sharings place in
    different hands is nobody's debt.
    """
    paid = {who: amount for (month, who), amount in faits.verses.items() if month == mois}
    parts: Mapping[Beneficiaire, Decimal | Fraction] = utilises or paid
    shares = split_montant(justifie, parts=parts) if sum(parts.values()) else {}
    recorded = sum((m for (month, _), m in faits.indus.items() if month == mois), ZERO)
    left = max(faits.verse(mois) - justifie - recorded, ZERO)
    found = []
    for who in sorted(paid, key=lambda payee: (payee is not None, str(payee))):
        own = paid[who] - shares.get(who, ZERO) - faits.indus.get((mois, who), ZERO)
        ecart = min(max(own, ZERO), left)
        left -= ecart
        found.append(PartMois(who, paid[who], faits.derniers_versements[mois, who], ecart))
    return found
