"""Verify the trail against its seals: one French line for each defect."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from egide.kernel.audit import keys, merkle, records
from egide.kernel.audit.chain import PURGE, SEALING, Place, Seal, Segment, broken_links
from egide.kernel.audit.records import COLUMNS, Leaf
from egide.kernel.audit.seals import head_of, purged_segment

# A clock that is set right steps back a little: less than this is no forgery.
CLOCK_STEP = timedelta(minutes=1)


@dataclass(slots=True)
class Report:
    """What a verification found."""

    seals: int = 0
    rows: int = 0
    waiting: int = 0
    defects: list[str] = field(default_factory=list)


def verify(path: Path, *, trusted: Mapping[str, Ed25519PublicKey]) -> Report:
    """Recompute every tree, follow the chain, and compare its head with the one kept outside."""
    with keys.alone(path), records.as_sealer():
        heads = keys.read_heads(path)
        seals = records.chain()
        report = Report(seals=len(seals))
        report.defects += _head_defects(seals, heads)
        report.defects += broken_links(seals, keys=trusted)
        report.defects += _row_defects(seals, report)
        if forged := records.forged_fieldsets():
            report.defects.append(f"Ensembles de champs modifiés : {forged}.")
    return report


def _head_defects(seals: list[Seal], heads: keys.Heads | None) -> Iterator[str]:
    head = head_of(seals)
    if heads is None:
        if seals:
            yield "Tête : le fichier gardé hors de la base est absent."
    elif head not in heads:
        if head.number < heads.kept.number:
            yield f"Sceaux {head.number + 1} à {heads.kept.number} : queue de la chaîne coupée."
        elif head.number > heads.kept.number:
            yield f"Tête : une ancienne ({heads.kept.number}) est remise hors de la base."
        else:
            yield f"Sceau {head.number} : ce n’est pas celui que la tête gardée nomme."


class _Clocks:
    """When a row may have been written, from the transactions that each seal saw."""

    def __init__(self, seals: list[Seal]) -> None:
        self.untils = [seal.claim.xid_until for seal in seals]
        self._xids = [seal.claim.observed_xid for seal in seals]
        self._instants = [seal.claim.observed_at for seal in seals]

    def seal_of(self, leaf: Leaf) -> int:
        """Give the rank of the seal that holds a row; past the last one, it waits."""
        return bisect_right(self.untils, leaf.xid)

    def defect(self, leaf: Leaf, *, rank: int) -> str:
        """Tell what is wrong with the instant of a row, if anything is."""
        seen = bisect_right(self._xids, leaf.xid) - 1
        if seen >= 0 and leaf.at < self._instants[seen] - CLOCK_STEP:
            return "antidatées"
        if rank < len(self._instants) and leaf.at > self._instants[rank] + CLOCK_STEP:
            return "postdatées"
        return ""


def _row_defects(seals: list[Seal], report: Report) -> list[str]:
    """Compare each tree, and tell the rows whose instant cannot be."""
    clocks = _Clocks(seals)
    purged = {s.place for seal in seals if seal.claim.act == PURGE for s in seal.segments}
    told = {
        (rank, segment.place): segment
        for rank, seal in enumerate(seals)
        if seal.claim.act == SEALING
        for segment in seal.segments
    }
    found: list[str] = []
    dated: Counter[tuple[Place, str]] = Counter()
    held: set[tuple[int, Place]] = set()
    for rank, place, tree in _trees(clocks, dated):
        report.rows += tree.size
        held.add((rank, place))
        if place in purged:
            found.append(f"{place} : lignes insérées dans un mois purgé : {tree.size}.")
        elif rank == len(seals):
            report.waiting += tree.size
        else:
            found += _compare(seals[rank], place, tree, told.get((rank, place)))
    for rank, place in sorted(told.keys() - held):
        if place not in purged:
            number, count = seals[rank].claim.number, told[rank, place].count
            found.append(f"Sceau {number}, {place} : lignes retirées : {count}.")
    found += [f"{place} : lignes {word} : {count}." for (place, word), count in dated.items()]
    return found + list(_purge_defects(seals))


def _trees(
    clocks: _Clocks, dated: Counter[tuple[Place, str]]
) -> Iterator[tuple[int, Place, merkle.Growing]]:
    """Rebuild the tree of each seal and partition; count the rows of an impossible instant."""
    for kind in COLUMNS:
        grouped = groupby(records.leaves(kind), key=lambda leaf: (clocks.seal_of(leaf), leaf.place))
        for (rank, place), rows in grouped:
            tree = merkle.Growing()
            for leaf in rows:
                tree.append(leaf.digest)
                if word := clocks.defect(leaf, rank=rank):
                    dated[place, word] += 1
            yield rank, place, tree


def _compare(seal: Seal, place: Place, tree: merkle.Growing, told: Segment | None) -> Iterator[str]:
    where = f"Sceau {seal.claim.number}, {place}"
    count = told.count if told else 0
    if tree.size > count:
        yield f"{where} : lignes insérées : {tree.size - count}."
    elif tree.size < count:
        yield f"{where} : lignes retirées : {count - tree.size}."
    elif told and tree.root() != told.root:
        yield f"{where} : lignes modifiées."


def _purge_defects(seals: list[Seal]) -> Iterator[str]:
    for rank, seal in enumerate(seals):
        for segment in seal.segments if seal.claim.act == PURGE else ():
            if segment != purged_segment(seals[:rank], segment.place):
                yield f"Sceau {seal.claim.number}, {segment.place} : purge d’autres lignes."
