"""Forms of payment: a month to prepare, a reason, an account, the payer's account."""

import re
import uuid
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError as NumberError

from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.champs import Jour, check_year
from egide.systems.apa_ash.services.emission import check_execution

MONTH = re.compile(r"(?:(?P<year>\d{4})-(?P<month>\d{1,2})|(?P<m>\d{1,2})/(?P<y>\d{4}))\Z")
LONGEST_MOTIF = 200


class MonthField(forms.Field):
    """A month, typed mm/aaaa or picked; its value is its first day."""

    widget = forms.TextInput(attrs={"type": "month"})
    default_error_messages = {"invalid": "Saisissez un mois, par exemple 11/2026."}

    def to_python(self, value: object) -> date | None:
        """Read the month, or explain."""
        text = str(value or "").strip()
        if not text:
            return None
        found = MONTH.match(text)
        if not found:
            raise forms.ValidationError(self.error_messages["invalid"])
        try:
            month = date(int(found["year"] or found["y"]), int(found["month"] or found["m"]), 1)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"]) from None
        check_year(month)
        return month

    def prepare_value(self, value: object) -> object:
        """Write the month as the picker expects it."""
        return f"{value:%Y-%m}" if isinstance(value, date) else value


class IbanField(forms.CharField):
    """An IBAN, with or without spaces; its value has none and its key is right."""

    def __init__(self, **kwargs: Any) -> None:
        """Bound the length before anything else is read."""
        super().__init__(max_length=42, **kwargs)

    def clean(self, value: object) -> str:
        """Check country, length and key."""
        text = super().clean(value)
        if not text:
            return ""
        try:
            return str(iban_number.validate(text))
        except NumberError:
            raise forms.ValidationError(
                "Cet IBAN est inexact (pays, longueur ou clé) : recopiez-le depuis le RIB."
            ) from None


def motif_field(label: str) -> forms.CharField:
    """Make a field for the reason of an act."""
    return forms.CharField(
        label=label,
        max_length=LONGEST_MOTIF,
        strip=True,
        error_messages={"required": "Indiquez un motif : il est conservé avec l’acte."},
    )


class LotForm(forms.Form):
    """The month and the service to prepare."""

    jeton = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    mois = MonthField(label="Mois")
    service = forms.TypedChoiceField(
        label="Service",
        coerce=uuid.UUID,
        error_messages={"invalid_choice": "Choisissez un de vos services."},
    )

    def __init__(self, *args: Any, services: dict[uuid.UUID, str], **kwargs: Any) -> None:
        """Offer the agent's services; a single one is not asked for."""
        super().__init__(*args, **kwargs)
        field = self.fields["service"]
        field.choices = list(services.items())  # type: ignore[attr-defined]  # a choice field
        if len(services) == 1:
            field.widget = forms.HiddenInput()
            field.initial = next(iter(services))


class ExamenForm(forms.Form):
    """What becomes of a line that has an anomaly."""

    suite = forms.ChoiceField(
        label="Suite donnée",
        choices=[("maintenir", "Maintenir le paiement"), ("ecarter", "Écarter la ligne du lot")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez de maintenir ou d’écarter."},
    )
    dossier = forms.BooleanField(
        label="Donner cette suite à toutes les lignes de ce dossier dans le lot", required=False
    )
    motif = motif_field("Motif")


class JetonForm(forms.Form):
    """The identity of a run to be made: a form sent twice makes one."""

    jeton = forms.UUIDField()


class MotifForm(forms.Form):
    """A reason alone."""

    motif = motif_field("Motif")


class MotifLigneForm(MotifForm):
    """A reason beside the button of its act, on a page that asks for several."""

    def __init__(self, code: str, posted: QueryDict | None = None) -> None:
        """Keep its field apart from those of the other acts."""
        super().__init__(posted, auto_id=f"%s-{code}")
        self.fields["motif"].widget.attrs |= {"class": "w-auto", "placeholder": "Motif"}


class EmissionForm(forms.Form):
    """What the SEPA file needs besides the lines; without it the table alone is issued."""

    iban_debiteur = IbanField(
        label="IBAN du compte payeur",
        required=False,
        help_text="Vide : seul le tableau CSV est émis. Rempli : un fichier SEPA l’accompagne.",
    )
    execution_on = Jour(label="Date d’exécution")

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        """Take the day of the agent: a bank executes nothing in the past."""
        super().__init__(*args, **kwargs)
        self._on = on

    def clean(self) -> dict[str, Any]:
        """Refuse a day on which no bank executes what is asked."""
        data: dict[str, Any] = self.cleaned_data
        if data.get("iban_debiteur") and data.get("execution_on"):
            try:
                check_execution(data["execution_on"], on=self._on)
            except ActeRefuse as refused:
                self.add_error("execution_on", str(refused))
        return data


class SepaForm(EmissionForm):
    """What the file of transfers needs when it is made after the table."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for the account of the payer: nothing else would be made."""
        super().__init__(*args, **kwargs)
        self.fields["iban_debiteur"].required = True
        self.fields["iban_debiteur"].help_text = ""


class CompteForm(forms.Form):
    """The account where a person is paid."""

    titulaire = forms.CharField(label="Titulaire du compte", max_length=150)
    iban = IbanField(
        label="IBAN", help_text="Recopié depuis le relevé d’identité bancaire joint au dossier."
    )
