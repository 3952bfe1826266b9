"""What two months of silence have granted, which no decision may take back (CASF L. 232-14)."""

from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

from egide.kernel import notation
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.controle import jours_pour_accuser
from egide.rules.apa.delais import echeance
from egide.rules.apa.forfait import compute_forfait
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.queries.decision import Situation

ONE_DAY = timedelta(days=1)


class SilenceNonConstate(ActeRefuse):
    """A decision would destroy the lump sum that nobody recorded: it is recorded first."""

    def __init__(self, effet_on: date, *, late: bool) -> None:
        """Say since when the lump sum is due, how much, and what to do before deciding."""
        feuille = compute_forfait(effet_on)
        amount = "" if feuille.provisoire else f", {notation.euros(feuille.montant)} par mois"
        todo = (
            "proposez-le d’abord, sous l’onglet Décision, et quelqu’un d’autre le signe"
            if late
            else "constatez-le d’abord, sous l’onglet Décision"
        )
        super().__init__(
            f"Un forfait tacite est dû depuis le {notation.jour_long(effet_on)}{amount}\u00a0: "
            f"{todo} (CASF L. 232-14)."
        )


def tacite_effet(situation: Situation) -> date | None:
    """Give the first day of the tacit lump sum: the morrow of the two months, if they run."""
    demande = situation.demande
    if demande is None or demande.complete_on is None or not situation.en_instruction:
        return None
    if demande.nature == NatureDemande.REVISION:
        return None
    return silence_on(demande.complete_on)


def silence_on(complete_on: date) -> date:
    """Give the day on which silence grants the lump sum of a file complete since a day."""
    return echeance("decision", complete_on) + ONE_DAY


def is_late(situation: Situation, *, on: date) -> bool:
    """Tell whether a silence is told late: another agent then signs the lump sum.

    The days of a request are what an agent writes: an old one, entered and acknowledged today,
    would give years of arrears by one hand. The day of the acknowledgement alone is not chosen.
    """
    demande, effet_on = situation.demande, tacite_effet(situation)
    if demande is None or effet_on is None:
        return False
    usual = demande.recue_on + timedelta(days=jours_pour_accuser(on))
    acknowledged = demande.accuse_on is not None and demande.accuse_on <= usual
    return not acknowledged or effet_on < on.replace(day=1)


def silence_covered(situation: Situation, *, effet_on: date) -> bool:
    """Tell whether a right runs on the first day of the lump sum, or after."""
    return any(not d.periode.isempty and _runs_after(d.periode, effet_on) for d in situation.droits)


def silence_due(situation: Situation, *, effet_on: date, on: date) -> date | None:
    """Give the day since when a silence that nobody recorded is due, if it is before a day.

    On the very day that the lump sum would open, what takes effect takes no day of it.
    """
    tacite = tacite_effet(situation)
    if tacite is None or on < tacite or effet_on <= tacite:
        return None
    return None if silence_covered(situation, effet_on=tacite) else tacite


def check_silence(situation: Situation, *, effet_on: date, on: date) -> None:
    """Refuse a decision while days before its effect are due by a silence that nobody recorded."""
    tacite = silence_due(situation, effet_on=effet_on, on=on)
    if tacite is not None:
        raise SilenceNonConstate(tacite, late=is_late(situation, on=on))


def _runs_after(periode: DateRange, day: date) -> bool:
    return periode.upper is None or periode.upper > day
