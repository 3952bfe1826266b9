"""The chain of seals: what each says, how it is hashed, signed and checked; pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from egide.kernel.audit import merkle

VERSION = 1
GENESIS = bytes(32)
SEALING = "scellement"
PURGE = "purge"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def canonical(header: str, values: Iterable[str | None]) -> bytes:
    """Write values so that two different rows never have the same bytes."""
    parts = [header.encode(), b"\n"]
    for value in values:
        if value is None:
            parts.append(b"-")
        else:
            text = value.encode()
            parts.append(b"%d:" % len(text) + text)
    return b"".join(parts)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A partition of the trail: which table, which system, which month."""

    kind: str
    system: str
    month: date

    def __str__(self) -> str:
        """Name the partition as a defect does."""
        return f"{self.kind} {self.system} {self.month:%Y-%m}"


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """What one seal says of one partition: how many rows, and the root of their tree."""

    place: Place
    count: int
    root: bytes

    def leaf(self) -> bytes:
        """Hash it as a leaf of the seal's own tree."""
        place = self.place
        text = (place.kind, place.system, place.month.isoformat(), str(self.count), self.root.hex())
        return merkle.leaf_hash(canonical("egide.audit.segment.1", text))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a seal asserts, its signature apart."""

    number: int
    act: str
    xid_from: int
    xid_until: int
    observed_xid: int
    observed_at: datetime
    root: bytes
    previous: bytes
    key: str
    version: int = VERSION

    def digest(self) -> bytes:
        """Hash the assertion: what is signed, and what the next seal names."""
        microseconds = (self.observed_at - EPOCH) // timedelta(microseconds=1)
        numbers = (
            self.number, self.xid_from, self.xid_until, self.observed_xid, microseconds,
        )  # fmt: skip
        texts = (self.act, self.root.hex(), self.previous.hex(), self.key)
        header = f"egide.audit.seal.{self.version}"
        return hashlib.sha256(canonical(header, (*map(str, numbers), *texts))).digest()


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed assertion about some segments."""

    claim: Claim
    signature: bytes
    segments: tuple[Segment, ...]


def root_of(segments: Iterable[Segment]) -> bytes:
    """Give the root of the tree over some segments, in the order of their partitions."""
    return merkle.root([segment.leaf() for segment in sorted(segments)])


def fingerprint(key: Ed25519PublicKey) -> str:
    """Name a public key."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


def sign(claim: Claim, *, segments: Iterable[Segment], key: Ed25519PrivateKey) -> Seal:
    """Sign an assertion."""
    return Seal(claim, key.sign(claim.digest()), tuple(sorted(segments)))


def is_signed(seal: Seal, *, keys: Mapping[str, Ed25519PublicKey]) -> bool:
    """Tell whether one of the trusted keys signed this seal."""
    key = keys.get(seal.claim.key)
    if key is None:
        return False
    try:
        key.verify(seal.signature, seal.claim.digest())
    except InvalidSignature:
        return False
    return True


def broken_links(seals: Iterable[Seal], *, keys: Mapping[str, Ed25519PublicKey]) -> list[str]:
    """List what is wrong in the chain itself, whatever the rows are."""
    found = []
    number, previous, until = 0, GENESIS, 0
    for seal in seals:
        claim = seal.claim
        if claim.number != number + 1:
            found.append(f"Sceau {number + 1} : absent de la chaîne.")
        elif claim.previous != previous or claim.xid_from != until:
            found.append(f"Sceau {claim.number} : il ne suit pas le précédent.")
        if not is_signed(seal, keys=keys):
            found.append(f"Sceau {claim.number} : signature fausse ou clé inconnue.")
        if root_of(seal.segments) != claim.root:
            found.append(f"Sceau {claim.number} : segments échangés, modifiés ou retirés.")
        number, previous, until = claim.number, claim.digest(), claim.xid_until
    return found
