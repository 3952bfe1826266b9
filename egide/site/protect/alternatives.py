"""The other ways of `egide protect`: rounded or noisy values, and what they cost, told."""

from decimal import Decimal
from pathlib import Path

from egide.rules.money import format_nombre, round_half_up
from egide.rules.secret_statistique.arrondi import round_table
from egide.rules.secret_statistique.bruit import add_noise
from egide.rules.secret_statistique.perte import Perte
from egide.rules.secret_statistique.primaire import Sensibles
from egide.rules.secret_statistique.systeme import Systeme

OCTETS = 32


class CleRefusee(ValueError):
    """Raised for a noise without a secret key, or with one that could be guessed."""


def perturb(
    systeme: Systeme,
    *,
    sensibles: Sensibles,
    base: int | None,
    amplitude: int | None,
    cle: Path | None,
) -> tuple[list[int], str]:
    """Round to a base, or else add noise; give the values and the sentence that tells the loss."""
    if base:
        rounded = round_table(systeme, sensibles=sensibles, base=base)
        return rounded.valeurs.tolist(), tell_perte(rounded.perte, method=f"arrondi à {base}")
    noisy = add_noise(systeme, amplitude=amplitude or 1, cle_secrete=read_key(cle))
    return noisy.valeurs.tolist(), tell_perte(noisy.perte, method=f"bruit de {amplitude} au plus")


def read_key(path: Path | None) -> bytes:
    """Read the secret of the noise: who knows it removes the noise."""
    try:
        found = path.read_bytes() if path else b""
    except OSError as error:
        raise CleRefusee(f"lecture de la clé impossible ({error.strerror})") from error
    if len(found) < OCTETS:
        raise CleRefusee(f"trouvé une clé de {len(found)} octets, attendu {OCTETS} au moins")
    return found


def tell_perte(perte: Perte, *, method: str) -> str:
    """Write what was lost."""
    mean = format_nombre(Decimal(round_half_up(perte.ecart_moyen, places=2)))
    return (
        f"{method}\u00a0: {perte.cellules_changees} cellules changées, écart moyen {mean}, "
        f"au plus {perte.ecart_maximal}, {perte.sommes_rompues} sommes rompues."
    )
