"""What the screens of withdrawals say: what was claimed, what is owed now, what is given back."""

from decimal import Decimal

from egide.kernel import notation
from egide.systems.apa_ash.models import Indu


def withdrawal_facts(indu: Indu, *, verse: Decimal, du: Decimal) -> list[tuple[str, str]]:
    """Give a debt from what was paid to what a withdrawal would leave of it."""
    left = du - indu.recouvre - indu.remis
    facts = [
        ("Versé pour le mois", notation.euros(verse)),
        ("Réclamé aujourd’hui", notation.euros(indu.du)),
        ("Dû, calculé à nouveau", notation.euros(du)),
        ("À retirer", notation.euros(indu.du - du)),
        ("Recouvré, retenues comprises", notation.euros(indu.recouvre)),
        ("Remis", notation.euros(indu.remis)),
        ("Reste après retrait", notation.euros(max(left, Decimal(0)))),
    ]
    if left < 0 and indu.recouvre:
        facts.append(("À rendre par le comptable", notation.euros(min(-left, indu.recouvre))))
    return facts
