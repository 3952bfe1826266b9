"""The codes of one dimension: leaves, groups of codes, groups of groups, and the total."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TOTAL = "Total"


class HierarchieRefusee(ValueError):
    """Raised for a hierarchy whose codes are not a tree; the message names the code."""


@dataclass(frozen=True)
class Hierarchie:
    """A dimension: each group with its parts, `Total` first, in the order of the file."""

    dimension: str
    groupes: Mapping[str, tuple[str, ...]]
    codes: tuple[str, ...]

    @property
    def feuilles(self) -> tuple[str, ...]:
        """Give the codes of the inner cells."""
        return tuple(code for code in self.codes if code not in self.groupes)

    @property
    def bottom_up(self) -> tuple[str, ...]:
        """Give the groups so that each comes after its parts."""
        return tuple(code for code in reversed(self.codes) if code in self.groupes)


def flat(dimension: str, *, codes: Iterable[str]) -> Hierarchie:
    """Make the dimension whose codes have no other group than the total."""
    return read_hierarchie(dimension, tree=[code for code in codes if code != TOTAL])


def read_hierarchie(dimension: str, *, tree: object) -> Hierarchie:
    """Read nested groups: a mapping of groups, or a list of codes, under `Total` or without it."""
    rooted = isinstance(tree, Mapping) and set(tree) == {TOTAL}
    groupes: dict[str, tuple[str, ...]] = {}
    codes = list(_walk(TOTAL, tree[TOTAL] if rooted else tree, groupes, dimension))  # type: ignore[index]  # a mapping when rooted
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise HierarchieRefusee(f"{dimension} : le code « {code} » figure deux fois")
        seen.add(code)
    return Hierarchie(dimension, groupes, tuple(codes))


def _walk(
    code: str, node: object, groupes: dict[str, tuple[str, ...]], dimension: str
) -> Iterator[str]:
    if not code:
        raise HierarchieRefusee(f"{dimension} : un code est vide")
    yield code
    children = list(_children(node, code=code, dimension=dimension))
    if not children:
        return
    groupes[code] = tuple(name for name, _ in children)
    for name, child in children:
        yield from _walk(name, child, groupes, dimension)


def _children(node: object, *, code: str, dimension: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping):
        yield from ((str(name), child) for name, child in node.items())
        return
    if node is None:
        return
    if not isinstance(node, list):
        raise HierarchieRefusee(f"{dimension} : une liste de codes attendue sous « {code} »")
    for item in node:
        if isinstance(item, Mapping):
            yield from ((str(name), child) for name, child in item.items())
        elif isinstance(item, list):
            raise HierarchieRefusee(f"{dimension} : une liste sans nom sous « {code} »")
        else:
            yield str(item), None
