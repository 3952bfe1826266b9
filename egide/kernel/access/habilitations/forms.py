"""What an administrator types to grant or take back a habilitation."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms

LONGEST = timedelta(days=3 * 366)


class GrantForm(forms.Form):
    """A habilitation: who, which role, where, until when, why."""

    agent = forms.ChoiceField(label="Agent")
    role = forms.ChoiceField(label="Rôle")
    services = forms.MultipleChoiceField(
        label="Services", widget=forms.CheckboxSelectMultiple, help_text="Au moins un."
    )
    start = forms.DateField(
        label="Du", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    end = forms.DateField(
        label="Au",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Une habilitation prend toujours fin : trois ans au plus.",
    )
    motif = forms.CharField(
        label="Motif", max_length=500, help_text="Par exemple : affectation, remplacement."
    )
    cumul = forms.BooleanField(
        label="J’accorde ce rôle malgré le cumul",
        required=False,
        help_text="À cocher seulement si ce rôle doit rester séparé d’un rôle déjà tenu.",
    )
    cumul_motif = forms.CharField(
        label="Motif du cumul",
        max_length=500,
        required=False,
        help_text="Pourquoi ce cumul, et qui contrôle à la place. Il reste visible à chaque revue.",
    )

    def __init__(
        self, *args: Any, choices: dict[str, list[tuple[str, str]]], on: date, **kwargs: Any
    ) -> None:
        """Offer what the organisme has, and a year from the day."""
        super().__init__(*args, **kwargs)
        for name, values in choices.items():
            # Nobody is granted anything by the mere order of a list.
            first = [] if name == "services" else [("", "Choisir…")]
            self.fields[name].choices = [*first, *values]  # type: ignore[attr-defined]
        self.on = on
        self.fields["start"].initial = on
        self.fields["end"].initial = on + timedelta(days=364)
        if not self.is_bound or not {"cumul", "cumul_motif"} & {
            k for k, v in self.data.items() if v
        }:
            for name in ("cumul", "cumul_motif"):  # asked for once two roles meet
                self.fields[name].widget = self.fields[name].hidden_widget()

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it starts, is over, or lasts too long."""
        data = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if start and end:
            if end < start:
                self.add_error("end", "La fin précède le début : corrigez l’une des deux dates.")
            elif end < self.on:
                self.add_error("end", "Cette période est déjà passée : choisissez une fin à venir.")
            elif start < self.on:
                self.add_error("start", "Rien ne s’antidate : partez d’aujourd’hui.")
            elif end - start > LONGEST:
                self.add_error("end", "La période dépasse trois ans : rapprochez la fin.")
        if data.get("cumul") and not data.get("cumul_motif"):
            self.add_error("cumul_motif", "Un cumul se justifie : écrivez pourquoi.")
        return data

    def warn(self, cumuls: Iterable[str]) -> None:
        """Say which roles meet, and ask for the confirmation with its reason."""
        self.fields["cumul"].widget = forms.CheckboxInput()
        self.fields["cumul_motif"].widget = forms.TextInput()
        for cumul in cumuls:
            self.add_error("role", cumul)
        self.add_error("cumul", "Cochez pour confirmer, et donnez le motif ; ou changez de rôle.")


class RevokeForm(forms.Form):
    """Why a habilitation is taken back."""

    motif = forms.CharField(label="Motif du retrait", max_length=500)
