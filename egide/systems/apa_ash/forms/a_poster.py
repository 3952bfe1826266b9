"""Which letters of a page are printed or posted, and the day on which they left."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from egide.systems.apa_ash.forms.champs import Jour
from egide.systems.apa_ash.queries.a_poster import PAGE
from egide.systems.apa_ash.queries.courriers import LABELS

TOUTE_LA_PAGE = "page"
NOTE_TARD = (
    "Notez le dépôt sans attendre\u00a0: noté tard, les délais laissés à la personne courent du "
    "jour où vous le notez, à quelques jours près."
)


class NatureForm(forms.Form):
    """One kind of letter, with how many of them wait."""

    quoi = forms.ChoiceField(label="Courriers", required=False)

    def __init__(self, *args: Any, counts: Mapping[str, int], **options: Any) -> None:
        """Offer the kinds that wait, in the order of a procedure."""
        super().__init__(*args, **options)
        kinds = [(n, f"{LABELS[n]} ({counts[n]})") for n in LABELS if n in counts]
        total = sum(counts.values())
        choices = [("", f"Tous ({total})"), *kinds]
        self.fields["quoi"].choices = choices  # type: ignore[attr-defined]  # a choice field

    @property
    def quoi_voulu(self) -> str:
        """Give the kind that is asked for, and no other word."""
        return self.cleaned_data.get("quoi", "") if self.is_valid() else ""


class PosteForm(forms.Form):
    """The day on which letters left; that it may be is said by the act."""

    poste_on = Jour(label="Postés le", help_text=NOTE_TARD)


def read_chosen(data: QueryDict) -> list[UUID]:
    """Read the letters that are ticked, or all those of the page; more than a page is none."""
    whole = data.get("portee") == TOUTE_LA_PAGE
    asked = dict.fromkeys(data.getlist("page_courriers" if whole else "courriers"))
    if len(asked) > PAGE:
        return []
    try:
        return [UUID(text) for text in asked]
    except ValueError:
        return []
