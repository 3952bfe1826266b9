"""Forms of what is paid upon invoices: aids of a plan, relay of a carer, invoices."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from egide.systems.apa_ash.forms.champs import APA_START, Jour, Positif, Saisi, check_past
from egide.systems.apa_ash.forms.paiement import motif_field
from egide.systems.apa_ash.models import Aidant, Prestataire
from egide.systems.apa_ash.models.ponctuel import JustificatifRelais, NaturePonctuelle
from egide.systems.apa_ash.queries.ponctuel import Ouverte
from egide.systems.apa_ash.services.factures import Depense
from egide.systems.apa_ash.services.ponctuelles import Prevision
from egide.systems.apa_ash.services.relais import Sejour

LARGEST = 99_999
UNKNOWN_SERVICE = "Choisissez un service de la liste."


def _service_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="Service",
        required=False,
        coerce=UUID,
        empty_value=None,
        error_messages={"invalid_choice": UNKNOWN_SERVICE},
    )


def _services(field: forms.Field, services: Iterable[Prestataire]) -> None:
    choices = [
        ("", "Aucun\u00a0: la personne sera remboursée"),
        *((str(s.pk), s.nom) for s in services),
    ]
    field.choices = choices  # type: ignore[attr-defined]  # a choice field


class PonctuelleForm(Saisi):
    """An aid of a plan that is paid upon invoices."""

    nature = forms.ChoiceField(label="Aide", choices=NaturePonctuelle.choices)
    objet = forms.CharField(
        label="Objet",
        max_length=150,
        help_text="Par exemple\u00a0: lit médicalisé, barres d’appui, accueil d’une semaine.",
    )
    prestataire = _service_field()
    montant = Positif(
        label="Montant prévu",
        max_value=LARGEST,
        help_text="Pour le répit, la somme de l’année, utilisée librement d’un mois à l’autre.",
    )

    def __init__(self, *args: Any, services: Iterable[Prestataire], **options: Any) -> None:
        """Offer the services of the organisme."""
        super().__init__(*args, **options)
        _services(self.fields["prestataire"], services)

    @property
    def prevision(self) -> Prevision:
        """Give the aid as the act takes it."""
        data = self.cleaned_data
        return Prevision(data["nature"], data["objet"], data["prestataire"], data["montant"])


class RelaisForm(Saisi):
    """A stay of the carer in hospital and the relay that is asked for."""

    aidant = forms.TypedChoiceField(
        label="Aidant ou aidante",
        coerce=UUID,
        error_messages={"invalid_choice": "Choisissez un aidant du dossier."},
    )
    entree_on = Jour(label="Entrée le")
    sortie_on = Jour(label="Sortie prévue ou survenue le", required=False)
    justificatif = forms.ChoiceField(
        label="Justificatif",
        choices=[("", "Pas encore reçu"), *JustificatifRelais.choices],
        required=False,
        help_text="Il dit les jours de l’hospitalisation\u00a0; sa cause n’est jamais notée.",
    )
    justifie_on = Jour(label="Justificatif reçu le", required=False)
    objet = forms.CharField(
        label="Relais prévu",
        max_length=150,
        help_text="Par exemple\u00a0: hébergement temporaire, heures de nuit supplémentaires.",
    )
    prestataire = _service_field()
    cout = Positif(label="Coût prévu", max_value=LARGEST)

    def __init__(
        self,
        *args: Any,
        aidants: Iterable[Aidant],
        services: Iterable[Prestataire],
        on: date,
        **options: Any,
    ) -> None:
        """Offer the carers of the file and the services of the organisme."""
        super().__init__(*args, **options)
        self.on = on
        choices = [("", "Choisissez"), *((str(a.pk), f"{a.nom}, {a.lien}") for a in aidants)]
        self.fields["aidant"].choices = choices  # type: ignore[attr-defined]  # a choice field
        _services(self.fields["prestataire"], services)

    def clean_entree_on(self) -> date:
        """Refuse a stay before the text that opens the relay could be applied."""
        day: date = self.cleaned_data["entree_on"]
        if not day >= APA_START or day.year > self.on.year + 1:
            raise forms.ValidationError("Choisissez une date vraisemblable.")
        return day

    def clean(self) -> dict[str, Any]:
        """Ask for the day of a proof, and for the proof that a day goes with."""
        data = super().clean() or self.cleaned_data
        if bool(data.get("justificatif")) != bool(data.get("justifie_on")):
            self.add_error("justifie_on", "Indiquez le justificatif et le jour où il est arrivé.")
        return data

    @property
    def sejour(self) -> Sejour:
        """Give the stay as the act takes it."""
        data = self.cleaned_data
        return Sejour(
            aidant_id=data["aidant"],
            entree_on=data["entree_on"],
            sortie_on=data["sortie_on"],
            justificatif=data["justificatif"],
            justifie_on=data["justifie_on"],
            objet=data["objet"],
            prestataire_id=data["prestataire"],
            cout=data["cout"],
        )


class JustificatifForm(forms.Form):
    """The proof of a stay, when it comes after the request."""

    justificatif = forms.ChoiceField(label="Justificatif", choices=JustificatifRelais.choices)
    justifie_on = Jour(label="Reçu le")


class AccordRelaisForm(Saisi):
    """The grant of a relay: nothing to type."""


class RefusRelaisForm(Saisi):
    """Why a relay is refused; told to the person."""

    motif = forms.CharField(
        label="Motif du refus",
        max_length=300,
        help_text="Il figure dans la décision. N’écrivez aucune donnée de santé.",
    )


class SortieRelaisForm(forms.Form):
    """The day when the carer comes out."""

    sortie_on = Jour(label="Sortie le")


class RetraitFactureForm(forms.Form):
    """Why an invoice that was entered by mistake is withdrawn."""

    prefix = "retrait"
    motif = motif_field("Motif du retrait")


class FactureForm(Saisi):
    """An invoice upon a sum that was granted."""

    cible = forms.TypedChoiceField(
        label="Aide",
        coerce=UUID,
        error_messages={"invalid_choice": "Choisissez une aide accordée."},
    )
    reference = forms.CharField(label="Numéro de la facture", max_length=60)
    depense_on = Jour(label="Date de la dépense")
    montant = Positif(label="Montant de la facture", max_value=LARGEST)
    a_la_personne = forms.BooleanField(
        label="La personne a réglé cette facture\u00a0: la rembourser",
        required=False,
    )
    majore = forms.BooleanField(
        label="Service non agréé ou personne non qualifiée",
        required=False,
        help_text="La participation est majorée de 10\u00a0% (CASF R. 232-14).",
    )

    def __init__(self, *args: Any, ouvertes: Sequence[Ouverte], on: date, **options: Any) -> None:
        """Offer what was granted to the file."""
        super().__init__(*args, **options)
        self.on = on
        choices = [(str(o.id), f"{o.libelle}\u00a0: {o.objet}") for o in ouvertes]
        self.fields["cible"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean_depense_on(self) -> date:
        """Refuse an expense still to come."""
        day: date = self.cleaned_data["depense_on"]
        return check_past(day, on=self.on, first=APA_START, nom="Cette dépense")

    @property
    def depense(self) -> Depense:
        """Give the expense as the act takes it."""
        data = self.cleaned_data
        return Depense(
            data["reference"],
            data["depense_on"],
            data["montant"],
            data["a_la_personne"],
            data["majore"],
        )
