"""Which visit a grid belongs to: the one that waits for it, one to come, or another."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from egide.kernel import notation
from egide.kernel.access.passage import Passage
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.models import Dossier, Visite
from egide.systems.apa_ash.policy import EVALUATIONS, VISITES
from egide.systems.apa_ash.queries.demandes import followed, received_on


class AutreVisite(ActeRefuse):
    """A grid of another day would write a visit that nobody noted: it is asked first."""

    def __init__(self, made: "VisiteFaite") -> None:
        """Say which visit is known, and what to tick if the person was seen again."""
        known = "a déjà sa grille" if made.evaluee else "attend sa grille\u00a0: gardez sa date"
        super().__init__(
            f"La visite du {notation.jour_long(made.on)} {known}. Si la personne a été revue, "
            "cochez «\u00a0Autre visite\u00a0»\u00a0: elle sera notée à la date que vous indiquez."
        )


@dataclass(frozen=True, slots=True)
class VisiteFaite:
    """The last visit made for a request: its day, and whether a grid tells it already."""

    on: date
    evaluee: bool


def visite_to_come(passage: Passage, dossier: Dossier) -> Visite | None:
    """Give the visit that is planned and not yet made; none that a former request left unmade."""
    rows = VISITES.rows(passage).filter(dossier=dossier, realisee_on__isnull=True)
    rows = rows.exclude(followed(passage, day="prevue_on"))
    return rows.order_by("-prevue_on", "pk").first()


def last_visite(passage: Passage, dossier: Dossier) -> VisiteFaite | None:
    """Give the last visit made since the last request came; that of a former one is its own."""
    received = received_on(passage, dossier=dossier)
    rows = VISITES.rows(passage).filter(dossier=dossier, realisee_on__isnull=False)
    made = rows.order_by("-realisee_on", "pk").first()
    if made is None or made.realisee_on is None or (received and made.realisee_on < received[0]):
        return None
    ungraded = rows.filter(realisee_on=made.realisee_on).exclude(pk__in=_graded(passage, dossier))
    return VisiteFaite(made.realisee_on, evaluee=not ungraded.exists())


def day_to_grade(passage: Passage, dossier: Dossier) -> date | None:
    """Give the day of the visit that a grid would tell: none is made up for the agent."""
    made = last_visite(passage, dossier)
    if made is not None and not made.evaluee:
        return made.on
    planned = visite_to_come(passage, dossier)
    return planned.prevue_on if planned and planned.prevue_on <= passage.on else None


def visite_of_grid(passage: Passage, dossier: Dossier, *, on: date, autre_visite: bool) -> Visite:
    """Take the visit noted for that day, close the planned one, or write one that was asked for."""
    noted = VISITES.rows(passage).filter(dossier=dossier, realisee_on=on)
    noted = noted.exclude(pk__in=_graded(passage, dossier))
    if (found := noted.order_by("-prevue_on", "pk").first()) is not None:
        return found
    made, planned = last_visite(passage, dossier), visite_to_come(passage, dossier)
    if made and not autre_visite and (planned is None or not made.evaluee):
        raise AutreVisite(made)
    if planned is not None:
        VISITES.update(passage, planned, realisee_on=on)
        return planned
    return VISITES.create(
        passage,
        service_id=dossier.service_id,
        dossier_id=dossier.pk,
        evaluateur_id=passage.agent.pk,
        prevue_on=on,
        realisee_on=on,
    )


def _graded(passage: Passage, dossier: Dossier) -> Any:  # noqa: ANN401 -- a subquery of keys
    rows = EVALUATIONS.rows(passage).filter(dossier=dossier, visite__isnull=False)
    return rows.values("visite_id")
