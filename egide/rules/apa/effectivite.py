"""Only the used part of a plan is due (CASF L. 232-4, R. 232-11, R. 232-17), and its exceptions."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.montants import DOMICILE, majoration_hospitalisation_aidant
from egide.rules.money import check_montant, round_to_cent
from egide.rules.parameters import Bareme

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Prevu:
    """What the plan asks of one service in a month: hours with their amount, and other aids.

    A service under a forfait global (CPOM) is paid the plan that was accepted, whatever is used.
    """

    heures: Decimal = ZERO
    montant_heures: Decimal = ZERO
    montant_autres: Decimal = ZERO
    forfait_global: bool = False

    @property
    def montant(self) -> Decimal:
        """Give the whole amount planned with the service."""
        return self.montant_heures + self.montant_autres

    def plus(self, montant: Decimal, *, heures: Decimal | None) -> "Prevu":
        """Add one help of the plan, counted in hours or not."""
        if heures is None:
            return replace(self, montant_autres=self.montant_autres + montant)
        return replace(
            self, heures=self.heures + heures, montant_heures=self.montant_heures + montant
        )

    def times(self, jours: int) -> "Prevu":
        """Count what is asked as many times, exactly."""
        return Prevu(
            self.heures * jours,
            self.montant_heures * jours,
            self.montant_autres * jours,
            self.forfait_global,
        )


@dataclass(frozen=True, slots=True)
class Releve:
    """What the service reported for the month; None where it reported nothing of the kind."""

    heures: Decimal | None = None
    facture: Decimal | None = None

    @property
    def empty(self) -> bool:
        """Tell whether nothing at all was reported."""
        return self.heures is None and self.facture is None

    def times(self, jours: int) -> "Releve":
        """Count what was reported as many times, exactly."""
        return Releve(
            None if self.heures is None else self.heures * jours,
            None if self.facture is None else self.facture * jours,
        )


def montant_utilise(prevu: Prevu, *, releve: Releve) -> Fraction:
    """Give the part of what was planned with one service that was used, exactly.

    Hours count at the tariffs of the plan, up to the hours planned; what is not counted in hours is
    proven by the invoice. Of hours and invoice, the lower binds: an hour invoiced and not delivered
    is not due, nor one delivered and not invoiced. Without any report nothing can be said: the plan
    stands, until proofs are asked for (CASF R. 232-15, R. 232-16).
    """
    used = Fraction(prevu.montant)
    if prevu.forfait_global:
        return used
    if releve.heures is not None and prevu.heures:
        part = min(Fraction(releve.heures) / Fraction(prevu.heures), Fraction(1))
        used = part * Fraction(prevu.montant_heures) + Fraction(prevu.montant_autres)
    if releve.facture is not None:
        used = min(used, Fraction(releve.facture))
    return used


def taux_majore(taux_participation: Decimal | Fraction, *, on: date) -> Fraction:
    """Raise the participation for a service not approved or a person not qualified (R. 232-14)."""
    majoration = Fraction(Bareme(on, DOMICILE)["majoration_service_non_agree"])
    return min(Fraction(taux_participation) * (1 + majoration), Fraction(1))


@dataclass(frozen=True, slots=True)
class Majoration:
    """An amount beyond the ceiling for the carer, shared as the plan is."""

    retenu: Decimal
    participation: Decimal
    apa: Decimal
    motif: str = ""


def compute_relais(feuille: FeuilleDeCalcul, *, cout: Decimal) -> Majoration:
    """Share the cost of a relay while the carer is in hospital (CASF D. 232-9-2)."""
    return _share(feuille, cout=cout, plafond=majoration_hospitalisation_aidant(feuille.on))


def _share(feuille: FeuilleDeCalcul, *, cout: Decimal, plafond: Decimal) -> Majoration:
    saisi = _check(feuille, montant=cout, nom="cout")
    if not feuille.accorde:
        return Majoration(ZERO, ZERO, ZERO, feuille.motif)
    retenu = min(saisi, plafond)
    # At the rate that the right keeps, as its invoices are: the letter says what will be paid.
    apa = round_to_cent(Fraction(retenu) * (1 - Fraction(feuille.taux_participation)))
    return Majoration(retenu, retenu - apa, apa)


def _check(feuille: FeuilleDeCalcul, *, montant: Decimal, nom: str) -> Decimal:
    maximum = Bareme(feuille.on, DOMICILE)["montant_maximal_saisi"]
    return check_montant(montant, nom=nom, maximum=maximum)
