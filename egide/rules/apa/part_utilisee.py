"""What is paid of a granted plan: the used part, the exceptions, respite and relay of the carer."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from egide.rules.apa.feuille import FeuilleDeCalcul
from egide.rules.apa.montants import (
    DOMICILE,
    majoration_hospitalisation_aidant,
    majoration_repit_annuelle,
)
from egide.rules.money import check_montant, round_to_cent
from egide.rules.parameters import Bareme

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Versement:
    """An amount shared between the person and the département, for one month."""

    retenu: Decimal
    participation: Decimal
    apa: Decimal
    motif: str = ""


def compute_versement(
    feuille: FeuilleDeCalcul,
    *,
    utilise: Decimal,
    service_non_agree: bool = False,
    forfait_global: bool = False,
) -> Versement:
    """Pay the used part of the plan (CASF L. 232-4): used × (1 − T), the rate being exact.

    A service under a forfait global (CPOM) is counted on the accepted plan whatever is used; the
    participation is raised when a service is not approved or a person not qualified (R. 232-14).
    """
    saisi = _check(feuille, montant=utilise, nom="utilise")
    if not feuille.accorde:
        return Versement(ZERO, ZERO, ZERO, feuille.motif)
    retenu = feuille.plan_retenu if forfait_global else min(saisi, feuille.plan_retenu)
    taux = feuille.taux_exact
    if service_non_agree:
        taux *= 1 + Fraction(Bareme(feuille.on, DOMICILE)["majoration_service_non_agree"])
    participation = min(retenu, round_to_cent(Fraction(retenu) * taux))
    return Versement(retenu, participation, retenu - participation)


def compute_repit(feuille: FeuilleDeCalcul, *, cout: Decimal, deja_accorde: Decimal) -> Versement:
    """Share the cost of a respite, within what is left for the year (CASF D. 232-9-1)."""
    plafond = majoration_repit_annuelle(feuille.on)
    deja = _check(feuille, montant=deja_accorde, nom="deja_accorde")
    return _share(feuille, cout=cout, plafond=max(plafond - deja, ZERO))


def compute_relais(feuille: FeuilleDeCalcul, *, cout: Decimal) -> Versement:
    """Share the cost of a relay while the carer is in hospital (CASF D. 232-9-2)."""
    return _share(feuille, cout=cout, plafond=majoration_hospitalisation_aidant(feuille.on))


def _share(feuille: FeuilleDeCalcul, *, cout: Decimal, plafond: Decimal) -> Versement:
    saisi = _check(feuille, montant=cout, nom="cout")
    if not feuille.accorde:
        return Versement(ZERO, ZERO, ZERO, feuille.motif)
    retenu = min(saisi, plafond)
    participation = round_to_cent(Fraction(retenu) * feuille.taux_exact)
    return Versement(retenu, participation, retenu - participation)


def _check(feuille: FeuilleDeCalcul, *, montant: Decimal, nom: str) -> Decimal:
    maximum = Bareme(feuille.on, DOMICILE)["montant_maximal_saisi"]
    return check_montant(montant, nom=nom, maximum=maximum)
