"""Forms of the équipe médico-sociale: the visit to plan, the AGGIR grid by adverbs."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms

from egide.rules.aggir import ENTREES, ILLUSTRATIVES, modalite
from egide.rules.aggir.adverbes import ADVERBES, combine
from egide.rules.aggir.algorithme import libelle
from egide.systems.apa_ash.forms.champs import APA_START, Jour
from egide.systems.apa_ash.services.constat import Besoins, Constat

A_YEAR = timedelta(days=366)
LONGEST_TEXT = 4_000
LETTERS = "STHC"
NOTHING = "N"

SOUS_VARIABLES = {
    "coherence.communication": "Communiquer",
    "coherence.comportement": "Se comporter de façon adaptée",
    "orientation.temps": "Se repérer dans le temps",
    "orientation.espace": "Se repérer dans l’espace",
    "toilette.haut": "Toilette du haut du corps",
    "toilette.bas": "Toilette du bas du corps",
    "habillage.haut": "Habillage du haut",
    "habillage.moyen": "Boutons, fermetures, ceinture",
    "habillage.bas": "Habillage du bas",
    "alimentation.se_servir": "Se servir",
    "alimentation.manger": "Manger",
    "elimination.urinaire": "Élimination urinaire",
    "elimination.fecale": "Élimination fécale",
    "transferts": "Se lever, s’asseoir, se coucher",
    "deplacement_interieur": "Se déplacer à l’intérieur",
    "deplacement_exterieur": "Se déplacer à l’extérieur",
    "alerter": "Donner l’alerte en cas de besoin",
}


# The letters of an illustrative variable; the empty one says that nothing was noted.
LETTRES = (("A", "Seul"), ("B", "En partie"), ("C", "Ne fait pas"), ("", "Non relevé"))
BESOINS = {
    "logement": ("Logement et environnement", "Accès, sanitaires, chauffage, commerces."),
    "aides_en_place": ("Aides déjà en place", "Ménage, repas, soins à domicile, voisinage."),
    "aidants": (
        "Situation et besoins des aidants",
        "Ce qu’ils font, ce qui leur pèse, le répit qu’ils souhaitent.",
    ),
    "souhaits": ("Souhaits de la personne", ""),
    "conseils": (
        "Conseils donnés",
        "Ils forment le compte rendu envoyé en GIR 5 ou 6. Pas de donnée de santé.",
    ),
}


def day_field(label: str, *, help_text: str = "", required: bool = True) -> forms.DateField:
    """Make a field for a day, typed jj/mm/aaaa or picked."""
    return Jour(
        label=label,
        help_text=help_text,
        required=required,
        error_messages={"invalid": "Saisissez une date existante, par exemple 06/11/2026."},
    )


def text_field(label: str, *, help_text: str = "", required: bool = False) -> forms.CharField:
    """Make a field for the words of the team."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def token_field() -> forms.UUIDField:
    """Make the hidden id that a created row takes, so that a form sent twice creates it once."""
    return forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class VisiteForm(forms.Form):
    """When the team goes to the person's home, and who goes."""

    jeton = token_field()
    faite = forms.BooleanField(
        label="La visite a déjà eu lieu",
        required=False,
        help_text="Pour noter une visite qui n’avait pas été planifiée ici.",
    )
    prevue_on = day_field("Date de la visite")
    creneau = forms.CharField(
        label="Créneau",
        max_length=20,
        required=False,
        help_text="Par exemple : 9 h 30, ou matin.",
    )
    evaluateur = forms.TypedChoiceField(
        label="Évaluateur ou évaluatrice",
        coerce=uuid.UUID,
        error_messages={"invalid_choice": "Choisissez une personne de l’équipe du service."},
    )

    def __init__(self, *args: Any, on: date, team: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the team of the service, on a given day."""
        super().__init__(*args, **kwargs)
        self.on = on
        self.fields["evaluateur"].choices = team  # type: ignore[attr-defined]  # a choice field

    def clean_prevue_on(self) -> date:
        """Refuse a visit to come in the past or beyond a year, and one made that is to come."""
        day: date = self.cleaned_data["prevue_on"]
        if self.cleaned_data.get("faite"):
            if not APA_START <= day <= self.on:
                raise forms.ValidationError("La visite a eu lieu aujourd’hui ou avant.")
        elif APA_START <= day < self.on:
            raise forms.ValidationError(
                "Ce jour est passé : si la visite a déjà eu lieu, cochez la case."
            )
        elif not self.on <= day <= self.on + A_YEAR:
            raise forms.ValidationError("Choisissez un jour à partir d’aujourd’hui, sous un an.")
        return day


class AdverbesField(forms.MultipleChoiceField):
    """One line of the grid: what the person does alone, or the statement that she does nothing."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "invalid_choice": "Réponse inconnue : seuls S, T, H, C et « ne fait pas » existent.",
        "required": "Ligne à compléter.",
    }

    def clean(self, value: Any) -> str:  # noqa: ANN401 -- Django types it loosely
        """Give four digits S T H C; the statement that she does nothing excludes the others."""
        answers = set(super().clean(value))
        if NOTHING in answers and len(answers) > 1:
            raise forms.ValidationError("Choisissez « ne fait pas » ou des adverbes, pas les deux.")
        return "".join("1" if letter in answers else "0" for letter in LETTERS)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the grid as the screen shows it."""

    name: str
    label: str
    variable: str
    first: bool
    ticked: frozenset[str]
    letter: str
    errors: list[str]


class GrilleForm(forms.Form):
    """The seventeen lines of the grid, its day, what the team observed."""

    jeton = token_field()
    faite_on = day_field(
        "Date de la visite",
        help_text="La grille se rattache à la visite de ce jour-là ; à défaut, à celle qui est "
        "prévue.",
    )
    autre_visite = forms.BooleanField(
        label="Autre visite\u00a0: la personne a été revue ce jour-là", required=False
    )
    observations = text_field(
        "Observations de l’équipe",
        help_text="Lues par l’équipe médico-sociale seule. Pas de diagnostic.",
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        """Add one field per line of the grid."""
        super().__init__(*args, **kwargs)
        self.on = on
        choices = [*zip(LETTERS, ADVERBES, strict=True), (NOTHING, "ne fait pas")]
        for entree in ENTREES:
            self.fields[entree] = AdverbesField(label=SOUS_VARIABLES[entree], choices=choices)
        for name, label in ILLUSTRATIVES.items():
            self.fields[f"illustrative.{name}"] = forms.ChoiceField(
                label=label,
                required=False,
                choices=LETTRES,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Réponse inconnue : A, B, C, ou rien."},
            )
        for name, (label, help_text) in BESOINS.items():
            self.fields[name] = text_field(label, help_text=help_text)

    def clean_faite_on(self) -> date:
        """Refuse a visit of tomorrow, or older than the allowance."""
        day: date = self.cleaned_data["faite_on"]
        if not APA_START <= day <= self.on:
            raise forms.ValidationError("La visite a eu lieu aujourd’hui ou avant.")
        return day

    @property
    def adverbes(self) -> dict[str, str]:
        """Give the lines that are filled and readable, in digits."""
        return {e: self.cleaned_data[e] for e in ENTREES if e in self.cleaned_data}

    @property
    def constat(self) -> Constat:
        """Give what does not weigh on the GIR, as the act takes it."""
        data = self.cleaned_data
        letters = {name: data.get(f"illustrative.{name}", "") for name in ILLUSTRATIVES}
        return Constat(
            illustratives={name: letter for name, letter in letters.items() if letter},
            observations=data["observations"],
            besoins=Besoins(**{name: data[name] for name in BESOINS}),
        )

    def illustratives(self) -> list[forms.BoundField]:
        """List the fields of the illustrative variables."""
        return [self[f"illustrative.{name}"] for name in ILLUSTRATIVES]

    def besoins(self) -> list[forms.BoundField]:
        """List the fields of what the visit found beside the grid."""
        return [self[name] for name in BESOINS]

    def rows(self) -> Iterator[Row]:
        """Yield the lines of the screen, with what is ticked and the letter reached."""
        before = ""
        errors = self.errors if self.is_bound else {}
        filled = self.adverbes if self.is_bound else {}
        for entree in ENTREES:
            variable = entree.split(".")[0]
            yield Row(
                name=entree,
                label=SOUS_VARIABLES[entree],
                variable=libelle(variable),
                first=variable != before,
                ticked=frozenset(self.data.getlist(entree)) if self.is_bound else frozenset(),  # type: ignore[attr-defined]  # a QueryDict
                letter=modalite(filled[entree]) if entree in filled else "",
                errors=[str(error) for error in errors.get(entree, [])],
            )
            before = variable


class CompteRenduForm(forms.Form):
    """The advice that the report of a visit carries."""

    conseils = text_field("Conseils", help_text=BESOINS["conseils"][1], required=True)


def letters_so_far(adverbes: dict[str, str], *, on: date) -> list[tuple[str, str]]:
    """Give each variable of the grid with its letter, or nothing while a line of it is missing."""
    found = []
    for variable in dict.fromkeys(entree.split(".")[0] for entree in ENTREES):
        lines = [e for e in ENTREES if e.split(".")[0] == variable]
        if all(e in adverbes for e in lines):
            letters = "".join(modalite(adverbes[e]) for e in lines)
            found.append((libelle(variable), combine(variable, lettres=letters, on=on)))
        else:
            found.append((libelle(variable), ""))
    return found
