"""What the sealer keeps outside the database: its Ed25519 key, and the last head of the chain."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from egide.kernel.audit.chain import GENESIS, fingerprint

FILE = "seal-key.pem"
PRIVATE = 0o600


class CleRefusee(Exception):
    """The key or the head cannot be relied on; the message tells why and what to do."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal of a chain: its number and its hash; none yet is number 0."""

    number: int = 0
    digest: bytes = GENESIS


@dataclass(frozen=True, slots=True)
class Heads:
    """The last head known to be in the database, and the one about to be, if a run was cut."""

    kept: Head
    coming: Head | None = None

    def __contains__(self, head: Head) -> bool:
        """Tell whether the database may stand at this head."""
        return head in (self.kept, self.coming)


def place(home: Path) -> Path:
    """Find the file of the key: the one that the environment names, or the instance's own."""
    named = os.environ.get("EGIDE_SEAL_KEY")
    return Path(named) if named else home / FILE


def create(path: Path) -> None:
    """Make a key that this account alone reads, and its public half beside it."""
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_new(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.with_suffix(".pub").write_text(public_pem(key.public_key()))


def private_key(path: Path) -> Ed25519PrivateKey:
    """Read the key, refused when others may read it too."""
    if not path.exists():
        raise CleRefusee(f"La clé des sceaux est absente : {path}. Rendez-la de la sauvegarde.")
    if path.stat().st_mode & 0o077:
        raise CleRefusee(f"D’autres comptes lisent la clé des sceaux : « chmod 600 {path} ».")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise CleRefusee(f"{path} n’est pas une clé privée lisible.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CleRefusee(f"{path} n’est pas une clé Ed25519.")
    return key


def public_pem(key: Ed25519PublicKey) -> str:
    """Write a public key as whoever verifies keeps it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def trusted(paths: list[Path]) -> dict[str, Ed25519PublicKey]:
    """Read the public keys that a verification relies on, by fingerprint."""
    keys = {}
    for path in paths:
        try:
            key = load_pem_public_key(path.read_bytes())
        except (OSError, ValueError) as error:
            raise CleRefusee(f"{path} n’est pas une clé publique lisible.") from error
        if not isinstance(key, Ed25519PublicKey):
            raise CleRefusee(f"{path} n’est pas une clé Ed25519.")
        keys[fingerprint(key)] = key
    return keys


def head_place(path: Path) -> Path:
    """Name the file of the head, beside the key."""
    return path.with_suffix(".head")


def read_heads(path: Path) -> Heads | None:
    """Read the last head that was kept outside; none when the file is not there."""
    try:
        text = json.loads(head_place(path).read_text())
        heads = [Head(int(item["number"]), bytes.fromhex(item["digest"])) for item in text]
        return Heads(*heads)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise CleRefusee(f"{head_place(path)} est illisible.") from error


def write_heads(path: Path, heads: Heads) -> None:
    """Keep the heads, whole or not at all: on the disk before the database commits."""
    lines = [
        {"number": head.number, "digest": head.digest.hex()}
        for head in (heads.kept, heads.coming)
        if head
    ]
    target = head_place(path)
    draft = target.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    _write_new(draft, json.dumps(lines).encode())
    draft.replace(target)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one sealer at a time move the chain and its head."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as file:
        flock(file, LOCK_EX)
        yield


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
