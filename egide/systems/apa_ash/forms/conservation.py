"""What the head of a service types to hold a file, or to lift its hold."""

from django import forms

from egide.systems.apa_ash.forms.champs import Jour
from egide.systems.apa_ash.forms.personnes import REQUIRED


class GelForm(forms.Form):
    """Until when, and why."""

    jusqu_on = Jour(label="Gelé jusqu’au")
    motif = forms.CharField(
        label="Motif",
        max_length=300,
        error_messages=REQUIRED,
        help_text="Par exemple : recours devant le tribunal administratif, enquête en cours.",
    )


class LeveeForm(forms.Form):
    """Why the hold is no longer needed."""

    motif = forms.CharField(label="Motif de la levée", max_length=300, error_messages=REQUIRED)
