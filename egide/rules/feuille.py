"""What every feuille de calcul can do: be stored exactly, and be read again without computing."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self, get_type_hints


@dataclass(frozen=True, slots=True)
class Feuille:
    """The steps of a computation as plain fields: days, amounts, texts, exact rates."""

    def as_json(self) -> dict[str, Any]:
        """Give the feuille as plain values, exact, to store with the act."""
        return {item.name: _to_json(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read a feuille as it was stored, without computing anything again."""
        hints = get_type_hints(cls)
        return cls(
            **{
                item.name: _from_json(stored[item.name], kind=hints[item.name])
                for item in fields(cls)
            }
        )


def _to_json(value: object) -> object:
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, Mapping):
        return {nom: str(chiffre) for nom, chiffre in value.items()}
    return list(value) if isinstance(value, tuple) else str(value)


def _from_json(value: Any, *, kind: Any) -> Any:  # noqa: ANN401 - the kind gives the type
    if kind in (int, bool, str) or value is None:
        return value
    if kind is date:
        return date.fromisoformat(value)
    if kind is Fraction:
        return Fraction(value)
    if isinstance(value, Mapping):
        return {nom: Decimal(chiffre) for nom, chiffre in value.items()}
    return tuple(value) if isinstance(value, list) else Decimal(value)
