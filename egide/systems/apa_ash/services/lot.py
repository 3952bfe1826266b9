"""Prepare, examine, validate, abandon and issue a monthly run of payments (CASF R. 232-30)."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet

from egide.kernel.access.passage import Passage, Refused
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.arrieres import MOIS_D_ARRIERE, previous_month
from egide.systems.apa_ash.calculs.anomalies_du_lot import (
    BLOQUANTES,
    SANS_COMPTE,
    UNE_A_UNE,
    Anomalie,
    covered_by,
)
from egide.systems.apa_ash.models import LotPaiement, Paiement
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.policy import LOTS, PAIEMENTS
from egide.systems.apa_ash.queries.ecritures import (
    abandon_with_debts,
    count_on_debts,
    insert_paiements,
)
from egide.systems.apa_ash.queries.factures import count_withdrawn
from egide.systems.apa_ash.queries.lot import changed_accounts, unseen_deaths
from egide.systems.apa_ash.queries.lot_calcul import compose_lot, find_untold
from egide.systems.apa_ash.queries.lot_perime import (
    find_changed_dues,
    lines_of_own_accounts,
    pays_own_account,
    read_accounts_again,
)
from egide.systems.apa_ash.queries.lot_reprise import carry_over
from egide.systems.apa_ash.services.lot_refus import (
    AccountsChanged,
    AlreadyPrepared,
    AnomaliesLeft,
    AnomaliesUntold,
    DeathsUnseen,
    DuesChanged,
    ExaminedByAnother,
    ExaminedBySame,
    FacturesWithdrawn,
    HoursAwaited,
    InduChanged,
    MonthOutOfReach,
    NothingDue,
    NothingToPay,
    NothingToRead,
    NowhereToPay,
    OneByOne,
    OwnAccount,
    SameAgent,
    WrongState,
)
from egide.systems.apa_ash.services.retenues import find_to_give_back, spread_on_debts


@act("préparer le paiement du mois")
def prepare_lot(passage: Passage, *, lot_id: UUID, service_id: UUID, mois: date) -> LotPaiement:
    """Create the run of a month in one service, in a constant number of statements.

    `lot_id` comes with the form: a form sent twice finds its run and creates nothing.
    """
    known = LOTS.rows(passage).filter(pk=lot_id).first()
    if known is not None:
        return known
    oldest = previous_month(passage.on, back=MOIS_D_ARRIERE)
    if mois.day != 1 or not oldest <= mois <= previous_month(passage.on, back=-1):
        raise MonthOutOfReach
    standing = LOTS.rows(passage).filter(service_id=service_id, mois=mois)
    if standing.exclude(etat=EtatLot.ABANDONNE).exists():
        raise AlreadyPrepared
    try:
        return make_lot(passage, lot_id=lot_id, service_id=service_id, mois=mois)
    except Refused:
        # The same form, sent twice at once: its run came meanwhile, with its lines.
        known = LOTS.rows(passage).filter(pk=lot_id).first()
        if known is None:
            raise
        return known


def make_lot(passage: Passage, *, lot_id: UUID, service_id: UUID, mois: date) -> LotPaiement:
    """Write a run; what was said of an identical line of a run given up is not asked again."""
    lot = _open(passage, lot_id=lot_id, service_id=service_id, mois=mois)
    lignes = compose_lot(passage, service_id=service_id, mois=mois)
    if not lignes:
        raise NothingDue
    # LOTS.create has just checked the right to write here; PostgreSQL checks it row by row.
    insert_paiements(lot, carry_over(passage, lot, lignes=[ligne.as_row() for ligne in lignes]))
    return lot


def _open(passage: Passage, *, lot_id: UUID, service_id: UUID, mois: date) -> LotPaiement:
    try:
        return LOTS.create(
            passage,
            id=lot_id,
            service_id=service_id,
            mois=mois,
            etat=EtatLot.PREPARE,
            prepare_par_id=passage.agent.pk,
            prepare_on=passage.on,
        )
    except IntegrityError as error:
        # Nobody had prepared the month when this act looked; another has committed since.
        if "lot_paiement_one_a_month" not in str(error):
            raise
        raise AlreadyPrepared from error


@act("examiner une anomalie de paiement")
def examine_paiement(passage: Passage, *, paiement_id: UUID, ecarter: bool, motif: str) -> Paiement:
    """Keep or set aside one line, with a reason; a line set aside stays due for a later run."""
    paiement = PAIEMENTS.get(passage, pk=paiement_id, action=Action.WRITE, lock=True)
    open_prepared(passage, paiement.lot_id)
    if paiement.examine_par_id not in {None, passage.agent.pk} and (paiement.ecarte or not ecarter):
        raise ExaminedByAnother
    codes = set(paiement.anomalie.split())
    if not ecarter and SANS_COMPTE & codes:
        raise NowhereToPay
    if not ecarter and BLOQUANTES & codes:
        raise HoursAwaited
    if not ecarter and lines_of_own_accounts(passage, paiement.lot_id).filter(pk=paiement.pk):
        raise OwnAccount
    PAIEMENTS.update(
        passage, paiement, ecarte=ecarter, examen=motif, examine_par_id=passage.agent.pk
    )
    return paiement


@act("maintenir des anomalies de même nature")
def keep_anomalies(
    passage: Passage, *, lot_id: UUID, anomalie: Anomalie, motif: str
) -> LotPaiement:
    """Keep every line that carries this anomaly and what comes with it, one reason for all."""
    lot = open_prepared(passage, lot_id)
    if anomalie in BLOQUANTES:
        raise NowhereToPay if anomalie in SANS_COMPTE else HoursAwaited
    if anomalie in UNE_A_UNE:
        raise OneByOne
    own = lines_of_own_accounts(passage, lot.pk)
    waiting = _lines(passage, lot).filter(anomalie__in=covered_by(anomalie), examen="")
    kept = waiting.exclude(pk__in=own.values("pk")).update(
        examen=motif, examine_par_id=passage.agent.pk
    )
    if not kept and own.filter(anomalie__in=covered_by(anomalie), examen="").exists():
        raise OwnAccount
    return lot


@act("relire les comptes absents")
def read_missing_accounts(passage: Passage, *, lot_id: UUID) -> LotPaiement:
    """Give the lines prepared without an account the one entered since; they are looked at again.

    PostgreSQL copies the account: no hand of the payment writes it.
    """
    lot = open_prepared(passage, lot_id)
    if not read_accounts_again(passage, lot):
        raise NothingToRead
    return lot


@act("valider le paiement du mois")
def validate_lot(passage: Passage, *, lot_id: UUID) -> LotPaiement:
    """Validate a run that others prepared and examined, and count what it withholds on debts."""
    lot = open_prepared(passage, lot_id)
    if lot.prepare_par_id == passage.agent.pk:
        raise SameAgent
    lines = _lines(passage, lot)
    # What one hand kept or set aside, another looks at before it is paid.
    if lines.filter(examine_par_id=passage.agent.pk).exists():
        raise ExaminedBySame
    if lines.exclude(anomalie="").filter(examen="").exists():
        raise AnomaliesLeft
    if not lines.filter(ecarte=False).exists():
        raise NothingToPay
    if pays_own_account(passage, lot):
        raise OwnAccount
    check_up_to_date(passage, lot)
    # Whoever prepared wrote what is amiss with each line: it is found again, not believed.
    if untold := find_untold(passage, lot):
        raise AnomaliesUntold(untold)
    withheld = spread_on_debts(passage, lot)
    if withheld is None:
        raise InduChanged
    LOTS.update(
        passage,
        lot,
        etat=EtatLot.VALIDE,
        valide_par_id=passage.agent.pk,
        valide_on=passage.on,
    )
    # After: a debt counts what a validated run withholds, and PostgreSQL looks for the run.
    count_on_debts(withheld)
    return lot


@act("abandonner le paiement du mois")
def abandon_lot(passage: Passage, *, lot_id: UUID, motif: str) -> LotPaiement:
    """Give up a run that is not validated, or that can no longer be issued as it was validated.

    The month can then be prepared again. The reason goes to the trail.
    """
    assert motif  # noqa: S101 -- the form requires it; it is read by @act
    return give_up(passage, lot_id)


@act("recalculer le paiement du mois")
def recompute_lot(passage: Passage, *, lot_id: UUID, nouveau_id: UUID) -> LotPaiement:
    """Replace a run by what is due today, in one act: only the lines that moved are to be examined.

    The run given up stays as it was, and so do its signatures: whoever computes again prepares, and
    another agent validates. `nouveau_id` comes with the form, as for a first preparation.
    """
    known = LOTS.rows(passage).filter(pk=nouveau_id).first()
    if known is not None:
        return known
    lot = give_up(passage, lot_id)
    return make_lot(passage, lot_id=nouveau_id, service_id=lot.service_id, mois=lot.mois)


def give_up(passage: Passage, lot_id: UUID) -> LotPaiement:
    """Abandon a run that may still be, and give back what it withheld."""
    lot = LOTS.get(passage, pk=lot_id, action=Action.WRITE, lock=True)
    if lot.etat == EtatLot.VALIDE and _out_of_date(passage, lot):
        abandon_with_debts(lot, parts=find_to_give_back(passage, lot))
        return lot
    if lot.etat != EtatLot.PREPARE:
        raise WrongState
    LOTS.update(passage, lot, etat=EtatLot.ABANDONNE)
    return lot


def check_up_to_date(passage: Passage, lot: LotPaiement) -> None:
    """Refuse a run whose accounts, deaths, invoices or amounts are not what it was made from."""
    if changed := changed_accounts(passage, lot).count():
        raise AccountsChanged(changed)
    if unseen_deaths(passage, lot).exists():
        raise DeathsUnseen
    if count_withdrawn(passage, lot):
        raise FacturesWithdrawn
    if dues := find_changed_dues(passage, lot, every=True):
        raise DuesChanged(list(dict.fromkeys(due.numero for due in dues)))


def _out_of_date(passage: Passage, lot: LotPaiement) -> bool:
    try:
        check_up_to_date(passage, lot)
    except ActeRefuse:
        return True
    return False


def open_prepared(passage: Passage, lot_id: UUID) -> LotPaiement:
    """Hold a run whose lines may still be looked at."""
    lot = LOTS.get(passage, pk=lot_id, action=Action.WRITE, lock=True)
    if lot.etat != EtatLot.PREPARE:
        raise WrongState
    return lot


def _lines(passage: Passage, lot: LotPaiement) -> QuerySet[Paiement]:
    return PAIEMENTS.rows(passage, action=Action.WRITE).filter(lot_id=lot.pk)
