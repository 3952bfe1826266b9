"""Resources of a file: what is in force, what came before, and a new statement of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel import notation
from egide.kernel.access.views import AgentRequest, view
from egide.rules.apa.ressources import COMPTEES, EXCLUES, annee_reference
from egide.systems.apa_ash.forms.ressources import PATRIMOINE, RessourcesForm
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.instruction import source_label
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.decision import EN_INSTRUCTION
from egide.systems.apa_ash.queries.demandes import current_demande
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.personnes import find_conjoint
from egide.systems.apa_ash.queries.ressources import (
    differs,
    find_droit_ouvert,
    list_lignes,
    list_ressources,
)
from egide.systems.apa_ash.services.ressources import (
    Calcul,
    CoupleContredit,
    EvenementSansConjoint,
    Foyer,
    FoyerIncoherent,
    compute_foyer,
    record_ressources,
)

NATURES = {**COMPTEES, **PATRIMOINE}
LINES = [("Nature", False), ("Personne", False), ("Déclaré par an", True), ("Retenu", True)]
HISTORY = [
    ("Recueillies le", False),
    ("Année", True),
    ("Source", False),
    ("Retenues par mois", True),
    ("En vigueur", False),
]


@view("GET", "POST", purpose=INSTRUCTION, verb="lire ou établir les ressources")
def ressources(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the resources in force, and record new ones."""
    passage = request.passage
    dossier = open_dossier(passage, pk)
    demande = current_demande(passage, dossier=dossier)
    conjoint = find_conjoint(passage, dossier=dossier)
    known = list_ressources(passage, dossier=dossier)
    current = known[0] if known and known[0].en_vigueur else None
    lignes = list_lignes(passage, ressources=current) if current else []
    initial = RessourcesForm.propose(former=current, lignes=lignes) if current else {}
    form = RessourcesForm(
        request.POST if request.method == "POST" else None,
        on=passage.on,
        annee=annee_reference(demande.recue_on),
        former=current,
        initial=initial | {"couple": conjoint is not None},
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = record_ressources(
                passage, jeton=form.cleaned_data["jeton"], dossier_id=pk, foyer=form.foyer()
            )
        except (CoupleContredit, FoyerIncoherent) as refusal:
            form.add_error("couple", str(refusal))
        except EvenementSansConjoint as refusal:
            form.add_error("evenement", str(refusal))
        else:
            messages.success(
                request,
                f"Ressources retenues : {notation.euros(row.ressources_mensuelles)} par mois.",
            )
            return redirect("apa_ash:ressources", pk=pk)
    droit = find_droit_ouvert(passage, dossier=dossier)
    context = dossier_context(passage, dossier, tab="ressources")
    context |= {
        "form": form,
        "annee": form.annee,
        "demande_on": demande.recue_on,
        "excluded": list(EXCLUES.values()),
        "current": current,
        "avant": next((row for row in known if current and row.pk == current.avant_id), None),
        "en_instruction": dossier.etat in EN_INSTRUCTION,
        "droit": droit if current and droit and differs(droit, ressources=current) else None,
        "conjoint": conjoint,
        "current_source": source_label(current.source) if current else "",
        "columns": LINES,
        "rows": [_line(row) for row in lignes],
        "history_columns": HISTORY,
        "history": [_past(row) for row in known],
        "calcul_url": reverse("apa_ash:ressources_calcul", args=[pk]),
    }
    status = 422 if form.errors else 200
    return render(request, "apa_ash/ressources/ressources.html", context, status=status)


@view("POST", purpose=INSTRUCTION, verb="simuler les ressources")
def ressources_calcul(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Count what is typed so far, without recording anything."""
    dossier = open_dossier(request.passage, pk)
    demande = current_demande(request.passage, dossier=dossier)
    known = list_ressources(request.passage, dossier=dossier)
    form = RessourcesForm(
        request.POST,
        on=request.passage.on,
        annee=annee_reference(demande.recue_on),
        former=next((row for row in known if row.en_vigueur), None),
    )
    form.fields["source"].required = False
    found: Calcul | None = None
    if form.is_valid():
        foyer: Foyer = form.foyer()
        found = compute_foyer(foyer, demande_on=demande.recue_on)
    return render(request, "apa_ash/ressources/total.html", {"calcul": _sheet(found), "form": form})


def _sheet(calcul: Calcul | None) -> dict[str, Any]:
    if calcul is None:
        return {}
    return {
        "sums": [
            {"label": "Ressources de l’année", "value": notation.euros(calcul.annuelles)},
            {
                "label": "Retenues par mois",
                "value": notation.euros(calcul.mensuelles),
                "weight": "big",
            },
        ],
        "sheet": [
            {
                "libelle": NATURES[line.nature],
                "formule": "conjoint" if line.conjoint else "",
                "valeur": notation.euros(line.retenu),
                "source": "CASF R. 132-1" if line.nature in PATRIMOINE else "CASF R. 232-5",
            }
            for line in calcul.lignes
        ],
    }


def _line(row: Any) -> list[str]:  # noqa: ANN401 -- a row of the query
    return [
        NATURES.get(row.nature, row.nature),
        "Conjoint" if row.conjoint else "Personne",
        notation.euros(row.montant_annuel),
        notation.euros(row.montant_retenu),
    ]


def _past(row: Any) -> list[Any]:  # noqa: ANN401 -- a row of the query
    return [
        notation.jour(row.recueillies_on),
        str(row.annee_reference),
        source_label(row.source),
        notation.euros(row.ressources_mensuelles),
        {"text": "En vigueur", "state": "ok"} if row.en_vigueur else "Remplacées",
    ]


urlpatterns = [
    path("instruction/dossiers/<uuid:pk>/ressources", ressources, name="ressources"),
    path(
        "instruction/dossiers/<uuid:pk>/ressources/calcul",
        ressources_calcul,
        name="ressources_calcul",
    ),
]
