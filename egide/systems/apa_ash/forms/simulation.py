"""The form of a simulation: what it takes for granted, and what the file proposes."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from egide.systems.apa_ash.forms.champs import APA_START, Jour, Montant
from egide.systems.apa_ash.queries.decision import Hypotheses, Situation, read_hypotheses

GIRS = [(gir, f"GIR\u00a0{gir}") for gir in range(1, 7)]


class SimulationForm(forms.Form):
    """Hypotheses of a simulation: changed freely, kept nowhere."""

    effet_on = Jour(label="Date d’effet")
    gir = forms.TypedChoiceField(label="GIR", choices=[("", "À choisir"), *GIRS], coerce=int)
    ressources_mensuelles = Montant(label="Ressources mensuelles du foyer")
    couple = forms.BooleanField(label="Vit en couple", required=False)
    plan_mensuel = Montant(label="Montant mensuel du plan")

    def hypotheses(self) -> Hypotheses:
        """Give what was typed."""
        return Hypotheses(**self.cleaned_data)

    def clean_effet_on(self) -> date:
        """Keep to days for which the law is written here."""
        day: date = self.cleaned_data["effet_on"]
        if not APA_START <= day <= date(APA_START.year + 100, 1, 1):
            raise forms.ValidationError("L’APA existe depuis le 1er janvier 2002.")
        return day


def initial_simulation(situation: Situation, *, on: date) -> dict[str, Any]:
    """Give the hypotheses of the file to a fresh simulation; what it does not hold stays empty."""
    found = read_hypotheses(situation, effet_on=on)
    return {
        "effet_on": found.effet_on,
        "gir": found.gir if situation.plan or situation.evaluation else None,
        "ressources_mensuelles": (
            _typed(found.ressources_mensuelles) if situation.ressources_on(on) else ""
        ),
        "couple": found.couple,
        "plan_mensuel": _typed(found.plan_mensuel) if found.plan_mensuel else "",
    }


def _typed(amount: Decimal) -> str:
    """Write an amount as one types it."""
    return str(amount).replace(".", ",")
