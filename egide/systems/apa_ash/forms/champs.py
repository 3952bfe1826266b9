"""Fields that the forms share: days, amounts with a comma or a dot, and the token of one entry."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from egide.systems.apa_ash.fichiers import defauts

LARGEST = Decimal("99999999.99")
FIRST_BIRTH = date(1890, 1, 1)
LAST_DAY = date(2100, 1, 1)  # a slip of the year: no act of an agent reaches so far
F = TypeVar("F", bound=forms.Form)
APA_START = date(2002, 1, 1)  # the APA exists since then


class Jour(forms.DateField):
    """A day, as `jj/mm/aaaa` or as a date control sends it."""

    def __init__(self, **options: Any) -> None:
        """Set how a day is typed and what to say when it is not one."""
        options.setdefault(
            "error_messages",
            {
                "required": "Indiquez une date.",
                "invalid": "Cette date n’existe pas : écrivez-la sous la forme jj/mm/aaaa.",
            },
        )
        super().__init__(
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            **options,
        )

    def to_python(self, value: str | datetime | date | None) -> date | None:
        """Read the day; a year that nobody lives is told as such."""
        day: date | None = super().to_python(value)
        check_year(day)
        return day


def check_year(day: date | None) -> None:
    """Refuse a day that is older than anybody, or that nobody will see."""
    if day is not None and not FIRST_BIRTH <= day <= LAST_DAY:
        raise ValidationError("Cette année n’est pas vraisemblable : vérifiez-la.")


class Coche(forms.TypedChoiceField):
    """One of a closed list, nothing being ticked before."""

    def __init__(self, kind: type[models.TextChoices], *, label: str, required: str) -> None:
        """Set what is offered, and what to say when nothing is ticked."""
        super().__init__(
            label=label,
            coerce=kind,
            choices=kind.choices,
            widget=forms.RadioSelect,
            error_messages={"required": required},
        )


class Fichier(forms.FileField):
    """A file that is sent, refused for its size before it is read."""

    default_error_messages: ClassVar = {
        "required": "Choisissez un fichier.",
        "empty": "Ce fichier est vide.",
        "missing": "Choisissez un fichier.",
    }

    def clean(self, data: Any, initial: Any = None) -> Any:  # noqa: ANN401 -- Django's uploaded file
        """Measure the file."""
        fichier = super().clean(data, initial)
        if fichier and fichier.size > defauts.TAILLE_MAX:
            raise ValidationError(defauts.TROP_GRAND)
        return fichier


class DecimalFr(forms.DecimalField):
    """A number of two decimals at most, typed and shown with a comma; a dot is read too."""

    def __init__(self, **options: Any) -> None:
        """Set how the number is typed."""
        super().__init__(
            decimal_places=2,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "n"}),
            **options,
        )

    def to_python(self, value: Any) -> Any:  # noqa: ANN401 -- Django types it loosely
        """Read French and dotted notations alike."""
        if isinstance(value, str):
            value = value.translate({ord(c): None for c in " \u00a0\u202f€"}).replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401 -- Django types it loosely
        """Show a stored number with a comma."""
        return str(value).replace(".", ",") if isinstance(value, Decimal) else value


class Montant(DecimalFr):
    """An amount of euros to the cent, never negative."""

    default_error_messages: ClassVar = {
        "required": "Indiquez un montant.",
        "invalid": "Écrivez un montant en chiffres, par exemple 1 250,50.",
        "min_value": "Un montant ne peut pas être négatif.",
        "max_value": "Ce montant dépasse 99 999 999,99 €.",
        "max_decimal_places": "Écrivez au plus deux décimales.",
    }

    def __init__(self, **options: Any) -> None:
        """Set the bounds."""
        super().__init__(min_value=Decimal(0), max_value=LARGEST, **options)


class Positif(DecimalFr):
    """A number above zero, up to the given maximum."""

    default_error_messages: ClassVar = {
        "invalid": "Saisissez un nombre, par exemple 24,58.",
        "max_decimal_places": "Deux décimales au plus.",
        "min_value": "Le nombre doit être supérieur à zéro.",
        "max_value": "Le nombre est trop grand.",
        "max_digits": "Le nombre est trop grand.",
        "max_whole_digits": "Le nombre est trop grand.",
    }

    def __init__(self, **options: Any) -> None:
        """Bound the number by a hundredth."""
        super().__init__(min_value=Decimal("0.01"), **options)


class Saisi(forms.Form):
    """A form whose hidden token becomes the id of what it creates: a replay creates once."""

    jeton = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give a fresh token to a fresh form."""
        super().__init__(*args, **options)
        self.fields["jeton"].initial = uuid.uuid4


def ids_of(row: UUID) -> str:
    """Keep apart the fields of the forms that one page shows, one for each row."""
    return f"id_%s_{row}"


def form_of(row: UUID, form_class: type[F], *, refused: forms.Form | None, **options: Any) -> F:
    """Give the small form of one row of a page: as it was refused, or anew."""
    ids = ids_of(row)
    if isinstance(refused, form_class) and refused.auto_id == ids:
        return refused
    return form_class(auto_id=ids, **options)


def check_past(day: date, *, on: date, first: date, nom: str) -> date:
    """Refuse a day after today, or before anything that could be meant."""
    if day > on:
        raise ValidationError(f"{nom} est dans l’avenir : vérifiez l’année.")
    if day < first:
        raise ValidationError(f"{nom} est trop ancienne : vérifiez l’année.")
    return day
