"""The search of files: what is looked for, and the key of the page."""

from typing import Any
from uuid import UUID

from django import forms

from egide.systems.apa_ash.models.dossier import Etat
from egide.systems.apa_ash.queries.dossiers import Filtre


class RechercheForm(forms.Form):
    """A beginning of name or of number, a state, one's own files."""

    q = forms.CharField(
        label="Nom ou numéro",
        max_length=100,
        required=False,
        strip=True,
        help_text="Le début du nom, puis du prénom, ou le début du numéro.",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    etat = forms.ChoiceField(
        label="État", choices=[("", "Tous les états"), *Etat.choices], required=False
    )
    miens = forms.BooleanField(label="Mes dossiers seulement", required=False)

    def filtre(self) -> Filtre:
        """Give what is looked for; a wrong value looks for nothing in particular."""
        data: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        return Filtre(
            texte=data.get("q", ""), etat=data.get("etat", ""), miens=data.get("miens", False)
        )


def read_key(text: str | None) -> UUID | None:
    """Read the key of a page; a wrong one leads to the first page."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
