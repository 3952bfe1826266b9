"""Forms of remissions: what is asked of a debt, and what is decided."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models

from egide.systems.apa_ash.forms.champs import LARGEST, Jour, Positif, Saisi
from egide.systems.apa_ash.forms.paiement import motif_field
from egide.systems.apa_ash.models.remise import OrigineRemise
from egide.systems.apa_ash.services.remises import Demande


class Sort(models.TextChoices):
    """What is decided of a request."""

    TOTALE = "totale", "Remettre tout ce qui reste"
    PARTIELLE = "partielle", "Remettre une partie"
    REFUS = "refus", "Refuser la remise"


class DemandeRemiseForm(Saisi):
    """Who asks for the remission of a debt, when, and why."""

    origine = forms.TypedChoiceField(
        label="Origine",
        coerce=OrigineRemise,
        choices=OrigineRemise.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites qui demande la remise."},
    )
    demandee_on = Jour(label="Demandée le")
    motif = motif_field("Motif de la demande")

    def __init__(self, *args: Any, on: date, **options: Any) -> None:
        """Offer today."""
        super().__init__(*args, **options)
        self.fields["demandee_on"].initial = on
        self.fields["motif"].help_text = "N’écrivez aucune donnée de santé."

    @property
    def demande(self) -> Demande:
        """Give what is asked as the act takes it."""
        data = self.cleaned_data
        return Demande(data["origine"], data["demandee_on"], data["motif"])


class DecisionRemiseForm(forms.Form):
    """What is decided: all, a part or nothing, and why."""

    sort = forms.ChoiceField(
        label="Décision",
        choices=Sort.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une décision."},
    )
    montant = Positif(
        label="Somme remise, en euros",
        max_value=LARGEST,
        required=False,
        help_text="Pour une remise partielle seulement.",
    )
    motif = motif_field("Motif, tel qu’il sera écrit au débiteur")

    def clean(self) -> dict[str, Any]:
        """Ask for a sum with a part, and for none otherwise."""
        data = super().clean() or self.cleaned_data
        if "montant" in self.errors or "sort" not in data:
            return data
        partial = data["sort"] == Sort.PARTIELLE
        if partial and data.get("montant") is None:
            self.add_error("montant", "Indiquez la somme remise.")
        elif not partial and data.get("montant") is not None:
            self.add_error("montant", "Laissez vide\u00a0: la somme suit la décision.")
        return data

    @property
    def montant_remis(self) -> Decimal | None:
        """Give the sum of a partial remission; None is all that is left."""
        found: Decimal | None = self.cleaned_data["montant"]
        return found
