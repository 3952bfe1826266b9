"""The form of a new campaign: the year whose 1 January it applies, and the service."""

import uuid
from datetime import date
from typing import Any

from django import forms

from egide.systems.apa_ash.forms.champs import Saisi


class CampagneForm(Saisi):
    """A year and a service of the agent."""

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
