"""Merkle trees of RFC 6962: hashes, roots, proofs of inclusion and of consistency; pure."""

import hashlib
from collections.abc import Sequence

# Domain separation (RFC 6962, 2.1): else the two halves of a node could pass for a leaf.
LEAF = b"\x00"
NODE = b"\x01"
EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash one entry."""
    return hashlib.sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash the two children of a node."""
    return hashlib.sha256(NODE + left + right).digest()


class Growing:
    """A tree that keeps the roots of its full subtrees alone: a million leaves hold in twenty."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self.size += 1
        self._full.append(leaf)
        rest = self.size
        while rest % 2 == 0:
            right, left = self._full.pop(), self._full.pop()
            self._full.append(node_hash(left, right))
            rest //= 2

    def root(self) -> bytes:
        """Give the hash of the whole tree as it stands."""
        if not self._full:
            return EMPTY
        *others, found = self._full
        for left in reversed(others):
            found = node_hash(left, found)
        return found


def root(leaves: Sequence[bytes]) -> bytes:
    """Give the hash of the tree over some hashes of leaves, in their order."""
    tree = Growing()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_proof(index: int, *, leaves: Sequence[bytes]) -> list[bytes]:
    """Give the hashes that lead from one leaf to the root, nearest first (2.1.1)."""
    if not 0 <= index < len(leaves):
        message = f"No leaf {index} among {len(leaves)}."
        raise IndexError(message)
    if len(leaves) == 1:
        return []
    cut = _split(len(leaves))
    if index < cut:
        return [*inclusion_proof(index, leaves=leaves[:cut]), root(leaves[cut:])]
    return [*inclusion_proof(index - cut, leaves=leaves[cut:]), root(leaves[:cut])]


def includes(
    tree_root: bytes, *, size: int, index: int, leaf: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether the proof leads from this leaf, at this place, to the root."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place % 2 or place == last:
            found = node_hash(sibling, found)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            found = node_hash(found, sibling)
        place, last = place // 2, last // 2
    return last == 0 and found == tree_root


def consistency_proof(first: int, *, leaves: Sequence[bytes]) -> list[bytes]:
    """Give the hashes that show the tree to begin with its first leaves as they were (2.1.2)."""
    if not 0 < first <= len(leaves):
        message = f"No tree of {first} leaves begins one of {len(leaves)}."
        raise IndexError(message)
    return _subproof(first, leaves, whole=True)


def consistent(
    roots: tuple[bytes, bytes], *, first: int, second: int, proof: Sequence[bytes]
) -> bool:
    """Tell whether the second tree begins with the whole of the first (RFC 9162, 2.1.4.2)."""
    if first == second:
        return roots[0] == roots[1] and not proof
    if not (0 < first < second and proof):
        return False
    power_of_two = first & (first - 1) == 0
    path = [roots[0], *proof] if power_of_two else list(proof)
    return _climb(path, place=first - 1, last=second - 1) == roots


def _climb(path: Sequence[bytes], *, place: int, last: int) -> tuple[bytes, bytes] | None:
    """Follow a proof of consistency up to the two roots; none when it has the wrong length."""
    while place % 2:
        place, last = place // 2, last // 2
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if place % 2 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            new = node_hash(new, sibling)
        place, last = place // 2, last // 2
    return (old, new) if last == 0 else None


def _subproof(first: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [root(leaves)]
    cut = _split(len(leaves))
    if first <= cut:
        return [*_subproof(first, leaves[:cut], whole=whole), root(leaves[cut:])]
    return [*_subproof(first - cut, leaves[cut:], whole=False), root(leaves[:cut])]


def _split(size: int) -> int:
    """Give the largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1
