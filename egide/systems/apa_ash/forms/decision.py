"""The forms of decisions and of what follows them; fields bear the names that the acts take."""

from datetime import date, timedelta
from typing import Any

from django import forms

from egide.kernel import notation
from egide.rules.apa.decision import revision_au_plus_tard, revision_proposee
from egide.rules.apa.versement import next_month
from egide.systems.apa_ash.forms.champs import APA_START, Jour, Saisi, check_past
from egide.systems.apa_ash.forms.secours import DEPARTEMENT
from egide.systems.apa_ash.models.demande import Canal
from egide.systems.apa_ash.models.droit import NatureInterruption
from egide.systems.apa_ash.queries.decision import Situation
from egide.systems.apa_ash.services import annulation, motifs_fin, motifs_suspension, rejets
from egide.systems.apa_ash.services.decisions import EffetTardifSansMotif
from egide.systems.apa_ash.services.effet import effet_propose

CANAUX = [(c.value, c.label) for c in Canal if c is not Canal.FICHIER]
SEJOURS = [
    (NatureInterruption.HOSPITALISATION.value, "Hôpital : court séjour, soins de suite"),
    (NatureInterruption.HOSPITALISATION_DOMICILE.value, "Hospitalisation à domicile"),
]


class ActeForm(Saisi):
    """A form of one act on one file, with its token."""

    def __init__(self, *args: Any, situation: Situation, on: date, **options: Any) -> None:
        """Keep the file and the day, for defaults and checks."""
        super().__init__(*args, **options)
        self.situation, self.on = situation, on
        self.set_defaults()

    def set_defaults(self) -> None:
        """Propose what the file already tells."""

    def check_past(self, name: str, *, nom: str) -> date:
        """Refuse a day still to come, or before the APA existed."""
        day: date = self.cleaned_data[name]
        return check_past(day, on=self.on, first=APA_START, nom=nom)


class AccordForm(ActeForm):
    """When the right opens and when it will be looked at again."""

    effet_on = Jour(
        label="À effet du",
        help_text="Le jour de la notification, aujourd’hui (CASF L. 232-14), ou plus tard si un "
        "motif l’exige. Dans une révision, un événement qui augmente l’APA compte dès le 1er du "
        "mois qui le suit (CASF R. 232-6).",
    )
    motif = forms.CharField(
        label="Motif d’une date d’effet postérieure à la notification",
        max_length=300,
        required=False,
        help_text="À remplir si le droit s’ouvre après aujourd’hui. Gardé avec la décision. "
        "N’écrivez aucune donnée de santé.",
    )
    revision_on = Jour(label="Révision périodique au plus tard le")

    def set_defaults(self) -> None:
        """Propose the notification, today, or an event of life; and the usual revision."""
        self.fields["effet_on"].initial = effet_propose(self.situation, on=self.on)
        revision = self.fields["revision_on"]
        revision.initial = revision_proposee(self.on)
        last = notation.jour(revision_au_plus_tard(self.on))
        revision.help_text = (
            f"Selon l’état de la personne (CASF R. 232-28) ; par usage, le {last} au plus tard."
        )

    def clean(self) -> dict[str, Any]:
        """Ask why a right would open after its notification."""
        data = super().clean() or self.cleaned_data
        effet_on = data.get("effet_on")
        if effet_on and effet_on > self.on and not data.get("motif"):
            self.add_error("motif", EffetTardifSansMotif.message)
        return data


class MotifForm(ActeForm):
    """A ground among those of the texts, with the precisions of the case."""

    code = forms.ChoiceField(label="Motif")
    precisions = forms.CharField(
        label="Précisions écrites dans le courrier",
        max_length=140,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="140 caractères au plus. N’écrivez aucune donnée de santé.",
    )

    def offer(self, choices: list[tuple[str, str]]) -> None:
        """Set the grounds to choose from."""
        self.fields["code"].choices = choices  # type: ignore[attr-defined]  # a choice field


class RejetForm(MotifForm):
    """The ground of a refusal: only those that the file establishes are offered."""

    def set_defaults(self) -> None:
        """Offer the grounds that hold."""
        self.offer(
            [
                (code, f"{motif.libelle} ({motif.source})")
                for code, motif in rejets.MOTIFS.items()
                if motif.holds(self.situation, self.on)
            ]
        )

    def clean(self) -> dict[str, Any]:
        """Ask for the name of the benefit that may not be received with the APA."""
        data = super().clean() or self.cleaned_data
        if data.get("code") == rejets.CUMUL and not data.get("precisions"):
            self.add_error("precisions", rejets.PrestationNonNommee.message)
        return data


SUSPENSIONS = [(code, f"{m.libelle} ({m.source})") for code, m in motifs_suspension.MOTIFS.items()]


class MiseEnDemeureForm(MotifForm):
    """The ground of a formal notice; it needs no token, since one notice runs at a time."""

    def set_defaults(self) -> None:
        """Offer every ground of R. 232-16."""
        del self.fields["jeton"]
        self.offer(SUSPENSIONS)


