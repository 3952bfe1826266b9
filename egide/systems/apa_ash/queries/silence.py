"""What two months of silence give to whoever asked for the APA (CASF L. 232-14)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from egide.kernel.access.passage import Passage
from egide.kernel.access.rows import Traced
from egide.rules.apa import delais
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.policy import DEMANDES, DOSSIERS, DROITS
from egide.systems.apa_ash.queries.decision import EN_INSTRUCTION, Situation


@dataclass(frozen=True, slots=True)
class Silence:
    """What a request holds while it awaits its decision: since when complete, and which right."""

    complete_on: date | None
    droit: bool
    forfait: bool

    def is_due(self, dossier: Dossier, *, on: date) -> bool:
        """Tell whether two months without a decision have given a lump sum (CASF L. 232-14)."""
        if dossier.etat not in EN_INSTRUCTION or self.droit or self.complete_on is None:
            return False
        return delais.decision_avant(self.complete_on) < on


def with_silence(passage: Passage, rows: Traced[Dossier]) -> Traced[Any]:
    """Add to files what `silence_of` reads."""
    passage.note((), ["Demande.complete_on", "Droit.periode", "Droit.forfait"])
    rights = DROITS.rows(passage).filter(dossier=OuterRef("pk"), periode__contains=passage.on)
    # The last one, complete or not: what a former request gave is over with it.
    asked = DEMANDES.rows(passage).filter(dossier=OuterRef("pk"))
    return rows.annotate(
        complet_on=Subquery(asked.order_by("-recue_on", "-pk").values("complete_on")[:1]),
        en_droit=Exists(rights),
        en_forfait=Exists(rights.filter(forfait=True)),
    )


def silence_of(row: Any) -> Silence:  # noqa: ANN401 -- a file with what `with_silence` adds to it
    """Give what a file holds while it awaits its decision."""
    return Silence(row.complet_on, droit=row.en_droit, forfait=row.en_forfait)


def silence_in(situation: Situation, *, on: date) -> Silence:
    """Give what `read_silence` gives, of what was read for a decision."""
    demande, droit = situation.demande, situation.droit_on(on)
    return Silence(
        demande.complete_on if demande else None,
        droit=droit is not None,
        forfait=droit is not None and droit.forfait,
    )


def read_silence(passage: Passage, *, dossier: Dossier) -> Silence:
    """Read what one file holds while it awaits its decision."""
    row = with_silence(passage, DOSSIERS.rows(passage).filter(pk=dossier.pk)).order_by("pk").get()
    return silence_of(row)
