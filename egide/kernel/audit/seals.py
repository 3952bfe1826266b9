"""Seal the trail after commit, in batches that a cut leaves whole; purge a month, not its roots."""

from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from egide.kernel.audit import keys, records
from egide.kernel.audit.chain import (
    PURGE,
    SEALING,
    Claim,
    Place,
    Seal,
    Segment,
    fingerprint,
    root_of,
    sign,
)
from egide.kernel.audit.keys import CleRefusee, Head, Heads

BATCH = 100_000


class ScellementRefuse(Exception):
    """The trail cannot be sealed or purged as it is; the message tells why and what to do."""


def seal(path: Path, *, batch: int = BATCH) -> list[Seal]:
    """Seal every row whose transaction is over, and give the seals added."""
    added = []
    with keys.alone(path):
        key = _key(path)
        while new := _seal_batch(path, key, batch=batch):
            added.append(new)
    return added


def purge(path: Path, place: Place) -> Seal:
    """Drop a month of the trail, and sign how many rows it had and which root they made."""
    with keys.alone(path):
        key = _key(path)
        with transaction.atomic():
            with records.as_sealer():
                seals = _chain(path)
                _check_sealed(seals, place)
            records.drop(place)
            with records.as_sealer():
                new = _purge_claim(seals, place, key=key)
                _add(path, seals, new)
        _keep(path, new)
    return new


def head_of(seals: list[Seal]) -> Head:
    """Give the head of a chain."""
    return Head(seals[-1].claim.number, seals[-1].claim.digest()) if seals else Head()


def _key(path: Path) -> Ed25519PrivateKey:
    """Read the key; it is made on the first run alone, before any seal exists."""
    if not path.exists():
        with records.as_sealer():
            first = not records.chain()
        if first:
            keys.create(path)
    return keys.private_key(path)


def _chain(path: Path) -> list[Seal]:
    """Read the chain, refused when it is not the one that was left."""
    seals = records.chain()
    heads = keys.read_heads(path)
    # Going on from another head would sign a tampering for good.
    if head_of(seals) not in (heads or Heads(Head())):
        raise CleRefusee(
            "La chaîne des sceaux n’est pas celle que le dernier scellement a laissée :"
            " rien n’est scellé. Lancez « egide audit verify »."
        )
    return seals


def _seal_batch(path: Path, key: Ed25519PrivateKey, *, batch: int) -> Seal | None:
    with records.as_sealer():
        seals = _chain(path)
        at, oldest, coming = records.observe()
        since = seals[-1].claim.xid_until if seals else 0
        if oldest < since:
            raise ScellementRefuse(
                f"Ce serveur PostgreSQL compte ses transactions plus bas ({oldest}) que la trace"
                f" scellée ({since}) : voyez « Sceller la trace » dans le guide d’installation."
            )
        until = records.end_of_batch(since, horizon=oldest, size=batch)
        if until is None:
            return None
        segments = list(records.segments(since=since, until=until))
        head = head_of(seals)
        claim = Claim(
            number=head.number + 1,
            act=SEALING,
            xid_from=since,
            xid_until=until,
            observed_xid=coming,
            observed_at=at,
            root=root_of(segments),
            previous=head.digest,
            key=fingerprint(key.public_key()),
        )
        new = sign(claim, segments=segments, key=key)
        _add(path, seals, new)
    _keep(path, new)
    return new


def _add(path: Path, seals: list[Seal], new: Seal) -> None:
    """Add a seal, whose head is on the disk before the database commits it."""
    records.add(new)
    keys.write_heads(path, Heads(head_of(seals), head_of([new])))


def _keep(path: Path, new: Seal) -> None:
    keys.write_heads(path, Heads(head_of([new])))


def _check_sealed(seals: list[Seal], place: Place) -> None:
    """Refuse to drop rows that no seal holds yet, and a month that none names."""
    since = seals[-1].claim.xid_until if seals else 0
    if any(leaf.place == place for leaf in records.leaves(place.kind, since=since)):
        raise ScellementRefuse(f"{place} : des lignes attendent leur sceau ; scellez d’abord.")
    if not segments_of(seals, place):
        raise ScellementRefuse(f"{place} : aucun sceau ne nomme ce mois.")


def segments_of(seals: list[Seal], place: Place) -> list[Segment]:
    """List what the seals say of one month, in order."""
    return [
        segment
        for seal in seals
        if seal.claim.act == SEALING
        for segment in seal.segments
        if segment.place == place
    ]


def purged_segment(seals: list[Seal], place: Place) -> Segment:
    """Sum up a month: what its purge signs, and what a verification finds again."""
    parts = segments_of(seals, place)
    return Segment(place, sum(part.count for part in parts), root_of(parts))


def _purge_claim(seals: list[Seal], place: Place, *, key: Ed25519PrivateKey) -> Seal:
    last = seals[-1].claim
    at, _, coming = records.observe()
    segment = purged_segment(seals, place)
    claim = replace(
        last,
        number=last.number + 1,
        act=PURGE,
        xid_from=last.xid_until,
        observed_xid=coming,
        observed_at=at,
        root=root_of([segment]),
        previous=last.digest(),
        key=fingerprint(key.public_key()),
    )
    return sign(claim, segments=[segment], key=key)
