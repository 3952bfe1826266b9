"""The person of a file: one screen, one form and one act for each volet."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash import nir
from egide.systems.apa_ash.forms import personnes as f
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.presentation.instruction import nir_context
from egide.systems.apa_ash.purposes import INSTRUCTION
from egide.systems.apa_ash.queries.doublons import list_same_nir, name_files
from egide.systems.apa_ash.queries.personnes import Personne, read_personne
from egide.systems.apa_ash.services import personnes as services


def _values(row: Any, form: type[forms.Form]) -> dict[str, Any]:  # noqa: ANN401 -- a row, or none
    return {name: getattr(row, name) for name in form.base_fields} if row else {}


def _conjoint(personne: Personne) -> dict[str, Any]:
    names = f.ConjointForm.base_fields
    row = personne.conjoint
    return {name: getattr(row, name.removeprefix("conjoint_")) for name in names} if row else {}


def _forms(personne: Personne, *, posted: Any, asked: str, on: Any) -> dict[str, forms.Form]:  # noqa: ANN401 -- a query dict and a day
    """Give the forms of the screen; the one that was sent holds what was typed."""

    def sent(name: str) -> Any:  # noqa: ANN401 -- a query dict
        return posted if asked == name else None

    identite = _values(personne.dossier.identite, f.EtatCivilForm)
    adresse = _values(personne.coordonnees, f.AdresseForm)
    protection = _values(personne.protection, f.ProtectionForm)
    return {
        "identite": f.EtatCivilForm(sent("identite"), on=on, prefix="identite", initial=identite),
        "adresse": f.AdresseForm(sent("adresse"), on=on, prefix="adresse", initial=adresse),
        "nir": f.NirForm(sent("nir"), on=on, prefix="nir", initial={"nir": personne.nir.nir}),
        "verification": f.VerificationForm(
            sent("verification"), on=on, prefix="verification", initial={"verifie_on": on}
        ),
        "protection": f.ProtectionForm(
            sent("protection"), on=on, prefix="protection", initial=protection
        ),
        "conjoint": f.ConjointForm(
            sent("conjoint"), on=on, prefix="conjoint", initial=_conjoint(personne)
        ),
        "aidant": f.AidantForm(sent("aidant"), prefix="aidant"),
    }


@view("GET", "POST", purpose=INSTRUCTION, verb="lire ou modifier la personne")
def personne(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the person, and change the volet whose form is sent."""
    passage = request.passage
    found = read_personne(passage, pk=pk)
    asked = request.POST.get("volet", "")
    shown = _forms(found, posted=request.POST, asked=asked, on=passage.on)
    form = shown.get(asked)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            messages.success(request, ACTS[asked](request, pk, form))
        except ActeRefuse as refusal:
            messages.error(request, str(refusal))
        return redirect("apa_ash:personne", pk=pk)
    identite = found.dossier.identite
    context = dossier_context(passage, found.dossier, tab="situation")
    context |= {
        "forms": shown,
        "asked": form,
        "aidants": found.aidants,
        "nir_warnings": nir.warnings(
            found.nir.nir, sexe=identite.sexe, naissance_on=identite.naissance_on
        ),
        **nir_context(found.nir),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "apa_ash/personnes/personne.html", context, status=status)


def _save_identite(request: AgentRequest, pk: UUID, form: Any) -> str:  # noqa: ANN401 -- its form
    services.update_identite(request.passage, dossier_id=pk, etat_civil=form.etat_civil())
    return "Identité enregistrée."


def _save_adresse(request: AgentRequest, pk: UUID, form: Any) -> str:  # noqa: ANN401 -- its form
    services.update_coordonnees(request.passage, dossier_id=pk, adresse=form.saisie_adresse())
    return "Coordonnées enregistrées."


MEME_PERSONNE = "Une nouvelle demande s’enregistre dans le dossier rejeté ou clos de la personne."


def _save_nir(request: AgentRequest, pk: UUID, form: Any) -> str:  # noqa: ANN401 -- its form
    services.declare_nir(request.passage, dossier_id=pk, nir=form.cleaned_data["nir"])
    _warn_of_same_nir(request, pk)
    return "Numéro enregistré. Il reste à vérifier."


def _save_verification(request: AgentRequest, pk: UUID, form: Any) -> str:  # noqa: ANN401 -- its form
    data = form.cleaned_data
    try:
        services.verify_nir(
            request.passage,
            dossier_id=pk,
            source=data["source"],
            on=data["verifie_on"],
            conforme=data["conforme"],
        )
    except services.NirDejaCertifie as refusal:
        found = list_same_nir(request.passage, dossier_id=pk)
        where = f"{str(refusal).removesuffix('.')}\u00a0: {name_files(found)}. {MEME_PERSONNE}"
        raise services.NirDejaCertifie(where) from refusal
    if data["conforme"]:
        _warn_of_same_nir(request, pk)
    return "Vérification enregistrée."


def _warn_of_same_nir(request: AgentRequest, pk: UUID) -> None:
    if found := list_same_nir(request.passage, dossier_id=pk):
        messages.warning(
            request,
            f"Ce NIR est aussi celui d’un autre dossier du département\u00a0: {name_files(found)}. "
            f"Vérifiez qu’une même personne n’est pas suivie deux fois. {MEME_PERSONNE}",
        )


def _save_protection(request: AgentRequest, pk: UUID, form: Any) -> str:  # noqa: ANN401 -- its form
    services.set_protection(request.passage, dossier_id=pk, mandataire=form.mandataire())
    return "Protection enregistrée."


def _save_conjoint(request: AgentRequest, pk: UUID, form: Any) -> str:  # noqa: ANN401 -- its form
    services.set_conjoint(request.passage, dossier_id=pk, conjoint=form.conjoint())
    return "Vie en couple enregistrée. Établissez de nouveau les ressources : elles en dépendent."


def _save_aidant(request: AgentRequest, pk: UUID, form: Any) -> str:  # noqa: ANN401 -- its form
    services.add_aidant(request.passage, dossier_id=pk, **form.cleaned_data)
    return "Aidant ajouté."


ACTS: dict[str, Callable[[AgentRequest, UUID, Any], str]] = {
    "identite": _save_identite,
    "adresse": _save_adresse,
    "nir": _save_nir,
    "verification": _save_verification,
    "protection": _save_protection,
    "conjoint": _save_conjoint,
    "aidant": _save_aidant,
}

urlpatterns = [
    path("instruction/dossiers/<uuid:pk>/personne", personne, name="personne"),
]
