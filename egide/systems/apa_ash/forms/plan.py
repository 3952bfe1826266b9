"""Forms of the plan d'aide: its day, its lines, the variant to try, the person's answer."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from egide.systems.apa_ash.forms.champs import APA_START, LAST_DAY, Positif
from egide.systems.apa_ash.forms.evaluation import LONGEST_TEXT, day_field, token_field
from egide.systems.apa_ash.models.plan import ModeAide, NatureAide, Unite
from egide.systems.apa_ash.queries.plan import Aide

HOURS_OF_A_MONTH = 744
LARGEST_VOLUME = Decimal("99999.99")
LARGEST_TARIF = Decimal("999999.99")
LARGEST_AMOUNT = Decimal("9999999.99")

# A rental, a delivery or goods: nobody spends an hour that could be counted.
NEVER_BY_THE_HOUR = frozenset(
    {
        NatureAide.TELEASSISTANCE,
        NatureAide.PORTAGE,
        NatureAide.PROTECTIONS,
    }
)

ACCORD, OBSERVATIONS, REFUS, SILENCE = "accord", "observations", "refus", "silence"


class EffetForm(forms.Form):
    """The day from which a plan takes effect."""

    jeton = token_field()
    effet_on = day_field("À compter du")
    reprendre = forms.BooleanField(
        label="Reprendre les aides du plan en cours, aux tarifs d’aujourd’hui",
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, on: date, revises: bool = False, **kwargs: Any) -> None:
        """Keep the day: no decision can be notified before it; a revision has helps to take."""
        super().__init__(*args, **kwargs)
        self.on = on
        if not revises:
            del self.fields["reprendre"]

    def clean_effet_on(self) -> date:
        """Refuse a day on which no APA exists, or that nobody will see."""
        day: date = self.cleaned_data["effet_on"]
        if not APA_START <= day <= LAST_DAY:
            raise forms.ValidationError("Choisissez une date d’effet vraisemblable.")
        if day < self.on:
            raise forms.ValidationError(
                "Le droit s’ouvre à la notification de la décision\u00a0: le plan prend effet au "
                "plus tôt aujourd’hui (CASF L. 232-14)."
            )
        return day


class RefusPrestataireForm(forms.Form):
    """The written refusal of a service prestataire, with its day (CASF R. 232-13)."""

    refuse = forms.BooleanField(
        label="La personne a refusé par écrit, sur le plan, un service prestataire",
        required=False,
    )
    refus_on = day_field("Date du refus écrit", required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the day of a refusal, and for the box that a day goes with."""
        data: dict[str, Any] = self.cleaned_data
        if "refus_on" in data and bool(data.get("refuse")) != bool(data["refus_on"]):
            self.add_error(
                "refus_on", "Cochez le refus et indiquez sa date, ou ni l’un ni l’autre."
            )
        return data


