"""What a stay costs in a month, by the days present."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from egide.rules.ash.montants import HEBERGEMENT
from egide.rules.money import check_montant
from egide.rules.parameters import Bareme


class JoursRefuses(ValueError):
    """Raised for a negative number of days, or more days than the month has."""


def cout_mensuel(tarif_journalier: Decimal, *, on: date, jours: int | None = None) -> Decimal:
    """Give the cost of the month of a day: its days present, or the whole of it.

    What an absence takes off the tariff is for the règlement départemental: days that are not
    charged are not counted here.
    """
    length = monthrange(on.year, on.month)[1]
    present = length if jours is None else jours
    if not 0 <= present <= length:
        raise JoursRefuses(f"trouvé {present} jours, attendu de 0 à {length}")
    maximum = Bareme(on, HEBERGEMENT)["montant_maximal_saisi"]
    return present * check_montant(tarif_journalier, nom="tarif_journalier", maximum=maximum)
