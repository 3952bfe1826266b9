"""The amounts on which the APA rests: S, the ceilings, the minimum payment, on a given day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from egide.rules.dated import Dated
from egide.rules.money import round_to_cent
from egide.rules.parameters import Bareme, load_parametres

REFERENCE = load_parametres(Path(__file__).with_name("reference.yaml"))
DOMICILE = load_parametres(Path(__file__).with_name("domicile.yaml"))

_MTP = {"mtp": REFERENCE["mtp"]}
_SMIC = {"smic_horaire": REFERENCE["smic_horaire"]}
_ASPA = {"aspa_annuelle": REFERENCE["aspa_annuelle"]}

jour_de_s: Dated[Callable[[date], date]] = Dated("jour auquel S s'apprécie")


@jour_de_s.since(date(2002, 1, 1), source="Décret n° 2001-1084 du 20 novembre 2001")
def _same_day(on: date) -> date:
    """S is the MTP of the period."""
    return on


@jour_de_s.since(date(2016, 3, 1), source="CASF L. 232-3-1 et L. 232-4 (1er janvier)")
def _first_january(on: date) -> date:
    """S is the MTP in force on 1 January: its change of April waits for the next year."""
    return on.replace(month=1, day=1)


@dataclass(frozen=True, slots=True)
class Montant:
    """An amount of reference with its text, and whether it is verified for the day asked."""

    valeur: Decimal
    source: str
    provisoire: bool


def _montant(bareme: Bareme, *, nom: str) -> Montant:
    return Montant(bareme[nom], bareme.source(nom), bareme.provisional)


def montant_s(on: date) -> Montant:
    """Give S, the amount on which ceilings and participation are counted."""
    return _montant(Bareme(jour_de_s.at(on)(on), _MTP), nom="mtp")


def smic_horaire(on: date) -> Montant:
    """Give the gross hourly SMIC of a day."""
    return _montant(Bareme(on, _SMIC), nom="smic_horaire")


def aspa_annuelle(on: date) -> Montant:
    """Give the yearly ASPA of a single person on a day."""
    return _montant(Bareme(on, _ASPA), nom="aspa_annuelle")


def s_suppose(on: date, *, hausse: Decimal) -> Decimal:
    """Suppose S on a 1 January: that of the year which ends, raised by a rate; nothing is law."""
    ends = montant_s(on - timedelta(days=1)).valeur
    return round_to_cent(Fraction(ends) * (1 + Fraction(hausse)))


def _part_of_s(on: date, *, nom: str, s: Decimal | None = None) -> Decimal:
    base = montant_s(on).valeur if s is None else s
    return round_to_cent(Fraction(Bareme(on, DOMICILE)[nom]) * Fraction(base))


def plafond_mensuel(on: date, *, gir: int, s: Decimal | None = None) -> Decimal:
    """Give the monthly ceiling of the plan d'aide of a GIR from 1 to 4 (CASF R. 232-10).

    `s` supposes another amount of reference than the one in force.
    """
    return _part_of_s(on, nom=f"plafond_gir_{gir}", s=s)


def plafond_le_plus_haut(on: date) -> Decimal:
    """Give the highest monthly ceiling of a day: no month of APA at home is worth more."""
    last = int(Bareme(on, DOMICILE)["gir_maximal"])
    return max(plafond_mensuel(on, gir=gir) for gir in range(1, last + 1))


def majoration_repit_annuelle(on: date) -> Decimal:
    """Give the yearly amount for the respite of the carer (CASF D. 232-9-1)."""
    return _part_of_s(on, nom="repit_annuel")


def majoration_hospitalisation_aidant(on: date) -> Decimal:
    """Give the amount per hospitalisation of the carer (CASF D. 232-9-2)."""
    return _part_of_s(on, nom="relais_hospitalisation")


def forfait_domicile(on: date) -> Decimal:
    """Give the monthly lump sum of a tacit or urgent grant at home (CASF L. 232-12, -14)."""
    bareme = Bareme(on, DOMICILE)
    plafond = Fraction(bareme["plafond_gir_1"]) * Fraction(montant_s(on).valeur)
    return round_to_cent(Fraction(bareme["part_forfait"]) * plafond)


def seuil_versement(on: date) -> Decimal:
    """Give the amount up to which an allowance is not paid (CASF D. 232-31)."""
    return round_to_cent(
        Fraction(Bareme(on, DOMICILE)["seuil_versement"]) * Fraction(smic_horaire(on).valeur)
    )


def is_provisional(on: date) -> bool:
    """Tell whether an amount at home may only be simulated on that day, not notified."""
    amounts = montant_s(on).provisoire or smic_horaire(on).provisoire
    return amounts or Bareme(on, DOMICILE).provisional