class AideForm(forms.Form):
    """One line of a plan."""

    jeton = token_field()
    nature = forms.ChoiceField(label="Aide", choices=NatureAide.choices)
    mode = forms.ChoiceField(label="Mode", choices=ModeAide.choices)
    prestataire = forms.TypedChoiceField(
        label="Service",
        required=False,
        coerce=UUID,
        empty_value=None,
        error_messages={"invalid_choice": "Choisissez un service de la liste."},
    )
    volume_mensuel = Positif(label="Volume mensuel", max_value=LARGEST_VOLUME)
    unite = forms.ChoiceField(label="Unité", choices=Unite.choices)
    tarif = Positif(label="Tarif", max_value=LARGEST_TARIF)

    def __init__(self, *args: Any, services: Iterable[Any], tarif_url: str, **kwargs: Any) -> None:
        """Offer the services of the organisme; choosing one asks for its tariff."""
        super().__init__(*args, **kwargs)
        self.fields["prestataire"].widget.attrs |= {
            "hx-get": tarif_url,
            "hx-trigger": "change",
            "hx-target": "#id_tarif",
            "hx-swap": "outerHTML",
            # Its own: the form's, inherited, would have the preview put an end to this request.
            "hx-sync": "this:replace",
        }
        services = list(services)
        # What the field was filled with: only that may be replaced by the tariff of another.
        if known := self._known(services):
            self.fields["tarif"].widget.attrs["data-connu"] = str(known).replace(".", ",")
        choices = [("", "Aucun"), *((str(s.pk), s.nom) for s in services)]
        self.fields["prestataire"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def _known(self, services: Iterable[Any]) -> Decimal | None:
        """Give the tariff of the service, where the field starts with it."""
        chosen, tarif = self.initial.get("prestataire"), self.initial.get("tarif")
        known = {str(s.pk): s.tarif_horaire for s in services}.get(str(chosen))
        return known if tarif is not None and tarif == known else None

    def clean(self) -> dict[str, Any]:
        """Refuse a service without its name, a month of more than 744 hours, a huge amount."""
        data: dict[str, Any] = self.cleaned_data
        if data.get("mode") == ModeAide.PRESTATAIRE and not data.get("prestataire"):
            self.add_error("prestataire", "Choisissez le service qui intervient.")
        if data.get("nature") in NEVER_BY_THE_HOUR and data.get("unite") == Unite.HEURE:
            self.add_error("unite", "Cette aide ne se compte pas en heures\u00a0: changez d’unité.")
        volume, tarif = data.get("volume_mensuel"), data.get("tarif")
        if volume and data.get("unite") == Unite.HEURE and volume > HOURS_OF_A_MONTH:
            self.add_error("volume_mensuel", "Un mois n’a pas plus de 744 heures.")
        if volume and tarif and volume * tarif > LARGEST_AMOUNT:
            self.add_error("tarif", "Le montant de la ligne est trop grand.")
        return data

    @property
    def aide(self) -> Aide:
        """Give the line as the act takes it."""
        data = self.cleaned_data
        return Aide(
            nature=data["nature"],
            mode=data["mode"],
            prestataire_id=data["prestataire"],
            volume_mensuel=data["volume_mensuel"],
            unite=data["unite"],
            tarif=data["tarif"],
        )


def said(form: forms.Form) -> str:
    """Give the refusals of a short form as one message."""
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


class VarianteForm(forms.Form):
    """Other volumes for the lines of a plan, that nothing keeps."""

    def __init__(self, *args: Any, lignes: Iterable[Any], **kwargs: Any) -> None:
        """Add one volume per line."""
        super().__init__(*args, **kwargs)
        self.ids = {}
        for ligne in lignes:
            name = f"volume_{ligne.id}"
            self.ids[name] = ligne.id
            self.fields[name] = Positif(
                label=f"Volume de « {ligne.aide} »",
                max_value=LARGEST_VOLUME,
                initial=ligne.volume_mensuel,
            )

    @property
    def volumes(self) -> dict[UUID, Decimal]:
        """Give the readable volumes by line."""
        return {
            pk: self.cleaned_data[name]
            for name, pk in self.ids.items()
            if name in self.cleaned_data
        }


class ReponseForm(forms.Form):
    """What the person answers to the proposal, or that she did not."""

    reponse = forms.ChoiceField(
        label="Réponse de la personne",
        choices=[
            (ACCORD, "Elle accepte le plan"),
            (OBSERVATIONS, "Elle présente des observations"),
            (REFUS, "Elle refuse le plan"),
            (SILENCE, "Elle n’a pas répondu dans les dix jours"),
        ],
        widget=forms.RadioSelect,
    )
    reponse_on = day_field(
        "Date",
        help_text=(
            "Jour de la réponse. En cas de silence : jour où la proposition a été reçue "
            "(avis de réception)."
        ),
    )
    observations = forms.CharField(
        label="Observations de la personne",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the observations that are announced."""
        data: dict[str, Any] = self.cleaned_data
        if data.get("reponse") == OBSERVATIONS and not data.get("observations"):
            self.add_error("observations", "Indiquez ce que la personne demande de changer.")
        return data
