"""The form of a new campaign: the year whose 1 January it applies, and the service."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from egide.systems.apa_ash.forms.champs import DecimalFr, Saisi

HAUSSE_MAX = Decimal(20)
BORNES = "Une hypothèse va de −20 à 20 pour cent."
DECIMALES_DU_POUR_CENT = 2


class CampagneForm(Saisi):
    """A year, a service of the agent, and what may be supposed of S."""

    effet_on = forms.TypedChoiceField(
        label="À effet du",
        coerce=date.fromisoformat,
        error_messages={
            "required": "Choisissez une date d’effet.",
            "invalid_choice": "Choisissez le 1er janvier de cette année ou de l’an prochain.",
        },
    )
    service = forms.TypedChoiceField(
        label="Service",
        coerce=uuid.UUID,
        error_messages={
            "required": "Choisissez un service.",
            "invalid_choice": "Choisissez un de vos services.",
        },
    )

    hypothese = DecimalFr(
        label="Hypothèse : hausse de S, en pour cent",
        required=False,
        min_value=-HAUSSE_MAX,
        max_value=HAUSSE_MAX,
        help_text="Vide pour les chiffres en vigueur. Sinon, plafonds et participation simulés "
        "comme si S de l’année qui s’achève avait varié d’autant : la campagne se lit, elle ne "
        "s’applique jamais.",
        error_messages={
            "invalid": "Écrivez un nombre, par exemple 1,7.",
            "min_value": BORNES,
            "max_value": BORNES,
        },
    )

    @property
    def hausse(self) -> Decimal | None:
        """Give the rate that is supposed, as the act takes it."""
        typed: Decimal | None = self.cleaned_data["hypothese"]
        return None if typed is None else typed.scaleb(-DECIMALES_DU_POUR_CENT)

    def __init__(self, *args: Any, on: date, services: dict[uuid.UUID, str], **kwargs: Any) -> None:
        """Offer the two 1 Januaries around a day, the next one first, and the agent's services."""
        super().__init__(*args, **kwargs)
        days = [date(year, 1, 1) for year in (on.year + 1, on.year)]
        self.fields["effet_on"].choices = [  # type: ignore[attr-defined]  # a choice field
            (day.isoformat(), f"1er janvier {day.year}") for day in days
        ]
        field = self.fields["service"]
        field.choices = list(services.items())  # type: ignore[attr-defined]  # a choice field
        if len(services) == 1:
            field.widget = forms.HiddenInput()
            field.initial = next(iter(services))
