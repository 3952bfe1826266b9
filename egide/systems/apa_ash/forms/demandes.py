"""Forms of the request: what it is, its pieces, and the whole entry of a new one."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from egide.kernel.access.passage import Passage
from egide.systems.apa_ash.forms.champs import APA_START, Jour, Saisi, check_past
from egide.systems.apa_ash.forms.personnes import (
    AdresseForm,
    ConjointForm,
    EtatCivilForm,
    FormOfTheDay,
    NirForm,
)
from egide.systems.apa_ash.forms.secours import is_elsewhere
from egide.systems.apa_ash.models.demande import Canal, CodePiece, NatureDemande
from egide.systems.apa_ash.queries.services import instructed_services
from egide.systems.apa_ash.saisie import Saisie

# A first request opens a file; a revision is asked for on the file that exists.
NATURES = [(c.value, c.label) for c in (NatureDemande.PREMIERE, NatureDemande.URGENCE)]
CANAUX = [(c.value, c.label) for c in Canal if c is not Canal.FICHIER]


class DemandeForm(FormOfTheDay, Saisi):
    """What is asked, how it came, and the pieces that came with it."""

    nature = forms.ChoiceField(label="Nature de la demande", choices=NATURES)
    urgence_attestee_par = forms.CharField(
        label="Urgence attestée par",
        max_length=150,
        required=False,
        help_text="Nom et qualité de la personne qui atteste l’urgence médicale ou sociale.",
    )
    canal = forms.ChoiceField(label="Reçue par", choices=CANAUX)
    recue_on = Jour(label="Reçue le")
    residence_stable = forms.BooleanField(
        label="La personne réside de façon stable et régulière en France",
        required=False,
        initial=True,
    )
    pieces_recues = forms.MultipleChoiceField(
        label="Pièces reçues avec la demande",
        choices=CodePiece.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sans_bien = forms.BooleanField(
        label="Aucun bien foncier : la taxe foncière n’est pas demandée", required=False
    )

    def __init__(self, *args: Any, on: date, **options: Any) -> None:
        """Propose today."""
        super().__init__(*args, on=on, **options)
        self.fields["recue_on"].initial = on

    def clean_recue_on(self) -> date:
        """Refuse a receipt still to come."""
        return check_past(
            self.cleaned_data["recue_on"], on=self.on, first=APA_START, nom="La date de réception"
        )

    def clean(self) -> dict[str, Any]:
        """Check what depends on two answers."""
        data = super().clean() or self.cleaned_data
        if data.get("nature") == NatureDemande.URGENCE and not data.get("urgence_attestee_par"):
            self.add_error("urgence_attestee_par", "Indiquez qui atteste l’urgence.")
        if data.get("sans_bien") and CodePiece.TAXE_FONCIERE in data.get("pieces_recues", []):
            raise ValidationError(
                "La taxe foncière est reçue et la personne n’a aucun bien : gardez une réponse."
            )
        return data

    def demande(self) -> dict[str, Any]:
        """Give what was typed of the request."""
        data = self.cleaned_data
        urgent = data["nature"] == NatureDemande.URGENCE
        return {
            "nature": data["nature"],
            "canal": data["canal"],
            "recue_on": data["recue_on"],
            "residence_stable": data["residence_stable"],
            "urgence_attestee_par": data["urgence_attestee_par"] if urgent else "",
            "pieces": expected_pieces(
                data["pieces_recues"], on=data["recue_on"], sans_bien=data["sans_bien"]
            ),
        }


class NouvelleDemandeForm(EtatCivilForm, AdresseForm, NirForm, ConjointForm, DemandeForm):
    """Everything that opens a file, on one screen."""

    service = forms.ChoiceField(label="Service")
    homonyme = forms.BooleanField(
        label="C’est une autre personne : ouvrir un nouveau dossier",
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, passage: Passage, **options: Any) -> None:
        """Offer the services where the agent instructs."""
        super().__init__(*args, on=passage.on, **options)
        services = {str(pk): nom for pk, nom in instructed_services(passage).items()}
        self.fields["service"].choices = list(services.items())  # type: ignore[attr-defined]  # a choice field
        self.departement = passage.agent.organisme.departement
        self.fields["code_postal"].widget.attrs |= {
            "hx-get": reverse("apa_ash:code_postal"),
            "hx-trigger": "change",
            "hx-target": "#id_code_postal_ailleurs",
        }
        if len(services) == 1:
            self.fields["service"].widget = forms.HiddenInput()
            self.fields["service"].initial = next(iter(services))

    def clean(self) -> dict[str, Any]:
        """Check that the person was born when she asked."""
        data = super().clean() or self.cleaned_data
        born, received = data.get("naissance_on"), data.get("recue_on")
        if born and received and born > received:
            self.add_error("naissance_on", "La naissance suit la demande : vérifiez l’année.")
        return data

    @property
    def adresse_ailleurs(self) -> bool:
        """Tell whether the address typed is out of the département: a warning, never a refusal."""
        return is_elsewhere(self.data.get("code_postal", ""), departement=self.departement)

    def ask_about_namesakes(self) -> None:
        """Show the box that says that the namesake is another person."""
        self.fields["homonyme"].widget = forms.CheckboxInput()

    @property
    def service_id(self) -> UUID:
        """Give the chosen service."""
        return UUID(self.cleaned_data["service"])

    def saisie(self) -> Saisie:
        """Give what was typed."""
        return Saisie(
            etat_civil=self.etat_civil(),
            adresse=self.saisie_adresse(),
            nir=self.cleaned_data["nir"],
            conjoint=self.conjoint(),
            **self.demande(),
        )


def expected_pieces(received: list[str], *, on: date, sans_bien: bool) -> dict[str, date | None]:
    """Give the pieces that go with a request, each with the day it came, or none."""
    expected = [c.value for c in CodePiece if not (sans_bien and c is CodePiece.TAXE_FONCIERE)]
    return {code: (on if code in received else None) for code in expected}


class SansBienForm(forms.Form):
    """The day on which the person said that she owns no land nor house."""

    dit_on = Jour(label="Déclaré par la personne le")

    def __init__(self, *args: Any, on: date, **options: Any) -> None:
        """Propose today."""
        super().__init__(*args, **options)
        self.on = on
        self.fields["dit_on"].initial = on

    def clean_dit_on(self) -> date:
        """Refuse a day still to come."""
        return check_past(
            self.cleaned_data["dit_on"], on=self.on, first=APA_START, nom="La date de déclaration"
        )


class PiecesForm(forms.Form):
    """Pieces that came, and when."""

    codes = forms.MultipleChoiceField(
        label="Pièces reçues",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une pièce."},
    )
    recues_on = Jour(label="Reçues le")

    def __init__(self, *args: Any, missing: list[str], on: date, **options: Any) -> None:
        """Offer what is missing."""
        super().__init__(*args, **options)
        self.on = on
        self.fields["codes"].choices = [(c, CodePiece(c).label) for c in missing]  # type: ignore[attr-defined]  # a choice field
        self.fields["recues_on"].initial = on
        self.awaits_taxe_fonciere = CodePiece.TAXE_FONCIERE in missing

    def clean_recues_on(self) -> date:
        """Refuse an arrival still to come."""
        return check_past(
            self.cleaned_data["recues_on"], on=self.on, first=APA_START, nom="La date de réception"
        )
