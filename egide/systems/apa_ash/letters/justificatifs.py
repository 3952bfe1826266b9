"""What the letter that asks for proofs of expense says (CASF R. 232-15, L. 232-7)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandeJustificatifs:
    """Proofs of the expenses of some days are asked, with the day until which they are awaited."""

    gabarit: ClassVar[str] = "demande_justificatifs"
    titre: ClassVar[str] = "Demande de justificatifs"
    recours: ClassVar[str] = "preparatoire"

    depuis: date
    jusqu_on: date
    attendue_on: date
    precisions: str = ""
    au_service: bool = False
