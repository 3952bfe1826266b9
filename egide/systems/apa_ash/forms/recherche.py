"""The search of files: what is looked for, and the key or the number of the page."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.http import urlencode

from egide.systems.apa_ash.models.dossier import Echeance, Etat
from egide.systems.apa_ash.queries.dossiers import REVISION, Filtre

TERM: Final = "q"


class NomForm(forms.Form):
    """The beginning of a name or of a number."""

    q = forms.CharField(
        label="Nom ou numéro",
        max_length=100,
        required=False,
        strip=True,
        help_text="Le début du nom, puis du prénom, ou le début du numéro.",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class RechercheForm(NomForm):
    """A beginning of name or of number, a state, one's own files."""

    etat = forms.ChoiceField(
        label="État",
        choices=[
            ("", "Tous les états"),
            *Etat.choices,
            (REVISION, "Droit ouvert ou suspendu, révision en cours"),
        ],
        required=False,
    )
    miens = forms.BooleanField(label="Mes dossiers seulement", required=False)

    def filtre(self) -> Filtre:
        """Give what is looked for; a wrong value looks for nothing in particular."""
        data: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        return Filtre(
            texte=data.get("q", ""), etat=data.get("etat", ""), miens=data.get("miens", False)
        )


class EcheanceForm(forms.Form):
    """The kind of deadline that the worklist keeps."""

    quoi = forms.ChoiceField(
        label="Échéance",
        choices=[("", "Toutes, sauf les révisions à venir"), *Echeance.choices],
        required=False,
    )

    @property
    def quoi_voulu(self) -> str:
        """Give the kind that is wanted; a wrong one wants them all."""
        return str(self.cleaned_data["quoi"]) if self.is_valid() else ""


def read_key(text: str | None) -> UUID | None:
    """Read the key of a page; a wrong one leads to the first page."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def read_search(request: HttpRequest) -> dict[str, str]:
    """Read what is looked for: the term by POST alone, since histories and logs keep addresses."""
    if request.method == "POST":
        return {k: v for k, v in request.POST.items() if isinstance(v, str)}
    return {k: v for k, v in request.GET.items() if isinstance(v, str) and k != TERM}


def address(here: str, asked: Mapping[str, str]) -> str:
    """Write the address of a list with its filters, but for the term that was looked for."""
    query = urlencode({k: v for k, v in asked.items() if k != TERM and v})
    return f"{here}?{query}" if query else here
