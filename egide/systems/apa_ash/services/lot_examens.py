"""Say once what becomes of several lines: a file, those without account, those that changed."""

from uuid import UUID

from django.db.models import Q, QuerySet

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.systems.apa_ash.calculs.anomalies_du_lot import SANS_COMPTE, Anomalie
from egide.systems.apa_ash.models import LotPaiement, Paiement
from egide.systems.apa_ash.policy import PAIEMENTS
from egide.systems.apa_ash.queries.lot import carries
from egide.systems.apa_ash.queries.lot_perime import lines_of_own_accounts
from egide.systems.apa_ash.queries.lot_reprise import touched_dossiers
from egide.systems.apa_ash.services.lot import open_prepared
from egide.systems.apa_ash.services.lot_refus import (
    ExaminedByAnother,
    HoursAwaited,
    NothingLeft,
    NothingTouched,
    NowhereToPay,
    OwnAccount,
)

WITHOUT_HOURS = carries(Anomalie.HEURES_NON_RECUES)
WITHOUT_ACCOUNT = Q(anomalie__regex="|".join(sorted(SANS_COMPTE)))


@act("examiner toutes les lignes d’un dossier")
def examine_dossier(
    passage: Passage, *, lot_id: UUID, dossier_id: UUID, ecarter: bool, motif: str
) -> list[Paiement]:
    """Keep or set aside every line of one person in a run, with one reason.

    To keep concerns the lines that have an anomaly alone; to set aside leaves no part of the file.
    """
    lines = _lines(passage, lot_id).filter(dossier_id=dossier_id)
    if not ecarter:
        lines = lines.exclude(anomalie="")
    mine = Q(examine_par__isnull=True) | Q(examine_par_id=passage.agent.pk)
    if not lines.exists():
        raise NothingLeft
    # What another agent said stays; a line kept by another may still be set aside.
    lines = lines.filter(mine | Q(ecarte=False) if ecarter else mine)
    found = list(lines.order_by("pk"))
    if not found:
        raise ExaminedByAnother
    if not ecarter and lines.filter(WITHOUT_ACCOUNT).exists():
        raise NowhereToPay
    if not ecarter and lines.filter(WITHOUT_HOURS).exists():
        raise HoursAwaited
    own = lines_of_own_accounts(passage, lot_id)
    if not ecarter and own.filter(dossier_id=dossier_id).exists():
        raise OwnAccount
    lines.update(ecarte=ecarter, examen=motif, examine_par_id=passage.agent.pk)
    return found


@act("écarter les lignes sans compte")
def set_aside_without_account(passage: Passage, *, lot_id: UUID, motif: str) -> list[Paiement]:
    """Set aside, with one reason, every line that has nowhere to go and waits."""
    return _set_aside(
        passage, _lines(passage, lot_id).filter(WITHOUT_ACCOUNT, iban="", examen=""), motif=motif
    )


@act("écarter les lignes dont les heures sont attendues")
def set_aside_without_hours(passage: Passage, *, lot_id: UUID, motif: str) -> list[Paiement]:
    """Set aside, with one reason, every line whose service has not reported its hours.

    They are told once: the run that finds the hours pays them as arrears.
    """
    return _set_aside(
        passage, _lines(passage, lot_id).filter(WITHOUT_HOURS, examen=""), motif=motif
    )


@act("écarter les dossiers changés depuis la préparation")
def set_aside_touched(passage: Passage, *, lot_id: UUID, motif: str) -> LotPaiement:
    """Set aside the files that moved, so that the others are paid; they are due in the next run."""
    lot = open_prepared(passage, lot_id)
    touched = touched_dossiers(passage, lot)
    if not touched:
        raise NothingTouched
    lines = PAIEMENTS.rows(passage, action=Action.WRITE).filter(lot_id=lot.pk)
    _set_aside(passage, lines.filter(dossier_id__in=touched, ecarte=False), motif=motif)
    return lot


def _lines(passage: Passage, lot_id: UUID) -> QuerySet[Paiement]:
    lot = open_prepared(passage, lot_id)
    return PAIEMENTS.rows(passage, action=Action.WRITE).filter(lot_id=lot.pk)


def _set_aside(passage: Passage, lines: QuerySet[Paiement], *, motif: str) -> list[Paiement]:
    found = list(lines.order_by("pk"))
    if not found:
        raise NothingLeft
    rows = PAIEMENTS.rows(passage, action=Action.WRITE).filter(pk__in=[line.pk for line in found])
    rows.update(ecarte=True, examen=motif, examine_par_id=passage.agent.pk)
    return found
