"""AGGIR grids as a team fills them, sorted by the GIR that the algorithm gives."""

from collections import defaultdict
from dataclasses import dataclass

from egide.rules.aggir import ENTREES, ResultatAggir, evaluate, from_adverbes
from egide.systems.apa_ash.demo.chance import Chance

WANTED = {1: 6, 2: 24, 3: 24, 4: 40, 5: 16, 6: 16}
# A person of GIR 1 has lost their bearings too: body and mind are drawn apart.
MIND = ("coherence", "orientation")
SEVERITIES = (5, 15, 25, 35, 45, 55, 65, 75, 85, 97)


@dataclass(frozen=True, slots=True)
class Grid:
    """One filled grid and what the algorithm says of it."""

    adverbes: dict[str, str]
    resultat: ResultatAggir


def draw_grids(chance: Chance) -> dict[int, list[Grid]]:
    """Fill grids until each GIR has enough different ones."""
    found: dict[int, list[Grid]] = defaultdict(list)
    while any(len(found[gir]) < count for gir, count in WANTED.items()):
        body, mind = chance.pick(SEVERITIES), chance.pick(SEVERITIES)
        adverbes = {
            entree: _answer(chance, mind if entree.startswith(MIND) else body) for entree in ENTREES
        }
        resultat = evaluate(from_adverbes(adverbes))
        if len(found[resultat.gir]) < WANTED[resultat.gir]:
            found[resultat.gir].append(Grid(adverbes, resultat))
    return found


def _answer(chance: Chance, severity: int) -> str:
    drawn = chance.whole(0, 99)
    if drawn >= severity:
        return "1111"
    if drawn < severity * severity // 100:
        return "0000"
    return chance.pick(("0111", "1011", "1110", "1010", "0101", "1100", "0110"))
