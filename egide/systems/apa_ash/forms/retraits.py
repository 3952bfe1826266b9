"""Forms of withdrawals: why a debt was not owed, and what is decided; no sum is ever typed."""

from datetime import date
from typing import Any

from django import forms
from django.db import models

from egide.systems.apa_ash.forms.champs import Jour, Saisi
from egide.systems.apa_ash.forms.paiement import motif_field
from egide.systems.apa_ash.models.remise import FondementRetrait
from egide.systems.apa_ash.services.retraits import DemandeRetrait


class SortRetrait(models.TextChoices):
    """What is decided of a request."""

    RETRAIT = "retrait", "Retirer ce qui n’est pas dû, tel que calculé"
    REFUS = "refus", "Maintenir l’indu"


class DemandeRetraitForm(Saisi):
    """On what ground a debt is to be withdrawn, since when, and why."""

    fondement = forms.TypedChoiceField(
        label="Fondement",
        coerce=FondementRetrait,
        choices=FondementRetrait.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites pourquoi l’indu n’est pas dû."},
    )
    demandee_on = Jour(label="Recours reçu le, ou erreur relevée le")
    motif = motif_field("Motif de la demande")

    def __init__(self, *args: Any, on: date, **options: Any) -> None:
        """Offer today."""
        super().__init__(*args, **options)
        self.fields["demandee_on"].initial = on
        self.fields["motif"].help_text = "N’écrivez aucune donnée de santé."

    @property
    def demande(self) -> DemandeRetrait:
        """Give what is asked as the act takes it."""
        data = self.cleaned_data
        return DemandeRetrait(data["fondement"], data["demandee_on"], data["motif"])


class DecisionRetraitForm(forms.Form):
    """What is decided, of what was read, and why."""

    lu = forms.DecimalField(max_digits=10, decimal_places=2, widget=forms.HiddenInput)
    sort = forms.ChoiceField(
        label="Décision",
        choices=SortRetrait.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une décision."},
    )
    motif = motif_field("Motif, tel qu’il sera écrit au débiteur")