class SuspensionForm(MotifForm):
    """The ground again, and the day the formal notice was received."""

    recue_on = Jour(
        label="Mise en demeure reçue le",
        help_text="Date de l’avis de réception : le mois court de ce jour (CASF R. 232-16).",
    )
    field_order = ("jeton", "recue_on", "code", "precisions")

    def set_defaults(self) -> None:
        """Offer every ground of R. 232-16."""
        self.offer(SUSPENSIONS)

    def clean_recue_on(self) -> date:
        """Refuse a receipt still to come."""
        return self.check_past("recue_on", nom="La date de réception")


class RegularisationForm(ActeForm):
    """The day on which things were put right, of the one notice that runs."""

    regularisee_on = Jour(label="Situation régularisée le")

    def set_defaults(self) -> None:
        """Carry no token: once ended, a notice runs no more."""
        del self.fields["jeton"]

    def clean_regularisee_on(self) -> date:
        """Refuse a day still to come."""
        return self.check_past("regularisee_on", nom="La date de régularisation")


class RepriseForm(ActeForm):
    """The day on which things were put right."""

    regularisee_on = Jour(
        label="Situation régularisée le",
        help_text="Le versement reprend au 1er jour de ce mois (CASF R. 232-16).",
    )

    def clean_regularisee_on(self) -> date:
        """Refuse a day still to come."""
        return self.check_past("regularisee_on", nom="La date de régularisation")


class RevisionForm(ActeForm):
    """New facts that call for a revision."""

    recue_on = Jour(label="Demande reçue le, ou faits connus le")
    canal = forms.ChoiceField(label="Reçue par", choices=CANAUX)
    motif = forms.CharField(
        label="Éléments nouveaux",
        max_length=200,
        help_text="Gardé dans le journal. N’écrivez aucune donnée de santé.",
        error_messages={"required": "Dites quels éléments nouveaux justifient la révision."},
    )

    def set_defaults(self) -> None:
        """Propose today."""
        self.fields["recue_on"].initial = self.on

    def clean_recue_on(self) -> date:
        """Refuse a day still to come."""
        return self.check_past("recue_on", nom="La date de réception")


class HospitalisationForm(ActeForm):
    """The entry in hospital."""

    nature = forms.ChoiceField(label="Séjour", choices=SEJOURS)
    entree_on = Jour(label="Entrée le")
    confirme = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def sejour(self) -> dict[str, Any]:
        """Give the stay as the act takes it."""
        return {name: self.cleaned_data[name] for name in ("nature", "entree_on")}

    def clean_entree_on(self) -> date:
        """Refuse a day still to come."""
        return self.check_past("entree_on", nom="La date d’entrée")


class SortieForm(forms.Form):
    """The discharge from hospital."""

    sortie_on = Jour(
        label="Sortie le", help_text="Le versement reprend au 1er jour de ce mois (CASF R. 232-32)."
    )


class DecesForm(ActeForm):
    """The day of a death."""

    deces_on = Jour(label="Décès survenu le")
    confirme = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def day(self) -> date:
        """Give the day of the death."""
        day: date = self.cleaned_data["deces_on"]
        return day

    def clean_deces_on(self) -> date:
        """Refuse a day still to come."""
        return self.check_past("deces_on", nom="La date du décès")


class AnnulationForm(ActeForm):
    """Why a death is undone."""

    motif = forms.CharField(
        label="Pourquoi le décès avait été enregistré à tort",
        max_length=300,
        help_text="Gardé avec la décision. N’écrivez aucune donnée de santé.",
        error_messages={"required": annulation.AnnulationSansMotif.message},
    )


class FinForm(ActeForm):
    """Why a right ends, and when."""

    code = forms.ChoiceField(
        label="Motif", choices=[(code, motif.libelle) for code, motif in motifs_fin.MOTIFS.items()]
    )
    fin_on = Jour(
        label="Dernier jour dû, ou jour d’arrivée dans l’autre département",
        help_text=(
            "La fin se signe ce jour-là au plus tard : laissez-en le temps. Pour un départ, le "
            "droit court ici jusqu’à trois mois de résidence là-bas (CASF L. 122-2)."
        ),
    )
    departement = forms.RegexField(
        DEPARTEMENT,
        label="Nouveau département",
        required=False,
        help_text="Pour un départ seulement : 02, 2A, 974…",
        error_messages={"invalid": "Écrivez un code de département : 02, 2A, 974…"},
    )

    precisions = forms.CharField(
        label="Précisions écrites dans le courrier",
        max_length=130,
        required=False,
        help_text="130 caractères au plus. La prestation reçue, ou le fait qui met fin à la "
        "résidence\u00a0; à remplir pour ces deux motifs. N’écrivez aucune donnée de santé.",
    )

    def set_defaults(self) -> None:
        """Propose the end of the month: the end is signed before its last day is past."""
        self.fields["fin_on"].initial = next_month(self.on) - timedelta(days=1)

    def clean(self) -> dict[str, Any]:
        """Ask for the département of a move, and for the fact that other grounds rest on."""
        data = super().clean() or self.cleaned_data
        if data.get("code") == motifs_fin.DEPART and not data.get("departement"):
            self.add_error("departement", "Indiquez le nouveau département.")
        if data.get("code") in motifs_fin.A_PRECISER and not data.get("precisions"):
            self.add_error("precisions", motifs_fin.FaitNonDit.message)
        return data
