"""The situations that a département meets, each as often as in a year of work."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from egide.systems.apa_ash.demo.chance import Chance
from egide.systems.apa_ash.models.dossier import Etat


class Stage(IntEnum):
    """How far the procedure of the last request went."""

    RECU = 0
    RECLAME = 1
    COMPLET = 2
    VISITE = 3
    EVALUE = 4
    PROPOSE = 5
    REPONDU = 6
    DECIDE = 7


# Days between one step and the next, at the least and at the most: under two months in all.
STEPS = {
    Stage.RECLAME: (3, 8),
    Stage.COMPLET: (0, 9),
    Stage.VISITE: (1, 4),
    Stage.EVALUE: (5, 12),
    Stage.PROPOSE: (1, 5),
    Stage.REPONDU: (2, 9),
    Stage.DECIDE: (1, 8),
}


class Story(StrEnum):
    """What happened besides the usual course."""

    NONE = ""
    URGENCE = "urgence"
    TACITE = "tacite"
    SANS_DROIT = "sans_droit"
    OBSERVATIONS = "observations"
    TROP_JEUNE = "trop_jeune"
    REFUS = "refus"
    HOSPITALISE = "hospitalise"
    SORTI = "sorti"
    HAD = "had"
    SUSPENDU = "suspendu"
    DECES = "deces"
    DEPART = "depart"
    RENONCIATION = "renonciation"
    INDU = "indu"


@dataclass(frozen=True, slots=True)
class Case:
    """A state, how far the procedure went, what happened, and how many days ago."""

    etat: Etat
    stage: Stage
    story: Story
    since: tuple[int, int]
    weight: int


_O, _S = Etat.OUVERT, Stage.DECIDE
CASES = (
    Case(Etat.RECU, Stage.RECU, Story.NONE, (0, 8), 14),
    Case(Etat.RECU, Stage.RECU, Story.NONE, (11, 19), 6),
    Case(Etat.RECU, Stage.RECU, Story.URGENCE, (2, 8), 4),
    Case(Etat.INCOMPLET, Stage.RECLAME, Story.NONE, (0, 26), 18),
    Case(Etat.INCOMPLET, Stage.RECLAME, Story.NONE, (32, 50), 6),
    Case(Etat.COMPLET, Stage.COMPLET, Story.NONE, (0, 9), 18),
    Case(Etat.COMPLET, Stage.COMPLET, Story.NONE, (32, 50), 5),
    Case(Etat.COMPLET, Stage.COMPLET, Story.TACITE, (70, 95), 5),
    Case(Etat.COMPLET, Stage.COMPLET, Story.NONE, (63, 66), 2),
    Case(Etat.VISITE, Stage.VISITE, Story.NONE, (0, 8), 24),
    Case(Etat.VISITE, Stage.VISITE, Story.NONE, (34, 44), 5),
    Case(Etat.EVALUE, Stage.EVALUE, Story.NONE, (0, 6), 20),
    Case(Etat.EVALUE, Stage.EVALUE, Story.SANS_DROIT, (0, 9), 7),
    Case(Etat.PROPOSE, Stage.PROPOSE, Story.NONE, (0, 1), 4),
    Case(Etat.PROPOSE, Stage.PROPOSE, Story.NONE, (2, 8), 14),
    Case(Etat.PROPOSE, Stage.PROPOSE, Story.NONE, (11, 18), 6),
    Case(Etat.PROPOSE, Stage.REPONDU, Story.OBSERVATIONS, (0, 9), 6),
    Case(Etat.ACCEPTE, Stage.REPONDU, Story.NONE, (0, 7), 20),
    Case(Etat.ACCEPTE, Stage.REPONDU, Story.NONE, (24, 34), 5),
    Case(_O, _S, Story.NONE, (1, 1300), 560),
    Case(_O, _S, Story.HOSPITALISE, (200, 1200), 14),
    Case(_O, _S, Story.SORTI, (200, 1200), 14),
    Case(_O, _S, Story.HAD, (200, 1200), 4),
    Case(_O, _S, Story.INDU, (200, 1200), 12),
    Case(Etat.SUSPENDU, _S, Story.SUSPENDU, (150, 1000), 18),
    Case(Etat.REJETE, _S, Story.SANS_DROIT, (1, 400), 34),
    Case(Etat.REJETE, _S, Story.TROP_JEUNE, (1, 400), 4),
    Case(Etat.REJETE, _S, Story.REFUS, (1, 400), 8),
    Case(Etat.CLOS, _S, Story.DECES, (120, 1200), 95),
    Case(Etat.CLOS, _S, Story.DEPART, (120, 1200), 22),
    Case(Etat.CLOS, _S, Story.RENONCIATION, (120, 1200), 13),
)


def draw_cases(chance: Chance, *, count: int) -> list[Case]:
    """Give as many cases: each once at least if there is room, then by their weights."""
    cases = list(CASES[:count])
    weights = [case.weight for case in CASES]
    cases += [chance.weighted(CASES, weights=weights) for _ in range(count - len(cases))]
    chance.shuffle(cases)
    return cases
