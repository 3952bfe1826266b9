"""The relatives who help: added, corrected, taken away, by instruction or during a visit."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from egide.kernel.access.views import AgentRequest, view
from egide.kernel.refus import ActeRefuse
from egide.systems.apa_ash.forms.personnes import AidantForm
from egide.systems.apa_ash.presentation import dossier_context
from egide.systems.apa_ash.purposes import EVALUATION, INSTRUCTION
from egide.systems.apa_ash.queries.dossier import open_dossier
from egide.systems.apa_ash.queries.personnes import read_aidant
from egide.systems.apa_ash.services import personnes as services

FROM_INSTRUCTION = "apa_ash:personne"
FROM_EVALUATION = "apa_ash:evaluation_dossier"


def _page(
    request: AgentRequest, pk: UUID, form: AidantForm, *, titre: str, back: str
) -> HttpResponse:
    context = dossier_context(request.passage, open_dossier(request.passage, pk), tab="situation")
    context |= {"form": form, "titre": titre, "back_url": reverse(back, args=[pk])}
    status = 422 if form.errors else 200
    return render(request, "apa_ash/personnes/aidant.html", context, status=status)


def _edit(request: AgentRequest, pk: UUID, aidant: UUID, *, back: str) -> HttpResponse:
    """Serve the correction of a relative, under the purpose of the caller."""
    row = read_aidant(request.passage, dossier_id=pk, pk=aidant)
    names = [name for name in AidantForm.base_fields if name != "jeton"]
    initial = {"jeton": row.pk} | {name: getattr(row, name) for name in names}
    form = AidantForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in names}
        services.update_aidant(request.passage, dossier_id=pk, pk=aidant, **typed)
        messages.success(request, "Aidant modifié.")
        return redirect(back, pk=pk)
    return _page(request, pk, form, titre="Modifier un aidant", back=back)


def _remove(request: AgentRequest, pk: UUID, aidant: UUID, *, back: str) -> HttpResponse:
    try:
        services.remove_aidant(request.passage, dossier_id=pk, pk=aidant)
    except ActeRefuse as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Aidant retiré.")
    return redirect(back, pk=pk)


@view("GET", "POST", purpose=EVALUATION, verb="ajouter un aidant")
def evaluation_aidant_nouveau(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Add a relative met during a visit."""
    form = AidantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.add_aidant(request.passage, dossier_id=pk, **form.cleaned_data)
        messages.success(request, "Aidant ajouté.")
        return redirect(FROM_EVALUATION, pk=pk)
    return _page(request, pk, form, titre="Ajouter un aidant", back=FROM_EVALUATION)


@view("GET", "POST", purpose=EVALUATION, verb="modifier un aidant")
def evaluation_aidant(request: AgentRequest, pk: UUID, aidant: UUID) -> HttpResponse:
    """Let the team correct a relative."""
    return _edit(request, pk, aidant, back=FROM_EVALUATION)


@view("POST", purpose=EVALUATION, verb="retirer un aidant")
def evaluation_aidant_retirer(request: AgentRequest, pk: UUID, aidant: UUID) -> HttpResponse:
    """Let the team take a relative away."""
    return _remove(request, pk, aidant, back=FROM_EVALUATION)


@view("GET", "POST", purpose=INSTRUCTION, verb="modifier un aidant")
def aidant_modifier(request: AgentRequest, pk: UUID, aidant: UUID) -> HttpResponse:
    """Let instruction correct a relative."""
    return _edit(request, pk, aidant, back=FROM_INSTRUCTION)


@view("POST", purpose=INSTRUCTION, verb="retirer un aidant")
def aidant_retirer(request: AgentRequest, pk: UUID, aidant: UUID) -> HttpResponse:
    """Let instruction take a relative away."""
    return _remove(request, pk, aidant, back=FROM_INSTRUCTION)


EVALUATED = "evaluation/dossiers/<uuid:pk>/aidants"
INSTRUCTED = "instruction/dossiers/<uuid:pk>/aidants"

urlpatterns = [
    path(f"{EVALUATED}/nouveau", evaluation_aidant_nouveau, name="evaluation_aidant_nouveau"),
    path(f"{EVALUATED}/<uuid:aidant>", evaluation_aidant, name="evaluation_aidant"),
    path(
        f"{EVALUATED}/<uuid:aidant>/retirer",
        evaluation_aidant_retirer,
        name="evaluation_aidant_retirer",
    ),
    path(f"{INSTRUCTED}/<uuid:aidant>", aidant_modifier, name="aidant"),
    path(f"{INSTRUCTED}/<uuid:aidant>/retirer", aidant_retirer, name="aidant_retirer"),
]
