"""The form that takes in a file of hours or invoices."""

from typing import Any
from uuid import UUID

from django import forms

from egide.systems.apa_ash.forms.champs import Fichier


class RelevesForm(forms.Form):
    """What the file holds, for which service, and the file."""

    nature = forms.ChoiceField(
        label="Contenu",
        choices=[("heures", "Heures réalisées"), ("factures", "Factures")],
        widget=forms.RadioSelect,
    )
    service = forms.TypedChoiceField(label="Service", coerce=UUID)
    fichier = Fichier(
        label="Fichier", help_text="CSV (UTF-8) ou message XML ESPPADOM, 20 Mo au plus."
    )

    def __init__(self, *args: Any, services: dict[UUID, str], **kwargs: Any) -> None:
        """Offer the agent's services; a single one is not asked for."""
        super().__init__(*args, **kwargs)
        field = self.fields["service"]
        field.choices = list(services.items())  # type: ignore[attr-defined]  # a choice field
        if len(services) == 1:
            field.widget = forms.HiddenInput()
            field.initial = next(iter(services))
