"""Revalue the rights of a service on 1 January: simulate, then apply batch after batch."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Action
from egide.kernel.access.views import act
from egide.kernel.refus import ActeRefuse, BaremeProvisoire
from egide.rules.apa.montants import is_provisional, s_suppose
from egide.systems.apa_ash.calculs.revalorisation import MontantHorsBornes, revalue
from egide.systems.apa_ash.models import Campagne
from egide.systems.apa_ash.models.campagne import EtatCampagne
from egide.systems.apa_ash.policy import CAMPAGNES
from egide.systems.apa_ash.queries import campagne as queries
from egide.systems.apa_ash.queries.campagne_ecritures import (
    Taken,
    close_and_open,
    decide,
    replace_pending,
    take_batch,
)

BATCH = 2_000

BAREME_PROVISOIRE = (
    "Les chiffres en vigueur à cette date ne sont pas encore vérifiés : la campagne peut être "
    "simulée, pas appliquée. Une fois le barème vérifié, abandonnez cette campagne et "
    "préparez-en une nouvelle."
)


class HypotheseSeule(ActeRefuse):
    """What was supposed is read, never applied."""

    message = (
        "Cette campagne repose sur une hypothèse : elle se lit, elle ne s’applique pas. Préparez "
        "une campagne sur les chiffres en vigueur."
    )


class CampagneExistante(ActeRefuse):
    """The service already has a campaign for that day."""

    message = (
        "Une campagne existe déjà pour ce service et cette date. Ouvrez-la ; pour en préparer une "
        "autre, abandonnez d’abord celle-ci."
    )


class EffetHorsPremierJanvier(ActeRefuse):
    """The day is not a 1 January around the day of the act."""

    message = "Une revalorisation prend effet un 1er janvier, cette année ou l’an prochain."


class CampagneFermee(ActeRefuse):
    """The campaign is finished or abandoned, or it has begun."""


class DroitHorsBornes(ActeRefuse):
    """A right holds an amount that the rule does not accept."""


@act("simuler une revalorisation")
def simulate_campagne(
    passage: Passage,
    *,
    jeton: UUID,
    service_id: UUID,
    effet_on: date,
    hausse: Decimal | None = None,
) -> Campagne:
    """Prepare the campaign of a service: every right before and after, nothing changed yet.

    `hausse` supposes S raised by a rate: such a campaign is read, and never applied.
    """
    if replayed := CAMPAGNES.rows(passage).filter(pk=jeton).order_by("pk").first():
        return replayed
    if (effet_on.month, effet_on.day) != (1, 1) or not (
        passage.on.year <= effet_on.year <= passage.on.year + 1
    ):
        raise EffetHorsPremierJanvier
    hypothese = None if hausse is None else s_suppose(effet_on, hausse=hausse)
    if hypothese is None and queries.find_active(passage, service_id=service_id, effet_on=effet_on):
        raise CampagneExistante
    campagne = CAMPAGNES.create(
        passage,
        id=jeton,
        service_id=service_id,
        effet_on=effet_on,
        etat=EtatCampagne.SIMULEE,
        provisoire=hypothese is not None or is_provisional(effet_on),
        hypothese_s=hypothese,
        lancee_par_id=passage.agent.pk,
        lancee_on=passage.on,
    )
    _prepare_lignes(passage, campagne)
    return campagne


@act("recalculer une simulation de revalorisation")
def refresh_campagne(passage: Passage, *, campagne_id: UUID) -> Campagne:
    """Compute a simulation again on the rights as they are now."""
    campagne = _hold(passage, campagne_id)
    if campagne.etat != EtatCampagne.SIMULEE:
        raise CampagneFermee("Seule une simulation se recalcule.")
    _prepare_lignes(passage, campagne)
    return campagne


@act("abandonner une revalorisation")
def abandon_campagne(passage: Passage, *, campagne_id: UUID) -> Campagne:
    """Give up a simulation; a campaign that has begun is carried to its end."""
    campagne = _hold(passage, campagne_id)
    if campagne.etat != EtatCampagne.SIMULEE:
        raise CampagneFermee(
            "Cette campagne a commencé : elle se termine, elle ne s’abandonne plus."
        )
    CAMPAGNES.update(passage, campagne, etat=EtatCampagne.ABANDONNEE)
    return campagne


@act("lancer une revalorisation")
def launch_campagne(passage: Passage, *, campagne_id: UUID) -> Campagne:
    """Start applying, on the rights as they are now; refused on figures not verified."""
    campagne = _hold(passage, campagne_id)
    if campagne.etat != EtatCampagne.SIMULEE:
        raise CampagneFermee("Cette campagne est déjà lancée, terminée ou abandonnée.")
    _check_verified(campagne)
    CAMPAGNES.update(passage, campagne, etat=EtatCampagne.EN_COURS)
    _prepare_lignes(passage, campagne)
    return campagne


@act("appliquer un lot de revalorisation")
def apply_batch(passage: Passage, *, campagne_id: UUID, size: int = BATCH) -> Campagne:
    """Apply the next lines: the flag, the decisions, the old rights and the new ones together.

    When no line can be applied any more, the rest is computed again: what ended meanwhile leaves
    the campaign, what was opened meanwhile joins it, and the campaign ends when nothing is left.
    """
    campagne = _hold(passage, campagne_id)
    if campagne.etat == EtatCampagne.TERMINEE:
        return campagne
    if campagne.etat != EtatCampagne.EN_COURS:
        raise CampagneFermee("Lancez d’abord la campagne.")
    _check_verified(campagne)
    taken = take_batch(campagne, size=size)
    if taken:
        _apply(passage, campagne, taken=taken)
        CAMPAGNES.update(passage, campagne, traites=campagne.traites + len(taken))
    if len(taken) < size and not _prepare_lignes(passage, campagne):
        CAMPAGNES.update(passage, campagne, etat=EtatCampagne.TERMINEE)
    return campagne


def _hold(passage: Passage, campagne_id: UUID) -> Campagne:
    """Lock the campaign: two agents who press the same button work one after the other."""
    return CAMPAGNES.get(passage, pk=campagne_id, action=Action.WRITE, lock=True)


def _check_verified(campagne: Campagne) -> None:
    if campagne.hypothese_s is not None:
        raise HypotheseSeule
    if campagne.provisoire or is_provisional(campagne.effet_on):
        raise BaremeProvisoire(BAREME_PROVISOIRE)


def _prepare_lignes(passage: Passage, campagne: Campagne) -> int:
    """Write the lines that are still to apply; give their number."""
    droits = queries.read_droits(
        passage, service_id=campagne.service_id, effet_on=campagne.effet_on
    )
    try:
        lignes = revalue(droits, effet_on=campagne.effet_on, s=campagne.hypothese_s)
    except MontantHorsBornes as beyond:
        raise DroitHorsBornes(
            f"Des montants dépassent ce que le calcul accepte, dans {beyond} dossier(s) : "
            "corrigez-les avant de préparer la campagne."
        ) from beyond
    replace_pending(campagne, lignes=lignes)
    CAMPAGNES.update(passage, campagne, total=campagne.traites + len(lignes))
    return len(lignes)


def _apply(passage: Passage, campagne: Campagne, *, taken: Sequence[Taken]) -> None:
    motif = f"Revalorisation au {notation.jour_long(campagne.effet_on)} (CASF L. 232-4)"
    decide(campagne, taken=taken, motif=motif, prise_on=passage.on, agent_id=passage.agent.pk)
    close_and_open(taken=taken, service_id=campagne.service_id, effet_on=campagne.effet_on)
    passage.note(
        (row.dossier_id for row in taken),
        ("Droit.periode", "Droit.apa", "Droit.participation", "Droit.taux_participation"),
    )
