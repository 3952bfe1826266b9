"""What is due for a month: the right, less hospital stays, suspensions and what follows a death."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path

from egide.rules.apa.feuille import Ligne
from egide.rules.apa.montants import DOMICILE
from egide.rules.money import ARRONDI, format_euros, round_to_cent
from egide.rules.parameters import Bareme, load_parametres

VERSEMENT = load_parametres(Path(__file__).with_name("versement.yaml"))

UN_JOUR = timedelta(days=1)


class PeriodeRefusee(ValueError):
    """Raised for a period that ends before it starts."""


class Nature(StrEnum):
    """What interrupts a payment; a hospitalisation at home does not."""

    HOSPITALISATION = "hospitalisation"
    HOSPITALISATION_DOMICILE = "had"
    SUSPENSION = "suspension"


@dataclass(frozen=True, slots=True)
class Periode:
    """Days from `debut` up to the eve of `fin`; without `fin` it goes on."""

    debut: date
    fin: date | None = None

    def __post_init__(self) -> None:
        if self.fin is not None and self.fin < self.debut:
            raise PeriodeRefusee(f"période : fin {self.fin} avant le début {self.debut}")

    def days(self) -> set[date]:
        """Give the days of a period that has an end."""
        assert self.fin is not None  # noqa: S101 - callers clip the period to a month before
        return {self.debut + timedelta(days=n) for n in range((self.fin - self.debut).days)}

    def within(self, other: "Periode") -> "Periode | None":
        """Give the common part of two periods, or nothing."""
        debut = max(self.debut, other.debut)
        ends = [fin for fin in (self.fin, other.fin) if fin is not None]
        fin = min(ends) if ends else None
        return Periode(debut, fin) if fin is None or debut < fin else None


@dataclass(frozen=True, slots=True)
class Interruption:
    """A stay in hospital, from the day of entry to the day of discharge (excluded), or a stop."""

    nature: Nature
    periode: Periode


@dataclass(frozen=True, slots=True)
class DroitMensuel:
    """A right: the days over which it runs, and its monthly allowance."""

    periode: Periode
    apa: Decimal


@dataclass(frozen=True, slots=True)
class MontantDu:
    """What is due for one month, with the count of days that gives it."""

    mois: date
    mensuel: Decimal
    jours_du_mois: int
    jours_de_droit: int
    jours_hospitalisation: int
    jours_suspension: int
    jours_dus: int
    exact: Fraction
    montant: Decimal
    provisoire: bool

    @property
    def etapes(self) -> tuple[Ligne, ...]:
        """Explain the amount, line by line, each with its source."""
        return _explain(self)


@cache
def month_of(mois: date) -> Periode:
    """Give the month of a day as a period."""
    debut = mois.replace(day=1)
    return Periode(debut, debut + timedelta(days=monthrange(debut.year, debut.month)[1]))


def next_month(day: date) -> date:
    """Give the first day of the month that follows the month of a day."""
    fin = month_of(day).fin
    assert fin is not None  # noqa: S101 - a month has an end
    return fin


def effet_suspension(notifiee_on: date) -> date:
    """Give the first day suspended: the 1st of the month after notification (CASF R. 232-16)."""
    return next_month(notifiee_on)


def effet_retablissement(regularisee_on: date) -> date:
    """Give the first day paid again: the 1st of the month of regularisation (CASF R. 232-16)."""
    return regularisee_on.replace(day=1)


def group_stays(stays: Iterable[Periode], *, jours_entre: int) -> list[Periode]:
    """Join the stays that follow one another: a transfer does not restart the thirty days."""
    grouped: list[Periode] = []
    for stay in sorted(stays, key=lambda item: (item.debut, item.fin or date.max)):
        last = grouped[-1] if grouped else None
        if last is None:
            grouped.append(stay)
        elif last.fin is None or stay.debut < last.fin + timedelta(days=jours_entre):
            ends = (last.fin, stay.fin)
            fin = None if None in ends else max(end for end in ends if end is not None)
            grouped[-1] = Periode(last.debut, fin)
        else:
            grouped.append(stay)
    return grouped


def suspended_by_hospital(stays: Iterable[Periode], *, on: date) -> list[Periode]:
    """Give the days not paid because of stays in short or follow-up care (CASF R. 232-32).

    The first thirty days stay paid, the day of entry being the first. The payment then stops, and
    comes back from the 1st of the month of discharge, without a new request. Hospitalisation at
    home is no stay: do not pass it. The day fixes the figures in force.
    """
    kept = timedelta(days=int(Bareme(on, DOMICILE)["jours_hospitalisation"]))
    jours_entre = int(Bareme(on, VERSEMENT)["jours_entre_sejours"])
    found = []
    for stay in group_stays(stays, jours_entre=jours_entre):
        debut = stay.debut + kept
        fin = stay.fin.replace(day=1) if stay.fin is not None else None
        if fin is None or debut < fin:
            found.append(Periode(debut, fin))
    return found


def montant_du(
    mois: date,
    *,
    droit: DroitMensuel,
    interruptions: Sequence[Interruption] = (),
    deces_on: date | None = None,
) -> MontantDu:
    """Compute what one right gives for the month of a day.

    - The right counts from its first day to its last (CASF R. 232-27, R. 232-30).
    - A stay in hospital keeps thirty days paid, then stops (CASF R. 232-32).
    - A suspension pays nothing over its period (CASF R. 232-16).
    - The right ends with the death (CASF R. 232-32, L. 232-25): `jour_du_deces_du`.
    - A month that is not due in full is due by days: `prorata_au_jour`.
    - The minimum payment (CASF D. 232-31) is on the monthly allowance, and so already in it: a
      month made short by an interruption is paid whatever is left.

    Rounded once, to the cent, half up.
    """
    month = month_of(mois)
    last_day = next_month(mois) - UN_JOUR
    du_droit = _days_of_right(droit.periode, month=month, deces_on=deces_on)
    suspended = du_droit & _covered(interruptions, Nature.SUSPENSION, month=month)
    hospital = (du_droit & _in_hospital(interruptions, month=month)) - suspended
    dus = len(du_droit) - len(suspended) - len(hospital)
    exact = Fraction(droit.apa) * part_of_month(mois, jours=dus)
    bareme = Bareme(last_day, VERSEMENT)
    return MontantDu(
        mois=month.debut,
        mensuel=droit.apa,
        jours_du_mois=last_day.day,
        jours_de_droit=len(du_droit),
        jours_hospitalisation=len(hospital),
        jours_suspension=len(suspended),
        jours_dus=dus,
        exact=exact,
        montant=round_to_cent(exact),
        provisoire=bareme.provisional or Bareme(last_day, DOMICILE).provisional,
    )


def _days_of_right(droit: Periode, *, month: Periode, deces_on: date | None) -> set[date]:
    inside = droit.within(month)
    days = inside.days() if inside else set()
    if deces_on is None:
        return days
    kept = timedelta(days=int(Bareme(deces_on, VERSEMENT)["jour_du_deces_du"]))
    return {day for day in days if day < deces_on + kept}


def _covered(interruptions: Sequence[Interruption], nature: Nature, *, month: Periode) -> set[date]:
    clipped = (item.periode.within(month) for item in interruptions if item.nature == nature)
    return {day for periode in clipped if periode for day in periode.days()}


def _in_hospital(interruptions: Sequence[Interruption], *, month: Periode) -> set[date]:
    stays = [item.periode for item in interruptions if item.nature == Nature.HOSPITALISATION]
    periods = suspended_by_hospital(stays, on=month.debut)
    clipped = (periode.within(month) for periode in periods)
    return {day for periode in clipped if periode for day in periode.days()}


def whole_month_in_hospital(mois: date, *, interruptions: Sequence[Interruption]) -> bool:
    """Tell whether nobody was at home to be helped on any day of a month.

    The day of discharge is a day at home; care at home as in hospital leaves the person there.
    """
    month = month_of(mois)
    return _covered(interruptions, Nature.HOSPITALISATION, month=month) == month.days()


def days_in_hospital(mois: date, *, interruptions: Sequence[Interruption]) -> tuple[int, int]:
    """Count the days of a month spent in hospital, and those that the stay leaves unpaid."""
    month = month_of(mois)
    stayed = _covered(interruptions, Nature.HOSPITALISATION, month=month)
    return len(stayed), len(_in_hospital(interruptions, month=month))


def part_of_month(mois: date, *, jours: int) -> Fraction:
    """Give the part of a whole monthly allowance that some days of its month are worth."""
    month = month_of(mois)
    total = len(month.days())
    if jours in (0, total):
        return Fraction(1 if jours else 0)
    bareme = Bareme(month.debut, VERSEMENT)
    base = total if bareme["prorata_au_jour"] else int(bareme["jours_du_mois_fixe"])
    return min(Fraction(jours, base), Fraction(1))


def _explain(result: MontantDu) -> tuple[Ligne, ...]:
    rows = [
        Ligne(
            "Jours de droit dans le mois",
            f"sur {result.jours_du_mois}\u00a0jours",
            f"{result.jours_de_droit}\u00a0j",
            "CASF R. 232-27 et R. 232-30",
        )
    ]
    removed = (
        ("Hospitalisation au-delà de 30\u00a0jours", result.jours_hospitalisation, "R. 232-32"),
        ("Suspension", result.jours_suspension, "R. 232-16"),
    )
    rows += [
        Ligne(libelle, "jours non dus", f"−\u202f{jours}\u00a0j", f"CASF {article}")
        for libelle, jours, article in removed
        if jours
    ]
    formule = f"{format_euros(result.mensuel)} × {result.jours_dus} ÷ {result.jours_du_mois}"
    rows.append(
        Ligne(
            "Montant dû pour le mois",
            f"{formule}, arrondi {ARRONDI}",
            format_euros(result.montant),
            "CASF R. 232-30",
        )
    )
    return tuple(rows)
