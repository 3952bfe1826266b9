"""Forms of the follow-up of debts: which ones to show, and a repayment."""

from datetime import date
from decimal import Decimal

from django import forms

from egide.systems.apa_ash.forms.champs import LARGEST, Jour, Positif, Saisi
from egide.systems.apa_ash.queries.indus import Suivi
from egide.systems.apa_ash.services.indus_a_signer import SuiteSansMotif
from egide.systems.apa_ash.services.remboursements import Recu


class SuiviForm(forms.Form):
    """The state of the debts to show."""

    etat = forms.ChoiceField(label="Indus", choices=Suivi.choices, required=False)


class NotificationForm(forms.Form):
    """The total that the signatory read: a debt proposed meanwhile is read before it is signed."""

    lu = forms.DecimalField(max_digits=10, decimal_places=2, widget=forms.HiddenInput)


class AbandonForm(forms.Form):
    """Why a debt that nobody was told of is dropped."""

    motif = forms.CharField(
        label="Pourquoi cette somme n’est pas due",
        max_length=300,
        help_text="Conservé avec l’indu. N’écrivez aucune donnée de santé.",
        error_messages={"required": SuiteSansMotif.message},
    )


class RemboursementForm(Saisi):
    """What was received, and when; what is left bounds it."""

    montant = Positif(label="Montant reçu, en euros", max_value=LARGEST)
    recu_on = Jour(label="Reçu le")

    def __init__(self, *args: object, reste: Decimal, on: date, **options: object) -> None:
        """Offer what is left, today."""
        super().__init__(*args, **options)
        self.fields["montant"].initial = reste
        self.fields["recu_on"].initial = on

    @property
    def recu(self) -> Recu:
        """Give what was received as the act takes it."""
        return Recu(self.cleaned_data["montant"], self.cleaned_data["recu_on"])
