"""What a visit tells beside the grid, as the act takes it (CASF R. 232-7, I)."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Besoins:
    """What the visit found beside the grid, in the words of the team."""

    logement: str = ""
    aides_en_place: str = ""
    aidants: str = ""
    souhaits: str = ""
    conseils: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constat:
    """What a visit tells without weighing on the GIR: letters by variable, words of the team."""

    illustratives: Mapping[str, str] = field(default_factory=dict)
    observations: str = ""
    besoins: Besoins = field(default_factory=Besoins)
