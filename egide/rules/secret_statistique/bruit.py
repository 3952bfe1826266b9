"""Cell-key noise: a small secret error, the same for a cell in every table that shows it."""

import hashlib
import hmac
from dataclasses import dataclass

import numpy as np

from egide.rules.secret_statistique.perte import Perte, measure
from egide.rules.secret_statistique.systeme import Cle, Ints, Systeme


@dataclass(frozen=True, eq=False)
class Bruit:
    """The published values, which do not add up any more, and what they lost."""

    valeurs: Ints
    perte: Perte


def add_noise(systeme: Systeme, *, amplitude: int, cle_secrete: bytes) -> Bruit:
    """Move each cell by at most the amplitude: zero on average, a zero stays, none is negative."""
    if not cle_secrete or amplitude < 1:
        raise ValueError("une clé et une amplitude d’au moins 1 sont nécessaires")
    moves = [
        _move(cle, min(valeur, amplitude), cle_secrete)
        for cle, valeur in zip(systeme.cles, systeme.valeurs.tolist(), strict=True)
    ]
    values = systeme.valeurs + np.array(moves, np.int64)
    return Bruit(values, measure(systeme, published=values))


def _move(cle: Cle, most: int, cle_secrete: bytes) -> int:
    # The difference of two uniform draws is symmetric: small moves are the likeliest.
    text = repr(cle).encode()
    first, second = (
        int.from_bytes(hmac.new(cle_secrete, salt + text, hashlib.sha256).digest())
        for salt in (b"a", b"b")
    )
    return first % (most + 1) - second % (most + 1)
