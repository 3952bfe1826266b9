"""What the head of a service fills to give files to someone else."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms

from egide.systems.apa_ash.forms.personnes import REQUIRED
from egide.systems.apa_ash.models import Dossier


class ReaffectationForm(forms.Form):
    """The files, who follows them from now on, and why."""

    dossiers = forms.MultipleChoiceField(
        label="Dossiers",
        widget=forms.MultipleHiddenInput,
        error_messages={
            "required": "Cochez au moins un dossier.",
            "invalid_choice": "Un des dossiers cochés n’est plus dans cette liste : recommencez.",
        },
    )
    instructeur = forms.ChoiceField(
        label="Nouvel instructeur ou nouvelle instructrice",
        error_messages={"required": "Choisissez qui suivra ces dossiers."},
    )
    motif = forms.CharField(
        label="Motif",
        max_length=300,
        error_messages=REQUIRED,
        help_text="Par exemple : départ, congé, équilibre des portefeuilles. Il reste au journal.",
    )

    def __init__(
        self,
        *args: Any,
        dossiers: Sequence[Dossier],
        instructeurs: Mapping[UUID, str],
        **options: Any,
    ) -> None:
        """Offer the files of the page and those who may follow them."""
        super().__init__(*args, **options)
        self.fields["dossiers"].choices = [(str(d.pk), d.numero) for d in dossiers]  # type: ignore[attr-defined]  # a choice field
        people = [(str(pk), nom) for pk, nom in instructeurs.items()]
        self.fields["instructeur"].choices = [("", "Choisir…"), *people]  # type: ignore[attr-defined]  # a choice field

    def chosen(self) -> list[str]:
        """Give the files that were ticked, so that a mistake elsewhere does not untick them."""
        return list(self.data.getlist("dossiers")) if self.is_bound else []  # type: ignore[attr-defined]  # a query dict
