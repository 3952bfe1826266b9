"""Which death of a file can still be undone, and the letters that an undone one leaves void."""

from django.db.models import Exists, OuterRef

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.models import Courrier, Decision, Dossier
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import DECISIONS
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


def voided(passage: Passage) -> Exists:
    """Tell in SQL what `is_void` tells of a letter of a claim."""
    passage.note((), ["Decision.nature", "Decision.prise_on", "Decision.annule_id"])
    rows = DECISIONS.rows(passage).filter(
        dossier=OuterRef("dossier"),
        nature=NatureDecision.ANNULATION,
        prise_on__gte=OuterRef("cree_on"),
        annule__prise_on__lte=OuterRef("cree_on"),
    )
    return Exists(rows)


def is_void(courrier: Courrier, *, annulations: list[Decision]) -> bool:
    """Tell whether a letter told a death, or claimed what followed it, that never was."""
    return any(
        courrier.nature == "indu" and deces.prise_on <= courrier.cree_on <= undone.prise_on
        for undone in annulations
        if (deces := undone.annule) is not None
    )
