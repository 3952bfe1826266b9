"""Which death of a file can still be undone, and the letters that an undone one leaves void."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Courrier, Decision, Dossier
from egide.systems.apa_ash.models.controle import EtatIndu
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DECISIONS, INDUS
from egide.systems.apa_ash.queries.decision import Situation


def deces_a_annuler(situation: Situation) -> Decision | None:
    """Give the decision that recorded the death of a file, with what it closed."""
    if situation.dossier.identite.deces_on is None:
        return None
    undone = {d.annule_id for d in situation.decisions}
    found = (d for d in reversed(situation.decisions) if d.avant is not None)
    return next((d for d in found if d.pk not in undone), None)


def list_annulations(passage: Passage, *, dossier: Dossier) -> list[Decision]:
    """List the decisions that undid a death, with the one that each undid."""
    rows = DECISIONS.rows(passage, annule=DECISIONS).filter(
        dossier=dossier, nature=NatureDecision.ANNULATION
    )
    return list(rows.order_by("prise_on", "pk"))


def voided(passage: Passage) -> Q:
    """Tell in SQL what `is_void` tells of a letter."""
    passage.note((), ["Decision.nature", "Decision.prise_on", "Decision.annule_id"])
    rows = DECISIONS.rows(passage).filter(
        dossier=OuterRef("dossier"),
        nature=NatureDecision.ANNULATION,
        prise_on__gte=OuterRef("cree_on"),
        annule__prise_on__lte=OuterRef("cree_on"),
    )
    return Q(Exists(rows), ~Q(claims(passage)), nature="indu")


def claims(passage: Passage) -> Exists:
    """Tell in SQL of a letter whether some debt that it notifies was not withdrawn since."""
    passage.note((), ["Indu.notification_id", "Indu.etat"])
    rows = INDUS.rows(passage).filter(notification=OuterRef("pk"))
    return Exists(rows.exclude(etat=EtatIndu.RETIRE))


def list_claims(passage: Passage, *, dossier: Dossier) -> set[UUID]:
    """List the letters of a file that notify a debt which was not withdrawn since."""
    rows = INDUS.rows(passage).filter(dossier=dossier, notification__isnull=False)
    standing = rows.exclude(etat=EtatIndu.RETIRE).order_by("pk")
    return {pk for _, pk in standing.values_list("dossier_id", "notification_id")}


def is_void(courrier: Courrier, *, annulations: list[Decision], claims: Collection[UUID]) -> bool:
    """Tell whether a letter claims what followed a death that never was, and nothing else."""
    return courrier.pk not in claims and any(
        courrier.nature == "indu" and deces.prise_on <= courrier.cree_on <= undone.prise_on
        for undone in annulations
        if (deces := undone.annule) is not None
    )
