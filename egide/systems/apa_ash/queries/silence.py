"""What two months of silence give to whoever asked for the APA (CASF L. 232-14)."""

from dataclasses import dataclass
from datetime import date

from egide.rules.apa import delais
from egide.systems.apa_ash.models import Dossier
from egide.systems.apa_ash.queries.decision import EN_INSTRUCTION


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
