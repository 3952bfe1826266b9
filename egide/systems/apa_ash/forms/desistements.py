"""The form of a request that its person gives up."""

from datetime import date

from django import forms

from egide.systems.apa_ash.forms.champs import Jour
from egide.systems.apa_ash.forms.decision import CANAUX, ActeForm


class DesistementForm(ActeForm):
    """The day on which the person gave her request up, and how she said so."""

    desiste_on = Jour(label="Demande retirée le")
    canal = forms.ChoiceField(
        label="Dit par",
        choices=CANAUX,
        help_text="Gardez l’écrit de la personne, ou faites-lui signer sa déclaration au guichet.",
    )

    def set_defaults(self) -> None:
        """Carry no token: a request is given up once."""
        del self.fields["jeton"]
        self.fields["desiste_on"].initial = self.on

    def clean_desiste_on(self) -> date:
        """Refuse a day still to come."""
        return self.check_past("desiste_on", nom="La date du désistement")
