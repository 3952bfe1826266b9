"""A seeded source of plausible values: the same seed always draws the same département."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar
from uuid import UUID

from stdnum import luhn

from egide.rules.identifiants.nir import compute_cle

T = TypeVar("T")

FRIDAY = 4
# A bank and communes that do not exist: no number drawn here can be anybody's.
BANQUE, GUICHET = 99999, 1
COMMUNES_FICTIVES = range(901, 990)
DEPARTEMENTS = ("01", "38", "42", "69", "71", "73", "2A", "59", "75", "13")


class Chance:
    """Draw identifiers, days and amounts; nothing here is a real person's."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 -- demonstration data, no secret

    def uuid(self) -> UUID:
        """Draw an identifier."""
        return UUID(int=self._random.getrandbits(128), version=4)

    def pick(self, among: Sequence[T]) -> T:
        """Draw one of several values."""
        return among[int(self._random.random() * len(among))]

    def weighted(self, among: Sequence[T], *, weights: Sequence[int]) -> T:
        """Draw one of several values, some more often than others."""
        return self._random.choices(among, weights)[0]

    def whole(self, low: int, high: int) -> int:
        """Draw an integer between two, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def one_in(self, count: int) -> bool:
        """Tell yes once in a while."""
        return self._random.random() * count < 1

    def around(self, median: int, *, low: int, high: int) -> int:
        """Draw an integer as incomes are spread: most near the median, a few far above."""
        drawn = int(median * math.exp(self._random.gauss(0, 0.38)))
        return min(max(drawn, low), high)

    def near(self, mean: int, *, spread: int, low: int, high: int) -> int:
        """Draw an integer as ages are spread: as many below the mean as above, few far from it."""
        return min(max(round(self._random.gauss(mean, spread)), low), high)

    def shuffle(self, values: list[T]) -> None:
        """Put values in another order."""
        self._random.shuffle(values)

    def before(self, day: date, *, low: int, high: int) -> date:
        """Draw a day before another."""
        return day - timedelta(days=self.whole(low, high))

    def working_day(self, day: date) -> date:
        """Move a day of the week-end to the next Monday."""
        return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > FRIDAY else 0)

    def phone(self, *, mobile: bool = False) -> str:
        """Draw a telephone number among those kept for works of fiction."""
        start = "06 39 98" if mobile else "04 65 71"
        return f"{start} {self.whole(0, 99):02d} {self.whole(0, 99):02d}"

    def nir(self, *, female: bool, born: date, temporary: bool = False) -> str:
        """Draw a NIR with its key, born in a commune that no list holds."""
        first = ("8" if female else "7") if temporary else ("2" if female else "1")
        lieu = f"{self.pick(DEPARTEMENTS)}{self.pick(COMMUNES_FICTIVES)}"
        number = f"{first}{born:%y%m}{lieu}{self.whole(1, 999):03d}"
        return number + compute_cle(number)

    def iban(self) -> str:
        """Draw a French IBAN with both its keys, in a bank that does not exist."""
        account = self.whole(10**9, 10**11 - 1)
        key = 97 - (89 * BANQUE + 15 * GUICHET + 3 * account) % 97
        bban = f"{BANQUE:05d}{GUICHET:05d}{account:011d}{key:02d}"
        return f"FR{98 - int(bban + '152700') % 97:02d}{bban}"


def siret(number: int) -> str:
    """Give the SIRET of a company that does not exist, with both its keys."""
    start = f"9990{number:04d}"
    siren = start + luhn.calc_check_digit(start)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


def euros(cents: int) -> Decimal:
    """Give an amount from its cents."""
    return Decimal(cents).scaleb(-2)
