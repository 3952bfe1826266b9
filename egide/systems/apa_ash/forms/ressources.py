"""Form of the resources: one amount by nature and person, the property, the source."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from egide.rules.apa.ressources import COMPTEES, EVENEMENTS, Patrimoine
from egide.systems.apa_ash.forms.champs import APA_START, Jour, Montant, Saisi, check_past
from egide.systems.apa_ash.models.ressources import (
    LigneRessource,
    Ressources,
    SourceRessources,
)
from egide.systems.apa_ash.services.ressources import (
    Foyer,
    Neutralisation,
    find_incoherence,
)

# The DGFiP is no choice: it answers through its connector, under LPF L. 153 A.
SOURCES = [(s.value, s.label) for s in (SourceRessources.AVIS, SourceRessources.DECLARATION)]
PATRIMOINE = {
    "valeur_locative_bati": "Valeur locative des biens bâtis ni loués ni occupés",
    "valeur_locative_non_bati": "Valeur locative des terrains ni loués ni exploités",
    "capital_non_place": "Capitaux ni exploités ni placés, assurance-vie comprise",
}
WHO = {False: "demandeur_", True: "conjoint_"}
ZERO = Decimal(0)


class RessourcesForm(Saisi):
    """The household as it declares itself."""

    source = forms.ChoiceField(
        label="Source",
        choices=[("", "Choisir…"), *SOURCES],
        error_messages={"required": "Indiquez d’où viennent les montants."},
    )
    recueillies_on = Jour(label="Recueillies le")
    couple = forms.BooleanField(
        label="La personne vit en couple (mariage, PACS ou concubinage)", required=False
    )
    evenement = forms.ChoiceField(
        label="Événement qui change les ressources",
        choices=[("", "Aucun"), *EVENEMENTS.items()],
        required=False,
        help_text="Saisissez alors les ressources d’après l’événement (CASF R. 232-6).",
    )
    evenement_on = Jour(label="Date de l’événement", required=False)

    def __init__(
        self, *args: Any, on: date, annee: int, former: Ressources | None, **options: Any
    ) -> None:
        """Add one amount for each nature that counts, and each person."""
        super().__init__(*args, **options)
        self.on, self.annee, self.former = on, annee, former
        self.fields["recueillies_on"].initial = on
        for nature, label in COMPTEES.items():
            for who, person in (("demandeur", "la personne"), ("conjoint", "le conjoint")):
                self.fields[f"{who}_{nature}"] = Montant(label=f"{label}, {person}", required=False)
        for nature, label in PATRIMOINE.items():
            self.fields[nature] = Montant(label=label, required=False)

    def clean_recueillies_on(self) -> date:
        """Refuse a day still to come."""
        return check_past(
            self.cleaned_data["recueillies_on"], on=self.on, first=APA_START, nom="Cette date"
        )

    def clean(self) -> dict[str, Any]:
        """Check what depends on two answers."""
        data = super().clean() or self.cleaned_data
        if data.get("evenement") and not data.get("evenement_on"):
            self.add_error("evenement_on", "Indiquez la date de l’événement.")
        if data.get("evenement_on") and data["evenement_on"] > self.on:
            self.add_error("evenement_on", "Cette date est dans l’avenir : vérifiez l’année.")
        if not data.get("couple"):
            for nature in COMPTEES:
                if data.get(f"conjoint_{nature}"):
                    self.add_error(
                        f"conjoint_{nature}", "Cochez la vie en couple, ou videz ce montant."
                    )
        if not self.errors:
            wrong = find_incoherence(self.foyer(), annee=self.annee, former=self.former)
            if wrong:
                self.add_error(*wrong)
        return data

    @staticmethod
    def propose(*, former: Ressources, lignes: Iterable[LigneRessource]) -> dict[str, Any]:
        """Give the last values again, to be corrected rather than typed anew."""
        values: dict[str, Any] = {"source": former.source, "couple": former.couple}
        for ligne in lignes:
            who = "" if ligne.nature in PATRIMOINE else WHO[ligne.conjoint]
            values[f"{who}{ligne.nature}"] = ligne.montant_annuel
        return values

    def amounts(self) -> list[tuple[str, BoundField, BoundField]]:
        """Give the two amounts of each nature, for a table."""
        return [
            (label, self[f"demandeur_{nature}"], self[f"conjoint_{nature}"])
            for nature, label in COMPTEES.items()
        ]

    def property_fields(self) -> list[BoundField]:
        """Give the amounts of dormant property."""
        return [self[nature] for nature in PATRIMOINE]

    def foyer(self) -> Foyer:
        """Give what was typed."""
        data = self.cleaned_data
        return Foyer(
            couple=data["couple"],
            source=data["source"],
            recueillies_on=data["recueillies_on"],
            demandeur=self._of("demandeur"),
            conjoint=self._of("conjoint"),
            patrimoine=Patrimoine(**{nature: data[nature] or ZERO for nature in PATRIMOINE}),
            neutralisation=(
                Neutralisation(evenement=data["evenement"], on=data["evenement_on"])
                if data["evenement"]
                else None
            ),
        )

    def _of(self, who: str) -> dict[str, Decimal]:
        return {nature: self.cleaned_data[f"{who}_{nature}"] or ZERO for nature in COMPTEES}
