"""Compare, month by month, what was planned, delivered, invoiced, paid and really due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.effectivite import Prevu, Releve, montant_justifie, montant_utilise
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
    verses: Mapping[date, Decimal] = field(default_factory=dict)
    derniers_versements: Mapping[date, date] = field(default_factory=dict)
    indus: Mapping[date, Decimal] = field(default_factory=dict)


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
    indu_constate: Decimal
    verse_on: date | None

    @property
    def ecart(self) -> Decimal:
        """Give what was paid beyond what is due and not yet recorded as an excess."""
        return max(self.verse - self.justifie - self.indu_constate, ZERO)

    @property
    def sans_releve(self) -> bool:
        """Tell whether no service reported anything for the month."""
        return self.heures_realisees is None and self.facture is None


def compare(faits: Faits, *, mois: date) -> Mois:
    """Compare one month; a month without right is not due, whatever was paid for it."""
    droits = [d for d in faits.droits if d.periode.within(month_of(mois))]
    prevus: Mapping[Beneficiaire, Prevu] = {}
    utilises: list[Fraction] = []
    justifie = ZERO
    if droits:
        last = max(droits, key=lambda d: d.periode.debut)
        prevus = last.prevus
        utilises = [
            montant_utilise(p, releve=faits.releves.get((mois, who), NOTHING_REPORTED))
            for who, p in prevus.items()
        ]
        du = total_du(
            mois,
            droits=[DroitMensuel(d.periode, d.apa) for d in droits],
            interruptions=faits.interruptions,
            deces_on=faits.deces_on,
        )
        justifie = montant_justifie(utilises, taux_participation=last.taux_participation, du=du)
    releves = [r for (month, _), r in faits.releves.items() if month == mois]
    heures = [r.heures for r in releves if r.heures is not None]
    factures = [r.facture for r in releves if r.facture is not None]
    return Mois(
        mois=mois,
        heures_prevues=sum((p.heures for who, p in prevus.items() if who), ZERO),
        heures_realisees=sum(heures, ZERO) if heures else None,
        prevu=sum((p.montant for who, p in prevus.items() if who), ZERO),
        facture=sum(factures, ZERO) if factures else None,
        utilise=round_to_cent(sum(utilises, Fraction(0))),
        justifie=justifie,
        verse=faits.verses.get(mois, ZERO),
        indu_constate=faits.indus.get(mois, ZERO),
        verse_on=faits.derniers_versements.get(mois),
    )
