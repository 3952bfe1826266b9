"""Forms of remissions and withdrawals: what is asked of a debt, and what is decided."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models

from egide.systems.apa_ash.forms.champs import LARGEST, Coche, Jour, Positif, Saisi
from egide.systems.apa_ash.forms.paiement import motif_field
from egide.systems.apa_ash.models.remise import FondementRetrait, OrigineRemise
from egide.systems.apa_ash.services.remises import Demande
from egide.systems.apa_ash.services.retraits import DemandeRetrait


class Sort(models.TextChoices):
    """What is decided of a request for remission."""

    TOTALE = "totale", "Remettre tout ce qui reste"
    PARTIELLE = "partielle", "Remettre une partie"
    REFUS = "refus", "Refuser la remise"


class SortRetrait(models.TextChoices):
    """What is decided of a request for withdrawal."""

    RETRAIT = "retrait", "Retirer ce qui n’est pas dû, tel que calculé"
    REFUS = "refus", "Maintenir l’indu"


class AskForm(Saisi):
    """What is asked of a debt, when and why; what is ticked first is said by each request."""

    demandee_on = Jour(label="Demandée le")
    motif = motif_field("Motif de la demande")

    def __init__(self, *args: Any, on: date, **options: Any) -> None:
        """Offer today."""
        super().__init__(*args, **options)
        self.fields["demandee_on"].initial = on
        self.fields["motif"].help_text = "N’écrivez aucune donnée de santé."


class DemandeRemiseForm(AskForm):
    """Who asks for the remission of a debt."""

    field_order = ("jeton", "origine")

    origine = Coche(OrigineRemise, label="Origine", required="Dites qui demande la remise.")

    @property
    def demande(self) -> Demande:
        """Give what is asked as the act takes it."""
        data = self.cleaned_data
        return Demande(data["origine"], data["demandee_on"], data["motif"])


class DemandeRetraitForm(AskForm):
    """On what ground a debt is to be withdrawn; no sum is ever typed."""

    field_order = ("jeton", "fondement")

    fondement = Coche(
        FondementRetrait, label="Fondement", required="Dites pourquoi l’indu n’est pas dû."
    )
    demandee_on = Jour(label="Recours reçu le, ou erreur relevée le")

    @property
    def demande(self) -> DemandeRetrait:
        """Give what is asked as the act takes it."""
        data = self.cleaned_data
        return DemandeRetrait(data["fondement"], data["demandee_on"], data["motif"])


class DecisionRemiseForm(forms.Form):
    """What is decided: all, a part or nothing, and why."""

    sort = Coche(Sort, label="Décision", required="Choisissez une décision.")
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


class DecisionRetraitForm(forms.Form):
    """What is decided, of what was read, and why."""

    lu = forms.DecimalField(max_digits=10, decimal_places=2, widget=forms.HiddenInput)
    sort = Coche(SortRetrait, label="Décision", required="Choisissez une décision.")
    motif = motif_field("Motif, tel qu’il sera écrit au débiteur")

    def read_again(self, du: Decimal) -> None:
        """Decide next of what the page shows, not of what was read before."""
        if self.is_bound:
            self.data = {**self.data, "lu": str(du)}
        self.initial["lu"] = du
