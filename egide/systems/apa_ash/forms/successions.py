"""The form of who answers for an estate."""

from datetime import date

from django import forms

from egide.systems.apa_ash.forms.champs import APA_START, Jour, check_past
from egide.systems.apa_ash.forms.personnes import CODE_POSTAL, REQUIRED, FormOfTheDay
from egide.systems.apa_ash.models.personne import QualiteSuccession, SourceSuccession
from egide.systems.apa_ash.services.successions import Correspondant


class SuccessionForm(FormOfTheDay):
    """A name and an address: what a letter needs."""

    qualite = forms.ChoiceField(label="Qualité", choices=QualiteSuccession.choices)
    nom = forms.CharField(label="Nom", max_length=150, error_messages=REQUIRED)
    adresse = forms.CharField(label="Adresse", max_length=200, error_messages=REQUIRED)
    code_postal = forms.CharField(
        label="Code postal", max_length=5, validators=[CODE_POSTAL], error_messages=REQUIRED
    )
    commune = forms.CharField(label="Commune", max_length=100, error_messages=REQUIRED)
    depuis_on = Jour(label="Connu depuis le")
    source = forms.ChoiceField(label="Connu par", choices=SourceSuccession.choices)

    def clean_depuis_on(self) -> date:
        """Refuse a day to come."""
        day: date = self.cleaned_data["depuis_on"]
        return check_past(day, on=self.on, first=APA_START, nom="Cette date")

    @property
    def correspondant(self) -> Correspondant:
        """Give what was typed as the act takes it."""
        return Correspondant(**{name: self.cleaned_data[name] for name in self.base_fields})
