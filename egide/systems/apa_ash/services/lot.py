"""Prepare, examine, validate, abandon and issue a monthly run of payments (CASF R. 232-30)."""

from dataclasses import asdict
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse
from egide.rules.apa.arrieres import MOIS_D_ARRIERE, previous_month
from egide.systems.apa_ash.models import LotPaiement, Paiement
from egide.systems.apa_ash.models.paiement import EtatLot
from egide.systems.apa_ash.policy import LOTS, PAIEMENTS
from egide.systems.apa_ash.queries.echeancier import read_situations
from egide.systems.apa_ash.queries.ecritures import insert_paiements
from egide.systems.apa_ash.queries.lot import count_changed_accounts, count_unseen_deaths
from egide.systems.apa_ash.services.echeancier import BLOQUANTES, Anomalie, compose_lines
from egide.systems.apa_ash.services.retenues import give_back, withhold


class AlreadyPrepared(ActeRefuse):
    """The month has a run that was not abandoned."""

    message = (
        "Le paiement de ce mois est déjà préparé pour ce service. "
        "Abandonnez d’abord le lot existant pour le préparer à nouveau."
    )


class MonthOutOfReach(ActeRefuse):
    """The month is in the far future or older than what may still be paid."""

    message = "Un lot se prépare pour le mois en cours, le mois suivant ou un mois non prescrit."


class NothingDue(ActeRefuse):
    """No file of the service has anything to be paid."""

    message = "Rien n’est dû pour ce mois dans ce service : aucun lot n’est créé."


class WrongState(ActeRefuse):
    """The run is not in the state that the act needs."""

    message = "Ce lot a changé d’état entre-temps : relisez-le avant d’agir."


class SameAgent(ActeRefuse):
    """The agent who prepared the run tries to validate it."""

    message = (
        "Vous avez préparé ce lot : un autre agent de paiement ou le responsable doit le valider."
    )


class AnomaliesLeft(ActeRefuse):
    """Some anomalies were not looked at."""

    message = "Des anomalies ne sont pas examinées : maintenez ou écartez chacune d’elles."


class NothingToPay(ActeRefuse):
    """Every line was set aside."""

    message = "Toutes les lignes sont écartées : abandonnez ce lot, il ne verserait rien."


class InduChanged(ActeRefuse):
    """What is withheld no longer fits the debts."""

    message = (
        "Un indu a changé depuis la préparation et les retenues ne lui correspondent plus. "
        "Abandonnez ce lot et préparez-le à nouveau."
    )


class DeathsUnseen(ActeRefuse):
    """A death became known after the run was prepared: what is due is no longer what it says."""

    message = (
        "Un décès a été enregistré depuis la préparation. "
        "Abandonnez ce lot et préparez-le à nouveau."
    )


class AccountsChanged(ActeRefuse):
    """An account is not the one that was frozen, shown and validated."""

    def __init__(self, lignes: int) -> None:
        """Count the lines."""
        which = "d’une ligne" if lignes == 1 else f"de {lignes} lignes"
        super().__init__(
            f"Le compte {which} a changé depuis la préparation : "
            "abandonnez ce lot et préparez-le à nouveau."
        )


class NowhereToPay(ActeRefuse):
    """A line without an account cannot be kept."""

    message = (
        "Cette ligne n’a pas de compte où verser. Écartez-la avec un motif ; une fois le compte "
        "enregistré, la somme sera proposée au lot suivant."
    )


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
    lot = LOTS.create(
        passage,
        id=lot_id,
        service_id=service_id,
        mois=mois,
        etat=EtatLot.PREPARE,
        prepare_par_id=passage.agent.pk,
        prepare_on=passage.on,
    )
    situations = read_situations(passage, service_id=service_id, mois=mois)
    lignes = [ligne for s in situations for ligne in compose_lines(s, mois=mois)]
    if not lignes:
        raise NothingDue
    # LOTS.create has just checked the right to write here; PostgreSQL checks it row by row.
    insert_paiements(lot, [asdict(ligne) for ligne in lignes])
    return lot


@act("examiner une anomalie de paiement")
def examine_paiement(passage: Passage, *, paiement_id: UUID, ecarter: bool, motif: str) -> Paiement:
    """Keep or set aside one line, with a reason; a line set aside stays due for a later run."""
    paiement = PAIEMENTS.get(passage, pk=paiement_id, action=Action.WRITE, lock=True)
    _open(passage, paiement.lot_id)
    if not ecarter and BLOQUANTES & set(paiement.anomalie.split()):
        raise NowhereToPay
    PAIEMENTS.update(
        passage, paiement, ecarte=ecarter, examen=motif, examine_par_id=passage.agent.pk
    )
    return paiement


@act("maintenir des anomalies de même nature")
def keep_anomalies(
    passage: Passage, *, lot_id: UUID, anomalie: Anomalie, motif: str
) -> LotPaiement:
    """Keep every line whose only anomaly is this one, with one reason for all."""
    lot = _open(passage, lot_id)
    if anomalie in BLOQUANTES:
        raise NowhereToPay
    _lines(passage, lot).filter(anomalie=anomalie, examen="").update(
        examen=motif, examine_par_id=passage.agent.pk
    )
    return lot


@act("valider le paiement du mois")
def validate_lot(passage: Passage, *, lot_id: UUID) -> LotPaiement:
    """Validate a run that another agent prepared, and count what it withholds on the debts."""
    lot = _open(passage, lot_id)
    if lot.prepare_par_id == passage.agent.pk:
        raise SameAgent
    lines = _lines(passage, lot)
    if lines.exclude(anomalie="").filter(examen="").exists():
        raise AnomaliesLeft
    if not lines.filter(ecarte=False).exists():
        raise NothingToPay
    if changed := count_changed_accounts(passage, lot):
        raise AccountsChanged(changed)
    if count_unseen_deaths(passage, lot):
        raise DeathsUnseen
    if not withhold(passage, lot):
        raise InduChanged
    LOTS.update(
        passage,
        lot,
        etat=EtatLot.VALIDE,
        valide_par_id=passage.agent.pk,
        valide_on=passage.on,
    )
    return lot


@act("abandonner le paiement du mois")
def abandon_lot(passage: Passage, *, lot_id: UUID, motif: str) -> LotPaiement:
    """Give up a run that is not validated, or that can no longer be issued as it was validated.

    The month can then be prepared again. The reason goes to the trail.
    """
    assert motif  # noqa: S101 -- the form requires it; it is read by @act
    lot = LOTS.get(passage, pk=lot_id, action=Action.WRITE, lock=True)
    if lot.etat == EtatLot.VALIDE and (
        count_changed_accounts(passage, lot) or count_unseen_deaths(passage, lot)
    ):
        give_back(passage, lot)
    elif lot.etat != EtatLot.PREPARE:
        raise WrongState
    LOTS.update(passage, lot, etat=EtatLot.ABANDONNE)
    return lot


def _open(passage: Passage, lot_id: UUID) -> LotPaiement:
    lot = LOTS.get(passage, pk=lot_id, action=Action.WRITE, lock=True)
    if lot.etat != EtatLot.PREPARE:
        raise WrongState
    return lot


def _lines(passage: Passage, lot: LotPaiement) -> QuerySet[Paiement]:
    return PAIEMENTS.rows(passage, action=Action.WRITE).filter(lot_id=lot.pk)
