"""What is typed of a dispute over the domicile de secours, one form a step."""

from datetime import date

from django import forms

from egide.systems.apa_ash.forms.champs import APA_START, Jour, Saisi, check_past
from egide.systems.apa_ash.forms.personnes import REQUIRED, FormOfTheDay

DEPARTEMENT = r"^(?!20)(0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-6]|98[678])$"


class ContestationForm(Saisi):
    """The other département, and why."""

    departement = forms.RegexField(
        DEPARTEMENT,
        label="Département estimé compétent",
        help_text="02, 2A, 974…",
        error_messages={
            "required": "Indiquez le département que vous estimez compétent.",
            "invalid": "Écrivez un code de département : 02, 2A, 974…",
        },
    )
    motif = forms.CharField(
        label="Motif",
        max_length=300,
        error_messages=REQUIRED,
        help_text="Par exemple : trois mois de résidence là-bas avant la demande (CASF L. 122-2).",
    )


class TransmissionForm(FormOfTheDay):
    """The day on which the file was passed on."""

    transmis_on = Jour(label="Dossier transmis le")

    def clean_transmis_on(self) -> date:
        """Refuse a day still to come."""
        day: date = self.cleaned_data["transmis_on"]
        return check_past(day, on=self.on, first=APA_START, nom="La date de transmission")


class CompetenceForm(FormOfTheDay):
    """What the other département answers."""

    accepte = forms.TypedChoiceField(
        label="Réponse du département",
        choices=[("oui", "Il se reconnaît compétent"), ("non", "Il refuse sa compétence")],
        coerce=lambda value: value == "oui",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez la réponse reçue."},
    )
    repondu_on = Jour(label="Réponse reçue le")

    def clean_repondu_on(self) -> date:
        """Refuse a day still to come."""
        day: date = self.cleaned_data["repondu_on"]
        return check_past(day, on=self.on, first=APA_START, nom="La date de la réponse")


class AbandonForm(FormOfTheDay):
    """Why one's own competence is admitted after all."""

    motif = forms.CharField(label="Motif", max_length=300, error_messages=REQUIRED)


def is_elsewhere(code_postal: str, *, departement: str) -> bool:
    """Tell whether a postcode is out of a département: 20 for both of Corsica, 97x overseas."""
    if not code_postal:
        return False
    length = 3 if code_postal.startswith(("97", "98")) else 2
    prefix = "20" if departement in {"2A", "2B"} else departement
    return code_postal[:length] != prefix
