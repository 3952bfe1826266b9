"""What a signatory ticks to sign several decisions, and writes to send one back."""

from collections.abc import Sequence
from typing import Any

from django import forms

from egide.systems.apa_ash.models import ProjetDecision
from egide.systems.apa_ash.services.projets import RenvoiSansMotif


class SignatureForm(forms.Form):
    """The decisions to sign together."""

    projets = forms.MultipleChoiceField(
        label="Décisions",
        widget=forms.MultipleHiddenInput,
        error_messages={
            "required": "Cochez au moins une décision.",
            "invalid_choice": "Une des décisions cochées n’est plus à signer : recommencez.",
        },
    )

    def __init__(self, *args: Any, projets: Sequence[ProjetDecision], **options: Any) -> None:
        """Offer the decisions of the page that the agent did not prepare."""
        super().__init__(*args, **options)
        choices = [(str(p.pk), p.dossier.numero) for p in projets]
        self.fields["projets"].choices = choices  # type: ignore[attr-defined]  # a choice field


class RenvoiForm(forms.Form):
    """Why a decision is not signed."""

    motif = forms.CharField(
        label="Ce qui est à reprendre",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Lu par qui a préparé la décision. N’écrivez aucune donnée de santé.",
        error_messages={"required": RenvoiSansMotif.message},
    )
