"""The gallery: every component on one page, with the data of a plausible file."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.template import engines

TODAY = date(2026, 11, 22)
PAGE = Path(__file__).with_name("gallery.html")


class RessourcesForm(forms.Form):
    """One field of each nature."""

    pension = forms.DecimalField(
        label="Pensions par an",
        help_text="Avant abattement, en euros.",
        widget=forms.TextInput(attrs={"class": "n", "inputmode": "decimal"}),
    )
    foyer = forms.ChoiceField(
        label="Situation de famille", choices=[("", "Choisir"), ("seul", "Vit seule")]
    )
    source = forms.ChoiceField(
        label="Source",
        widget=forms.RadioSelect,
        choices=[("avis", "Avis d’imposition"), ("dgfip", "Administration fiscale")],
        help_text="Ce qui prouve le montant.",
    )
    note = forms.CharField(
        label="Précision", widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    atteste = forms.BooleanField(label="J’ai vu l’original de la pièce")


class FilterForm(forms.Form):
    """The bar above a list."""

    nom = forms.CharField(label="Nom", required=False)
    etat = forms.ChoiceField(label="État", choices=[("", "Tous"), ("attente", "En attente")])


def _euros(text: str) -> str:
    return f"{text}\u00a0€"


def frame() -> dict[str, object]:
    """Give what every page of the house knows."""
    return {
        "organisme": SimpleNamespace(nom="Département de démonstration"),
        "finalite": "instruction",
        "agent": SimpleNamespace(nom_complet="Anne Martin"),
        "nav": [
            {"label": "Ma journée", "url": "/", "current": False, "badge": 7},
            {"label": "Dossiers", "url": "/dossiers/", "current": True},
            {"label": "Paiements", "url": "/paiements/", "current": False},
            {"label": "Contrôle", "url": "/controle/", "current": False},
            {"label": "Revalorisation", "url": "/revalorisation/", "current": False},
        ],
        "crumbs": [("Dossiers", "/dossiers/"), ("Mme Jeanne Lefèvre", "")],
        "foot": [("Conformité", "/conformite")],
        "csrf_token": "jeton",
    }


def context() -> dict[str, object]:
    """Give the data of every component."""
    form = RessourcesForm({"pension": "mille", "note": "", "foyer": ""}, auto_id="res_%s")
    return frame() | {
        "on": TODAY,
        "person": {
            "kind": "APA à domicile · dossier n° 2026-00417",
            "name": "Mme Jeanne Lefèvre",
            "facts": ["87 ans", "née le 14 mars 1939", "vit seule", "GIR 3"],
            "state": "wait",
            "state_label": "Proposition envoyée",
            "deadline": date(2026, 11, 28),
            "deadline_what": "Réponse de la personne",
            "deadline_exact": False,
            "procedure": "",
            "stops": [],
            "kept": "",
            "why_url": "/pourquoi",
            "who_url": "/qui",
        },
        "tabs": [
            (label, f"/{number}", label == "Plan d’aide")
            for number, label in enumerate(
                (
                    *("Situation", "Demande", "Ressources", "Évaluation", "Plan d’aide"),
                    *("Décision", "Paiements", "Courriers", "Journal"),
                )
            )
        ],
        "columns": [
            ("Aide", False),
            ("Service", False),
            ("Volume mensuel", True),
            ("Tarif", True),
            ("Montant", True),
        ],
        "rows": [
            ["Aide à la toilette et au lever", "SAAD Les Tilleuls", "22 h", "24,58 €", "540,76 €"],
            ["Aide aux repas", "SAAD Les Tilleuls", "15 h", "24,58 €", "368,70 €"],
            ["Portage de repas", "CCAS", "20 repas", "4,20 €", "84,00 €"],
        ],
        "total": ["Total du plan", "", "", "", "1\u202f013,36\u00a0€"],
        "plan": Decimal("1013.36"),
        "plafond": Decimal("1215.99"),
        "sums": [
            {"label": "Ressources mensuelles", "value": _euros("1\u202f500,00"), "weight": ""},
            {"label": "Taux de participation", "value": "13,54\u00a0%", "weight": ""},
            {"label": "À la charge de la personne", "value": _euros("137,23"), "weight": "big"},
            {"label": "APA versée", "value": _euros("876,13"), "weight": "big ok"},
        ],
        "sheet": [
            {
                "libelle": "Position des ressources",
                "formule": "x = (R − 0,725 S) / 1,945 S",
                "valeur": "0,2260",
                "source": "CASF R. 232-11",
            },
            {
                "libelle": "Tranche 1",
                "formule": "min(A ; 0,317 S)",
                "valeur": "408,34",
                "source": "",
            },
        ],
        "steps": [
            {"label": "Demande reçue", "detail": "12 oct.", "state": "done"},
            {"label": "Dossier complet", "detail": "19 oct.", "state": "done"},
            {"label": "Évaluation", "detail": "6 nov. · GIR 3", "state": "done"},
            {"label": "Proposition", "detail": "18 nov. · 10 jours", "state": "now"},
            {
                "label": "Décision",
                "detail": "avant le 19 déc.",
                "state": "late",
                "stopped_by": "attend la réponse",
            },
            {"label": "Premier paiement", "detail": "10 janv.", "state": "todo"},
        ],
        "filter": FilterForm(auto_id="filtre_%s"),
        "list_columns": [("Personne", False), ("État", False), ("Échéance", True)],
        "list_rows": [
            [
                {"text": "Mme Jeanne Lefèvre", "url": "/dossiers/1/"},
                {"text": "Proposition envoyée", "state": "wait"},
                "28 nov. 2026",
            ],
            [
                {"text": "M. Ali Ben Saïd", "url": "/dossiers/2/"},
                {"text": "En retard", "state": "stop"},
                "20 nov. 2026",
            ],
        ],
        "form": form,
        "running": {
            "id": "1",
            "label": "Revalorisation",
            "done": 320,
            "total": 1000,
            "state": "running",
            "detail": "320 dossiers sur 1 000",
        },
        "finished": {
            "id": "2",
            "label": "Aperçu des écarts",
            "done": 1000,
            "total": 1000,
            "state": "finished",
            "detail": "1 000 dossiers",
        },
        "messages": [],
    }


def render() -> str:
    """Render the gallery with the real templates."""
    template = engines["django"].from_string(PAGE.read_text(encoding="utf-8"))
    return template.render(context())
