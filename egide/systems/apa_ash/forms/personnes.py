"""Forms of the person: civil status, address, NIR, protection, relatives."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from egide.systems.apa_ash.forms.champs import FIRST_BIRTH, Jour, Saisi, check_past
from egide.systems.apa_ash.models.personne import LienConjoint, Mesure, Sexe, SourceNir
from egide.systems.apa_ash.nir import NirInvalide, read_nir
from egide.systems.apa_ash.normalisation import normalise_name
from egide.systems.apa_ash.saisie import Adresse, EtatCivil, EtatConjoint
from egide.systems.apa_ash.services.personnes import Mandataire

CODE_POSTAL = RegexValidator(r"^[0-9]{5}$", "Un code postal compte cinq chiffres.")
TELEPHONE = RegexValidator(
    r"^\+?[0-9\s.\-\u00a0()]{6,20}$", "Écrivez un numéro de téléphone en chiffres."
)
REQUIRED = {"required": "Ce champ est nécessaire."}


class FormOfTheDay(forms.Form):
    """A form that knows the day of its passage."""

    def __init__(self, *args: Any, on: date, **options: Any) -> None:
        """Keep the day."""
        self.on = on
        super().__init__(*args, **options)


class EtatCivilForm(FormOfTheDay):
    """Civil status."""

    nom_naissance = forms.CharField(
        label="Nom de naissance", max_length=100, error_messages=REQUIRED
    )
    nom_usage = forms.CharField(label="Nom d’usage", max_length=100, required=False)
    prenoms = forms.CharField(label="Prénoms", max_length=150, error_messages=REQUIRED)
    sexe = forms.ChoiceField(
        label="Sexe",
        choices=[("", "Choisir…"), *Sexe.choices],
        error_messages={"required": "Choisissez le sexe de l’état civil."},
    )
    naissance_on = Jour(label="Date de naissance")
    naissance_lieu = forms.CharField(label="Lieu de naissance", max_length=120, required=False)

    def clean_nom_naissance(self) -> str:
        """Refuse a name that no letter makes: it could be neither sorted nor found."""
        nom: str = self.cleaned_data["nom_naissance"]
        if not normalise_name(nom):
            raise ValidationError("Écrivez le nom en lettres latines, comme à l’état civil.")
        return nom

    def clean_prenoms(self) -> str:
        """Refuse a first name that no letter makes."""
        prenoms: str = self.cleaned_data["prenoms"]
        if not normalise_name(prenoms):
            raise ValidationError("Écrivez le prénom en lettres latines, comme à l’état civil.")
        return prenoms

    def clean_naissance_on(self) -> date:
        """Refuse an impossible birth."""
        return check_past(
            self.cleaned_data["naissance_on"],
            on=self.on,
            first=FIRST_BIRTH,
            nom="La date de naissance",
        )

    def etat_civil(self) -> EtatCivil:
        """Give what was typed."""
        return EtatCivil(**{name: self.cleaned_data[name] for name in EtatCivilForm.base_fields})


class AdresseForm(FormOfTheDay):
    """Address and ways to reach the person."""

    adresse = forms.CharField(label="Adresse", max_length=200, error_messages=REQUIRED)
    code_postal = forms.CharField(
        label="Code postal", max_length=5, validators=[CODE_POSTAL], error_messages=REQUIRED
    )
    commune = forms.CharField(label="Commune", max_length=100, error_messages=REQUIRED)
    telephone = forms.CharField(
        label="Téléphone", max_length=20, required=False, validators=[TELEPHONE]
    )
    courriel = forms.EmailField(
        label="Courriel",
        required=False,
        error_messages={"invalid": "Cette adresse n’est pas de la forme nom@domaine.fr."},
    )

    def saisie_adresse(self) -> Adresse:
        """Give what was typed."""
        return Adresse(**{name: self.cleaned_data[name] for name in AdresseForm.base_fields})


class NirForm(FormOfTheDay):
    """The number as supplied."""

    nir = forms.CharField(
        label="Numéro de sécurité sociale (NIR)",
        max_length=30,
        required=False,
        help_text="13 caractères, ou 15 avec la clé. Laissez vide s’il n’est pas fourni.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_nir(self) -> str:
        """Refuse a number whose form or key is wrong."""
        nir: str = self.cleaned_data["nir"]
        try:
            read_nir(nir)
        except NirInvalide as error:
            raise ValidationError(str(error)) from error
        return nir


class VerificationForm(FormOfTheDay):
    """What a verification of the NIR answered."""

    source = forms.ChoiceField(
        label="Vérifié auprès de",
        choices=[("", "Choisir…"), *[c for c in SourceNir.choices if c[0]]],
        error_messages={"required": "Choisissez la source consultée."},
    )
    verifie_on = Jour(label="Vérifié le")
    conforme = forms.TypedChoiceField(
        label="Réponse",
        choices=[("oui", "Le numéro est celui de la personne"), ("non", "Le numéro est rejeté")],
        coerce=lambda value: value == "oui",
    )

    def clean_verifie_on(self) -> date:
        """Refuse a verification still to come."""
        return check_past(
            self.cleaned_data["verifie_on"],
            on=self.on,
            first=date(2017, 6, 8),
            nom="La date de vérification",
        )


class ConjointForm(FormOfTheDay):
    """The spouse or partner, or nobody: one field filled asks for the others."""

    conjoint_lien = forms.ChoiceField(
        label="Vie en couple",
        choices=[("", "La personne vit seule"), *LienConjoint.choices],
        required=False,
        help_text="Les ressources des deux sont alors comptées ensemble (CASF R. 232-5).",
    )
    conjoint_nom_naissance = forms.CharField(
        label="Nom de naissance du conjoint", max_length=100, required=False
    )
    conjoint_nom_usage = forms.CharField(
        label="Nom d’usage du conjoint", max_length=100, required=False
    )
    conjoint_prenoms = forms.CharField(label="Prénoms du conjoint", max_length=150, required=False)
    conjoint_naissance_on = Jour(label="Date de naissance du conjoint", required=False)

    def clean_conjoint_naissance_on(self) -> date | None:
        """Refuse an impossible birth."""
        day: date | None = self.cleaned_data["conjoint_naissance_on"]
        if day is None:
            return None
        return check_past(day, on=self.on, first=FIRST_BIRTH, nom="Cette date de naissance")

    def clean(self) -> dict[str, Any]:
        """Ask for the whole of a couple, and for nothing of a person alone."""
        data = super().clean() or self.cleaned_data
        if data.get("conjoint_lien"):
            for name in ("nom_naissance", "prenoms", "naissance_on"):
                field = f"conjoint_{name}"
                if not data.get(field) and field not in self.errors:
                    self.add_error(field, "Nécessaire quand la personne vit en couple.")
        elif "conjoint_lien" not in self.errors and any(
            data.get(name) for name in ConjointForm.base_fields
        ):
            self.add_error("conjoint_lien", "Indiquez le lien, ou videz l’identité du conjoint.")
        return data

    def conjoint(self) -> EtatConjoint | None:
        """Give what was typed."""
        data = self.cleaned_data
        if not data["conjoint_lien"]:
            return None
        return EtatConjoint(
            **{name.removeprefix("conjoint_"): data[name] for name in ConjointForm.base_fields}
        )


class ProtectionForm(FormOfTheDay):
    """A legal protection, or none."""

    mesure = forms.ChoiceField(
        label="Mesure", choices=[("", "Aucune mesure"), *Mesure.choices], required=False
    )
    nom = forms.CharField(label="Exercée par", max_length=150, required=False)
    adresse = forms.CharField(
        label="Adresse",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Les courriers y sont envoyés quand la mesure vaut représentation.",
    )
    telephone = forms.CharField(
        label="Téléphone", max_length=20, required=False, validators=[TELEPHONE]
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the holder of a measure."""
        data = super().clean() or self.cleaned_data
        if data.get("mesure") and not data.get("nom"):
            self.add_error("nom", "Indiquez qui exerce la mesure.")
        return data

    def mandataire(self) -> Mandataire | None:
        """Give what was typed."""
        if not self.cleaned_data["mesure"]:
            return None
        return Mandataire(**{name: self.cleaned_data[name] for name in ProtectionForm.base_fields})


class AidantForm(Saisi):
    """A relative who helps."""

    nom = forms.CharField(label="Nom et prénom", max_length=150, error_messages=REQUIRED)
    lien = forms.CharField(
        label="Lien avec la personne",
        max_length=60,
        error_messages={"required": "Indiquez le lien : fille, voisin, ami…"},
    )
    telephone = forms.CharField(
        label="Téléphone", max_length=20, required=False, validators=[TELEPHONE]
    )
    adresse = forms.CharField(label="Adresse", max_length=200, required=False)
    indispensable = forms.BooleanField(
        label="Sa présence ou son aide est indispensable, et personne ne peut le remplacer",
        required=False,
        help_text="Appréciation de l’équipe médico-sociale. Elle ouvre le répit et le relais "
        "pendant une hospitalisation de l’aidant (CASF L. 232-3-2 et L. 232-3-3).",
    )
