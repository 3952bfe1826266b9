"""Forms of the control: what to compare, an excess payment, a service that helps at home."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from egide.rules.identifiants.organismes import read_finess, read_siret
from egide.systems.apa_ash.forms.champs import Coche, Montant, Saisi
from egide.systems.apa_ash.forms.paiement import IbanField, MonthField, motif_field
from egide.systems.apa_ash.models.plan import ModeReglement
from egide.systems.apa_ash.services.indu import TropPercu

HIGHEST_TARIF = Decimal("999.99")


class ComparaisonForm(forms.Form):
    """The month, the service and the person to look at."""

    mois = MonthField(label="Mois", required=False)
    prestataire = forms.TypedChoiceField(
        label="Prestataire", coerce=UUID, required=False, empty_value=None
    )
    q = forms.CharField(label="Numéro ou nom", max_length=100, required=False)

    def __init__(self, *args: Any, prestataires: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the services of the organisme."""
        super().__init__(*args, **kwargs)
        self.fields["prestataire"].choices = [("", "Tous"), *prestataires]  # type: ignore[attr-defined]  # a choice field


class TropPercusField(forms.Field):
    """Months and who was paid for each, `2026-10` or `2026-10/` then the service."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "required": "Choisissez au moins un versement.",
        "invalid": "Choix inconnu.",
    }

    def to_python(self, value: Sequence[str] | None) -> list[TropPercu]:
        """Read the pairs, each once; whether anything is undue is the act's to say."""
        try:
            return [_read_trop_percu(text) for text in dict.fromkeys(value or ())]
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"]) from None


def _read_trop_percu(text: str) -> TropPercu:
    mois, _, payee = text.partition("/")
    return TropPercu(date.fromisoformat(f"{mois}-01"), UUID(payee) if payee else None)


class InduForm(Saisi):
    """The payments that were too high, and why; the amounts are computed."""

    quoi = TropPercusField(label="Mois et bénéficiaires des versements")
    motif = motif_field("Motif, tel qu’il sera écrit à qui a été payé")
    fraude = forms.BooleanField(
        label="Fraude ou fausse déclaration établie (prescription de cinq ans)", required=False
    )

    def __init__(
        self, *args: Any, undue: list[tuple[str, str]] | None = None, **kwargs: Any
    ) -> None:
        """Offer what is left to record."""
        super().__init__(*args, **kwargs)
        self.fields["quoi"].widget.choices = undue or []


class DebiteurForm(forms.Form):
    """Who owes: a service, or the person when it is empty."""

    prestataire = forms.UUIDField(required=False)


class ReglementForm(forms.Form):
    """How a service is paid, from a month to come."""

    mode = Coche(
        ModeReglement, label="Mode de règlement", required="Choisissez un mode de règlement."
    )
    depuis = MonthField(
        label="À partir du mois",
        help_text="Au plus tôt le mois prochain ; les mois commencés gardent leur mode.",
    )


class PrestataireForm(Saisi):
    """A service that helps at home, with identifiers whose keys are checked."""

    nom = forms.CharField(label="Nom", max_length=150)
    siret = forms.CharField(label="SIRET", max_length=20, help_text="14 chiffres")
    finess = forms.CharField(
        label="FINESS", max_length=12, required=False, help_text="9 caractères"
    )
    adresse = forms.CharField(
        label="Adresse",
        max_length=200,
        error_messages={"required": "Indiquez l’adresse : les courriers du contrôle y partent."},
        help_text="Où lui écrire : rue, code postal et commune",
    )
    tarif_horaire = Montant(label="Tarif horaire")
    iban = IbanField(
        label="IBAN", required=False, help_text="Nécessaire pour verser l’APA au service."
    )
    actif = forms.BooleanField(label="En activité", required=False, initial=True)

    def clean_siret(self) -> str:
        """Check the SIRET and its key."""
        siret = read_siret(self.cleaned_data["siret"])
        if not siret.valide:
            raise forms.ValidationError("SIRET inexact : 14 chiffres, dont une clé.")
        return siret.normalise

    def clean_finess(self) -> str:
        """Check the FINESS and its key, if there is one."""
        if not self.cleaned_data["finess"]:
            return ""
        finess = read_finess(self.cleaned_data["finess"])
        if not finess.valide:
            raise forms.ValidationError("FINESS inexact : 9 caractères, dont une clé.")
        return finess.normalise

    def clean_tarif_horaire(self) -> Decimal:
        """Refuse a tariff of zero or beyond what an hour can cost."""
        tarif: Decimal = self.cleaned_data["tarif_horaire"]
        if not 0 < tarif <= HIGHEST_TARIF:
            raise forms.ValidationError("Le tarif horaire est entre 0,01 € et 999,99 €.")
        return tarif
