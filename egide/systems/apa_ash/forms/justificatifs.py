"""Forms of the proofs of expense: what is asked, and their arrival."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from egide.systems.apa_ash.forms.champs import APA_START, Jour, Saisi, check_past
from egide.systems.apa_ash.models import Prestataire
from egide.systems.apa_ash.services.justificatifs import Periode

PERSONNE = "personne"


def _destinataire(value: str) -> UUID | None:
    return None if value == PERSONNE else UUID(value)


class DemandeJustificatifsForm(Saisi):
    """Of whom, over which days."""

    prestataire = forms.TypedChoiceField(
        label="À qui",
        coerce=_destinataire,
        error_messages={"invalid_choice": "Choisissez un destinataire de la liste."},
    )
    depuis = Jour(label="Dépenses faites depuis le")
    jusqu_on = Jour(label="Jusqu’au")
    precisions = forms.CharField(
        label="Précisions",
        max_length=300,
        required=False,
        help_text="Elles figurent dans le courrier. N’écrivez aucune donnée de santé.",
    )

    def __init__(
        self, *args: Any, services: Iterable[Prestataire], on: date, **options: Any
    ) -> None:
        """Offer the person and the services of the file."""
        super().__init__(*args, **options)
        self.on = on
        choices = [(PERSONNE, "La personne"), *((str(s.pk), s.nom) for s in services)]
        self.fields["prestataire"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean_jusqu_on(self) -> date:
        """Refuse days to come."""
        day: date = self.cleaned_data["jusqu_on"]
        return check_past(day, on=self.on, first=APA_START, nom="Cette date")

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        data = super().clean() or self.cleaned_data
        depuis, jusqu_on = data.get("depuis"), data.get("jusqu_on")
        if depuis and jusqu_on and depuis > jusqu_on:
            self.add_error("jusqu_on", "La période s’achève avant de commencer.")
        return data

    @property
    def periode(self) -> Periode:
        """Give the days as the act takes them."""
        data = self.cleaned_data
        return Periode(data["depuis"], data["jusqu_on"], data["precisions"])


class ArriveeForm(forms.Form):
    """The day on which proofs came."""

    recue_on = Jour(label="Reçus le")
