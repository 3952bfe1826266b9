"""The way of a file from request to first payment, read in one statement."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import CharField, DateField, F, Value
from django.db.models.functions import Cast

from egide.kernel.access.passage import Passage
from egide.kernel.access.policy import Policy
from egide.kernel.access.rows import Traced
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.models.demande import NatureDemande
from egide.systems.apa_ash.models.droit import NatureDecision
from egide.systems.apa_ash.policy import (
    DECISIONS,
    DEMANDES,
    EVALUATIONS,
    PAIEMENTS,
    PLANS,
    VISITES,
)

REVISION = NatureDemande.REVISION.value
DECIDING = {NatureDecision.ACCORD, NatureDecision.REJET}


@dataclass(frozen=True, slots=True)
class Fait:
    """Something that happened to a file: its kind, its day, and a word about it."""

    kind: str
    on: date
    detail: str


@dataclass(frozen=True, slots=True)
class Parcours:
    """The facts of a file, the last of each kind at hand."""

    faits: list[Fait] = field(default_factory=list)

    def last(self, kind: str) -> Fait | None:
        """Give the last fact of a kind."""
        found = [fait for fait in self.faits if fait.kind == kind]
        return max(found, key=lambda fait: fait.on, default=None)

    def deciding(self) -> Fait | None:
        """Give the decision on the last request: what came later changes or ends a right."""
        asked = self.last("recue")
        found = [
            fait
            for fait in self.faits
            if fait.kind == "decision" and fait.detail in DECIDING and asked and fait.on >= asked.on
        ]
        return max(found, key=lambda fait: fait.on, default=None)

    @property
    def visite_a_venir(self) -> bool:
        """Tell whether a visit is planned that was not made yet."""
        kinds = [fait.kind for fait in self.faits]
        return kinds.count("visite_prevue") > kinds.count("visite")

    def since(self, day: date) -> "Parcours":
        """Keep what happened from a day on."""
        return Parcours([fait for fait in self.faits if fait.on >= day])

    def of_the_last_request(self) -> "Parcours":
        """Keep what happened since the last request that is no revision: it began all again."""
        asked = [fait.on for fait in self.faits if fait.kind == "recue" and fait.detail != REVISION]
        if len(asked) < ENOUGH:
            return self
        kept = self.since(first := max(asked)).faits
        # Received on the day of a decision, a request is not decided by it.
        return Parcours([f for f in kept if f.on > first or f.kind not in DECIDED])

    def first(self, kind: str) -> Fait | None:
        """Give the first fact of a kind."""
        found = [fait for fait in self.faits if fait.kind == kind]
        return min(found, key=lambda fait: fait.on, default=None)


DECIDED, ENOUGH = frozenset({"decision", "notification"}), 2
NOTHING = Value("")
FACTS: tuple[tuple[str, Policy[Any], str, Any], ...] = (
    ("recue", DEMANDES, "recue_on", F("nature")),
    ("complete", DEMANDES, "complete_on", NOTHING),
    ("accuse", DEMANDES, "accuse_on", NOTHING),
    ("visite_prevue", VISITES, "prevue_on", F("creneau")),
    ("visite", VISITES, "realisee_on", NOTHING),
    ("evaluation", EVALUATIONS, "faite_on", F("gir")),
    ("proposition", PLANS, "envoye_on", F("etat")),
    ("reponse", PLANS, "reponse_on", F("etat")),
    ("decision", DECISIONS, "prise_on", F("nature")),
    ("notification", DECISIONS, "notifiee_on", F("nature")),
)


def read_parcours(passage: Passage, *, dossier: Dossier) -> Parcours:
    """Read the dated facts of a file that is already open."""
    selects = [_facts(passage, dossier, *fact) for fact in FACTS]
    selects.append(
        _select(
            PAIEMENTS.rows(passage).filter(dossier=dossier, verse_on__isnull=False),
            kind="paiement",
            day=F("verse_on"),
            detail=NOTHING,
        )
    )
    # The union notes what its first part reads: the others are noted here, before they are read.
    fields = {f"{policy.model.__name__}.{column}" for _, policy, column, _ in FACTS}
    passage.note([dossier.pk], {*fields, "Paiement.verse_on"})
    first, *others = selects
    rows = first.union(*others, all=True).order_by("on", "kind").concerning(dossier.pk)
    return Parcours([Fait(*row) for row in rows])


def _facts(
    passage: Passage,
    dossier: Dossier,
    kind: str,
    policy: Policy[Any],
    column: str,
    detail: Any,  # noqa: ANN401 -- an expression of Django
) -> Traced[Any]:
    rows = policy.rows(passage).filter(dossier=dossier, **{f"{column}__isnull": False})
    return _select(rows, kind=kind, day=F(column), detail=detail)


def _select(rows: Traced[Any], *, kind: str, day: F, detail: F | Value) -> Traced[Any]:
    facts: Any = rows.order_by().annotate(
        kind=Value(kind, CharField()),
        on=Cast(day, DateField()),
        detail=Cast(detail, CharField()),
    )
    found: Traced[Any] = facts.values_list("kind", "on", "detail")
    return found
